"""Data files as Ibis tables on DuckDB."""

import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.types as ir

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.fingerprint import file_fingerprint
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX, ColumnKind, FormatsOf, OpenSource
from profiling_pipeline.sources.paths import resolve_file
from profiling_pipeline.sources.text_files import LOADED, require_usable_names, text_loader
from profiling_pipeline.sources.text_types import choose_types

_TYPED = "typed"
_NUMBERS = "file_row_number"  # DuckDB's own numbers of a Parquet file's rows; a window over all rows is far slower
_KNOWN = ".csv, .tsv, .jsonl, .parquet or .xlsx (text also with .gz or .zst)"


def open_file(
    path: Path,
    formats_of: FormatsOf,
    *,
    allowed_folders: Sequence[Path] | None,
    memory_limit: str,
    spill_folder: Path,
) -> OpenSource:
    """Open a data file; see `open_source`.

    Text files are loaded once into a temporary database in the spill folder, first as text, then typed. Parquet files
    are read where they lie.
    """
    file = resolve_file(path, allowed_folders)
    if file.stat().st_size == 0:
        raise SourceError(f"{path.name} is empty. It needs a header and rows.")
    load = text_loader(file)
    if load is None and not file.name.casefold().endswith((".parquet", ".pq")):
        raise SourceError(f"{path.name} has an ending that is not known. Use {_KNOWN}.")
    workspace = spill_folder.absolute() / f"source-{uuid4().hex}"
    workspace.mkdir(parents=True)
    connection = None
    try:
        connection = _connect(workspace, memory_limit)
        table = _load_text(connection, file, load, formats_of) if load else _scan_parquet(connection, file, formats_of)
        _lock_down(connection)
        fingerprint = file_fingerprint(file)
    except Exception as error:
        _close(connection, workspace)()
        if isinstance(error, duckdb.Error | OSError):
            raise SourceError(_explained(error, file)) from error
        raise
    return OpenSource(path.name, table, connection, "duckdb", fingerprint, _close(connection, workspace))


def _connect(workspace: Path, memory_limit: str) -> ibis.BaseBackend:
    return ibis.duckdb.connect(
        workspace / "data.duckdb",
        memory_limit=memory_limit,
        temp_directory=str(workspace / "spill"),
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )


def _lock_down(connection: ibis.BaseBackend) -> None:
    """Shut out every file but the opened ones, for good."""
    connection.con.execute("SET enable_external_access = false")
    connection.con.execute("SET lock_configuration = true")


def _close(connection: ibis.BaseBackend | None, workspace: Path) -> Callable[[], None]:
    def close() -> None:
        with suppress(duckdb.Error):
            if connection is not None:
                connection.disconnect()
        shutil.rmtree(workspace, ignore_errors=True)

    return close


def _load_text(
    connection: ibis.BaseBackend,
    file: Path,
    load: Callable[[duckdb.DuckDBPyConnection, Path], None],
    formats_of: FormatsOf,
) -> ir.Table:
    load(connection.con, file)
    loaded = connection.table(LOADED)
    if not loaded.limit(1).to_pyarrow():
        raise SourceError(f"{file.name} has a header but no rows. Give it data.")
    types = choose_types(loaded, loaded.columns, formats_of(loaded.columns))
    columns: dict[str, ir.Value] = {}
    for name in loaded.columns:
        columns[name] = types[name].read(loaded[name]) if name in types else loaded[name]
    texts = {f"{name}{TEXT_SUFFIX}": loaded[name] for name in types}
    numbered = {ROW_NUMBER: loaded.rowid() + 1}
    table = connection.create_table(_TYPED, loaded.select(**columns, **texts, **numbered))
    connection.drop_table(LOADED)
    return table


def _scan_parquet(connection: ibis.BaseBackend, file: Path, formats_of: FormatsOf) -> ir.Table:
    connection.con.execute("SET allowed_paths = ?", [[str(file)]])
    scanned = connection.read_parquet(file, table_name="scanned", file_row_number=True)
    names = [name for name in scanned.columns if name != _NUMBERS]
    require_usable_names(names, file)
    texts = {
        name: declared
        for name, declared in formats_of(names).items()
        if name in names and scanned[name].type().is_string() and declared.kind is not ColumnKind.TEXT
    }
    types = choose_types(scanned, list(texts), texts)
    columns: dict[str, ir.Value] = {}
    for name in names:
        column = types[name].read(scanned[name]) if name in types else scanned[name]
        columns[name] = nan_as_null(column)
    beside = {f"{name}{TEXT_SUFFIX}": scanned[name] for name in types}
    return scanned.select(**columns, **beside, **{ROW_NUMBER: scanned[_NUMBERS] + 1})


def nan_as_null(column: ir.Column) -> ir.Column:
    """Return a column in which NaN is null."""
    if not column.type().is_floating():
        return column
    return column.isnan().ifelse(ibis.null(column.type()), column)


def _explained(error: Exception, file: Path) -> str:
    """Say what is wrong with a file in words that its owner can act on."""
    text = str(error)
    line = re.search(r"[Ll]ine:? (\d+)", text)
    where = f" (line {line[1]})" if line else ""
    if "unicode" in text.casefold() or "utf-8" in text.casefold() or "encoded" in text.casefold():
        return f"{file.name} is not in UTF-8{where}. Save it as UTF-8."
    columns = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if columns:
        return f"{file.name} has {columns[2]} values instead of {columns[1]}{where}. Correct that line."
    if isinstance(error, OSError) and error.strerror:
        return f"{file.name} cannot be read: {error.strerror}. Check its permissions."
    reason = next((part.strip() for part in text.splitlines() if part.strip()), type(error).__name__)
    return f"{file.name} cannot be read{where}: {reason}. Check that it is what its ending says."
