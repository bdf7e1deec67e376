"""How commands name and open data: files, tables of databases, Spark."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.sources.model import OpenSource

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, Parquet, JSON Lines or Excel file; a folder or pattern of such; URL::TABLE of a database.",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="spark (on this machine), a Spark master or Spark Connect server; DuckDB reads files otherwise.",
    ),
]
PasswordOption = Annotated[
    str | None, typer.Option("--password-env", help="Environment variable with the password of the database.")
]


def open_data(
    data: str,
    engine: str | None = None,
    password_env: str | None = None,
    *,
    beside: "OpenSource | None" = None,
) -> "OpenSource":
    """Open data that the person at the keyboard named: any folder that they may read; see `open_source`."""
    from profiling_pipeline.sources.location import parse_address
    from profiling_pipeline.sources.opening import open_source

    settings = get_settings()
    return open_source(
        parse_address(data, engine=engine, password_env=password_env, environment=os.environ),
        allowed_folders=None,
        memory_limit=settings.memory_limit,
        spill_folder=settings.spill_folder,
        beside=beside,
    )


def place_of(data: str) -> Path:
    """Return the file, folder or pattern on this machine that a person named, also as the URL of a database file."""
    from profiling_pipeline.sources.databases import files_named
    from profiling_pipeline.sources.location import is_in_database

    return files_named(data.rpartition("::")[0])[0] if is_in_database(data) else Path(data.removeprefix("file://"))


def open_file_of_user(data: Path) -> "OpenSource":
    """Open a file that the person at the keyboard named: any folder that they may read."""
    return open_data(str(data))
