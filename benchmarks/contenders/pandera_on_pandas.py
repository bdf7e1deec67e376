"""Pandera's own `validate(lazy=True)` on a pandas frame, with its built-in checks."""

import pandas as pd
import pandera.pandas as pa

from benchmarks.cases import Case
from benchmarks.contenders import Check
from benchmarks.contenders.pandas_frame import load, typed
from benchmarks.contenders.pandera_schema import columns, validated


def prepare(case: Case) -> Check:
    frame = load(case)
    across = [
        pa.Check(lambda data, sql=rule.sql: data.eval(sql), name=rule.name)
        for rule in case.rules
        if rule.check == "expression"
    ]
    schema = pa.DataFrameSchema(columns(pa, case.rules, typed), checks=across)
    return lambda: validated(schema, frame, case.rules, lambda error: _failed(error.check_output))


def _failed(output: pd.Series) -> int:
    return int((~output.astype(bool)).sum())
