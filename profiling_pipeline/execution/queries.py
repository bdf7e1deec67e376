"""Asking the engine where the data lives, and saying what went wrong in words."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import duckdb
import ibis.expr.types as ir

from profiling_pipeline.errors import SourceUnavailableError, is_interruption
from profiling_pipeline.sources.answers import answers, arrow_batches, first_line
from profiling_pipeline.sources.model import OpenSource

if TYPE_CHECKING:
    import pyarrow as pa

# What Spark says when it was stopped, its server does not answer, or a file has gone.
_SPARK_IS_GONE = ("stopped SparkContext", "SparkContext was shut down", "StatusCode.UNAVAILABLE", "FILE_NOT_EXIST")


@contextmanager
def one_snapshot(source: OpenSource) -> Iterator[None]:
    """Let all queries of the block see the same rows, whatever others write meanwhile.

    Raises:
        SourceUnavailableError: The data's server has stopped answering, or its file can no longer be read.
    """
    with _readable(source), _transaction(source):
        yield


def rows_of(source: OpenSource, query: ir.Table) -> list[dict[str, Any]]:
    """Run a query and return its rows as plain Python values.

    Raises:
        SourceUnavailableError: The data's server has stopped answering, or its file can no longer be read.
    """
    with _readable(source), _transaction(source):
        return answers(source.connection, query)


def batches_of(source: OpenSource, query: ir.Table, rows_at_once: int = 20_000) -> "pa.RecordBatchReader":
    """Run a query whose rows do not fit into memory and return them batch by batch.

    Raises:
        SourceUnavailableError: While it is read: the data's server has stopped answering, or its file is gone.
    """
    import pyarrow as pa

    with _readable(source):
        reader = arrow_batches(source.connection, query, rows_at_once)

    def batches() -> Iterator["pa.RecordBatch"]:
        with _readable(source):
            yield from reader

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def explained(error: Exception, *, may_quote_values: bool = True) -> str:
    """Return what an engine says about a query that failed, in one line; without its words, which may quote a value."""
    said = first_line(error) if may_quote_values else f"{type(error).__name__}, of which the values are masked"
    return f"The query failed: {said}. Check the rule's parameters against the column's values."


@contextmanager
def _readable(source: OpenSource) -> Iterator[None]:
    """Tell errors of the place where the data lives, and a person's wish to stop, from those of a query."""
    try:
        yield
    except Exception as error:
        if is_interruption(error):
            raise KeyboardInterrupt from error
        if not _is_lost(error, source):
            raise
        raise SourceUnavailableError(f"{source.name} can no longer be read: {first_line(error)}. Try again.") from error


def _is_lost(error: Exception, source: OpenSource) -> bool:
    """Return whether the place itself has gone, so that no other query would do better."""
    if source.engine == "postgres":
        return bool(source.connection.con.broken)
    if source.engine == "pyspark":
        return isinstance(error, OSError) or any(sign in str(error) for sign in _SPARK_IS_GONE)
    return isinstance(error, duckdb.IOException | duckdb.PermissionException | duckdb.FatalException)


def _transaction(source: OpenSource) -> AbstractContextManager[Any]:
    """Return a transaction, or within one a savepoint, so that a query that fails leaves the next ones unharmed."""
    if source.engine != "postgres":
        return nullcontext()
    transaction: AbstractContextManager[Any] = source.connection.con.transaction()
    return transaction
