"""What a process that checks a Parquet file need not hold in memory."""

import subprocess
import sys
from pathlib import Path

import duckdb

PROGRAM = """
import sys
from pathlib import Path
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.opening import open_source

folder = Path(sys.argv[1])
location = FileLocation(folder / "loans.parquet")
rules = [Rule("known", "state", "isin", {"allowed_values": ["open"]}), Rule("new", "state", "unique")]
with open_source(location, allowed_folders=None, memory_limit="1GB", spill_folder=folder / "spill") as source:
    outcomes = execute_rules(rules, source, observes_columns=True).outcomes
print([(outcome.failed, outcome.error) for outcome in outcomes])
print(sorted({"numpy", "pandas", "pandera", "psycopg", "pyarrow", "pyspark", "sqlalchemy"} & set(sys.modules)))
"""


def test_a_parquet_file_is_checked_without_pandas_arrow_and_drivers_of_databases(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT unnest(['open', 'open', 'closed']) AS state) TO '{tmp_path}/loans.parquet'")

    said = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path], capture_output=True, text=True, check=True)

    assert said.stdout.splitlines() == ["[(1, None), (2, None)]", "[]"]
