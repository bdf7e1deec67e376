"""Pandera's own `validate(lazy=True)` on a Polars frame, with its built-in checks."""

import pandera.polars as pa
import polars as pl

from benchmarks.cases import Case
from benchmarks.contenders import Check
from benchmarks.contenders.pandera_schema import columns, validated
from benchmarks.contenders.polars_by_hand import scan
from benchmarks.rules import typed


def prepare(case: Case) -> Check:
    frame = scan(case).collect()
    across = [
        pa.Check(lambda data, sql=rule.sql: data.lazyframe.select(pl.sql_expr(sql)), name=rule.name)
        for rule in case.rules
        if rule.check == "expression"
    ]
    schema = pa.DataFrameSchema(columns(pa, case.rules, typed), checks=across)
    return lambda: validated(schema, frame, case.rules, lambda error: len(error.failure_cases))
