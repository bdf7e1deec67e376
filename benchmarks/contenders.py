"""One way to count the rows that pass and fail each rule, run in a process of its own.

Prints one JSON object: the seconds of each round by the clock and of all cores together, the counts, and the process's
peak memory. Opening the file (and for pandas, loading it) is not in the time.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from benchmarks.rules import COLUMN_RULES, CROSS_COLUMN_RULES, RULES

Counts = dict[str, int]
Round = Callable[[], Counts]
MEMORY_LIMIT = "4GB"


@contextmanager
def hand_written(file: Path) -> Iterator[Round]:
    """One DuckDB query that counts tested and passing rows, as a person would write it."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT})
    connection.execute(f"CREATE VIEW lineitem AS FROM read_parquet('{file}')")
    counted = ", ".join(f"count({rule.sql}), count_if({rule.sql})" for rule in RULES)

    def count() -> Counts:
        answer = connection.execute(f"SELECT count(*), {counted} FROM lineitem").fetchone() or ()
        pairs = zip(answer[1::2], answer[2::2], strict=True)
        return {rule.name: tested - passed for rule, (tested, passed) in zip(RULES, pairs, strict=True)}

    yield count


@contextmanager
def fused(file: Path, sample_rows: int = 0) -> Iterator[Round]:
    """The project's own execution: rules bound, checks made, fused, run."""
    from profiling_pipeline.execution.runner import execute_rules
    from profiling_pipeline.sources.location import FileLocation
    from profiling_pipeline.sources.opening import open_source

    rules = [rule.as_rule() for rule in RULES]
    with (
        TemporaryDirectory() as spill,
        open_source(
            FileLocation(file), allowed_folders=None, memory_limit=MEMORY_LIMIT, spill_folder=Path(spill)
        ) as source,
    ):

        def count() -> Counts:
            report = execute_rules(rules, source, sample_rows=sample_rows)
            wrong = [outcome.error for outcome in report.outcomes if outcome.error]
            if wrong:
                raise SystemExit(wrong[0])
            return {outcome.rule.name: outcome.failed for outcome in report.outcomes}

        yield count


@contextmanager
def fused_with_samples(file: Path) -> Iterator[Round]:
    """The same, with 20 failing rows and the 10 most frequent failing values of each rule that fails."""
    with fused(file, sample_rows=20) as count:
        yield count


@contextmanager
def pandera_pandas(file: Path) -> Iterator[Round]:
    """Pandera's own `validate(lazy=True)` on a pandas frame with numpy numbers."""
    import pandera.pandas as pa
    import pyarrow as arrow
    from pyarrow import parquet

    table = parquet.read_table(file)
    for position, field in enumerate(table.schema):
        if arrow.types.is_decimal(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(arrow.float64()))
    frame = table.to_pandas(date_as_object=False)
    del table
    across = [
        pa.Check(lambda f: f["l_shipdate"] < f["l_receiptdate"], name=CROSS_COLUMN_RULES[0].name),
        pa.Check(lambda f: f["l_discount"] + f["l_tax"] < 0.175, name=CROSS_COLUMN_RULES[1].name),
    ]
    schema = pa.DataFrameSchema(_columns(pa, "datetime64"), checks=across)
    yield lambda: _validated(schema, frame)


@contextmanager
def pandera_ibis(file: Path) -> Iterator[Round]:
    """Pandera's own `validate(lazy=True)` on the same DuckDB table through Ibis."""
    import ibis
    import pandera.ibis as pa

    table = ibis.duckdb.connect(memory_limit=MEMORY_LIMIT).read_parquet(file)
    across = [
        pa.Check(lambda d: d.table["l_shipdate"] < d.table["l_receiptdate"], name=CROSS_COLUMN_RULES[0].name),
        pa.Check(lambda d: d.table["l_discount"] + d.table["l_tax"] < 0.175, name=CROSS_COLUMN_RULES[1].name),
    ]
    schema = pa.DataFrameSchema(_columns(pa, "date"), checks=across)
    yield lambda: _validated(schema, table)


def _columns(pa: Any, dates: str) -> dict[str, Any]:
    """Return Pandera columns with its built-in checks, of which the project's have names and parameters."""
    columns: dict[str, Any] = {}
    for rule in COLUMN_RULES:
        column = columns.setdefault(rule.column, pa.Column(nullable=True))
        if rule.check == "not_null":
            column.nullable = False
        else:
            parameters = {name: _typed(value, dates) for name, value in rule.parameters.items()}
            column.checks.append(getattr(pa.Check, rule.check)(**parameters, name=rule.name))
    return columns


def _typed(value: Any, dates: str) -> Any:
    if isinstance(value, str) and value[:2] == "19":
        import pandas as pd

        return pd.Timestamp(value) if dates == "datetime64" else date.fromisoformat(value)
    return value


def _validated(schema: Any, data: Any) -> Counts:
    import pandas as pd
    from pandera.errors import SchemaErrors

    counts = {rule.name: 0 for rule in RULES}
    try:
        schema.validate(data, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            if error.check is None or error.check.name not in counts:
                raise
            # Pandas has the outcome of each row; Ibis's is lazy, but its failing rows have been collected.
            is_collected = isinstance(error.check_output, pd.Series)
            counts[error.check.name] = int((~error.check_output).sum() if is_collected else len(error.failure_cases))
    return counts


CONTENDERS: dict[str, Callable[[Path], Any]] = {
    "hand-written": hand_written,
    "fused": fused,
    "fused-with-samples": fused_with_samples,
    "pandera-ibis": pandera_ibis,
    "pandera-pandas": pandera_pandas,
}


def main() -> None:
    name, file, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    seconds, cpu_seconds = [], []
    with CONTENDERS[name](file) as count:
        for _ in range(rounds):
            started, cpu_started = perf_counter(), process_time()
            counts = count()
            seconds.append(perf_counter() - started)
            cpu_seconds.append(process_time() - cpu_started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "counts": counts, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
