"""Pandera's own `validate(lazy=True)` on a DuckDB table through Ibis, with its built-in checks."""

import ibis
import ibis.backends.duckdb  # what would be imported on first use, as of the project
import pandera.backends.ibis.builtin_checks  # noqa: F401
import pandera.ibis as pa

from benchmarks.cases import Case
from benchmarks.contenders import Check
from benchmarks.contenders.pandera_schema import columns, validated
from benchmarks.rules import BenchmarkRule, typed


def prepare(case: Case) -> Check:
    connection = ibis.duckdb.connect(memory_limit="4GB")
    if case.file.suffix == ".csv":
        table = connection.create_table("data", connection.read_csv(case.file))
    else:
        table = connection.read_parquet(case.file)
    across = [_across(rule) for rule in case.rules if rule.check == "expression"]
    schema = pa.DataFrameSchema(columns(pa, case.rules, typed), checks=across)
    return lambda: validated(schema, table, case.rules, lambda error: len(error.failure_cases))


def _across(rule: BenchmarkRule) -> pa.Check:
    """Return the check of a rule such as `a < b` or `a + b < 0.2`."""
    left, right = rule.sql.split(" < ")
    first, *second = left.split(" + ")

    def holds(data):  # type: ignore[no-untyped-def]  # Pandera's Ibis data
        value = data.table[first] + data.table[second[0]] if second else data.table[first]
        return value < (float(right) if second else data.table[right])

    return pa.Check(holds, name=rule.name)
