"""One DuckDB query that counts tested and passing rows, as a person would write it."""

import duckdb

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts

MEMORY_LIMIT = "4GB"


def connect(case: Case) -> duckdb.DuckDBPyConnection:
    """Return a connection with the file as the view `data`, a CSV file loaded as a table."""
    spill = str(case.file.parent / "spill")
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill})
    if case.file.suffix == ".csv":
        connection.execute(f"CREATE TABLE data AS FROM read_csv('{case.file}')")
    else:
        connection.execute(f"CREATE VIEW data AS FROM read_parquet('{case.file}')")
    return connection


def prepare(case: Case) -> Check:
    connection = connect(case)
    counted = ", ".join(f"count({rule.sql}), count_if({rule.sql})" for rule in case.rules)

    def check() -> Counts:
        answer = connection.execute(f"SELECT {counted} FROM data").fetchone() or ()
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return {rule.name: tested - passed for rule, (tested, passed) in zip(case.rules, pairs, strict=True)}

    return check
