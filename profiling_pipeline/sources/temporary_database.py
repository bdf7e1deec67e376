"""A DuckDB database that lives in the spill folder as long as a source is open."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.schema as sch
import ibis.expr.types as ir
from ibis.backends.sql.datatypes import DuckDBType

from profiling_pipeline.errors import SourceError

TYPED = "typed"  # the view of a source's columns, each as its type


@contextmanager
def temporary_database(memory_limit: str, spill_folder: Path) -> Iterator[tuple[ibis.BaseBackend, Callable[[], None]]]:
    """Create a database, and yield it with what closes and removes it; a block that fails does that itself.

    Args:
        memory_limit: What it may use before it spills.
        spill_folder: Where it lies, and spills to.

    Raises:
        SourceError: The spill folder cannot be written.
    """
    workspace = spill_folder.absolute() / f"source-{uuid4().hex}"
    connection: ibis.BaseBackend | None = None

    def close() -> None:
        with suppress(duckdb.Error):
            if connection is not None:
                connection.disconnect()
        shutil.rmtree(workspace, ignore_errors=True)

    try:
        try:
            workspace.mkdir(parents=True)
            connection = ibis.duckdb.connect(
                workspace / "data.duckdb",
                memory_limit=memory_limit,
                temp_directory=str(workspace / "spill"),
                autoinstall_known_extensions=False,
                autoload_known_extensions=False,
            )
            connection.con.execute("SET enable_progress_bar = false")
        except OSError as error:
            raise SourceError(
                f"{error.filename or workspace} cannot be written: {error.strerror}. Check its permissions."
            ) from error
        yield connection, close
    except BaseException:
        close()
        raise


def as_view(connection: ibis.BaseBackend, table: ir.Table) -> ir.Table:
    """Return a table as a view, so that Ibis need not write all of its columns into each query.

    Of 118 columns that takes longer than the answer to a query on one of them.
    """
    return create_view(connection, TYPED, connection.compile(table))


def create_view(connection: ibis.BaseBackend, name: str, query: str) -> ir.Table:
    """Create a view and return it as a table; Ibis would do the same by way of Arrow.

    Args:
        connection: A DuckDB database.
        name: What the view is called, a name made here.
        query: What it shows.
    """
    connection.con.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
    described = connection.con.execute(f"DESCRIBE {name}").fetchall()
    columns = {column: DuckDBType.from_string(declared) for column, declared, *_ in described}
    return ops.DatabaseTable(name, schema=sch.Schema(columns), source=connection).to_expr()


def lock_down(connection: ibis.BaseBackend) -> None:
    """Shut out every file but the opened ones, for good."""
    connection.con.execute("SET enable_external_access = false")
    connection.con.execute("SET lock_configuration = true")
