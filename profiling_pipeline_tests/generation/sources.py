"""Small sources in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import ibis
import pyarrow as pa

from profiling_pipeline.sources.model import OpenSource


@contextmanager
def a_source(data: pa.Table) -> Iterator[OpenSource]:
    """The table's rows as an opened source on DuckDB."""
    connection = ibis.duckdb.connect()
    try:
        yield OpenSource("test", connection.create_table("data", data), connection, "duckdb", {})
    finally:
        connection.disconnect()
