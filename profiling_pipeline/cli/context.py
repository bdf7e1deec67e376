"""What commands on the database share: the database itself and the person who acts."""

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.services.users import User
    from profiling_pipeline.storage.database import Database

# What a command has opened; `main` closes it when the command ends, however it ends.
opened = ExitStack()

ActorOption = Annotated[
    str, typer.Option("--as", envvar="PROFILING_USER", help="Who acts: e-mail or user id.", metavar="USER")
]
VersionArgument = Annotated[
    str, typer.Argument(metavar="VERSION", help="PHASE:NUMBER, or the version's id or its beginning.")
]


def open_current_database() -> "Database":
    """Open the database (starting the embedded server where needed) and make sure its tables are this release's."""
    from profiling_pipeline.storage.migrations import require_current

    database = open_any_database()
    require_current(database)
    return database


def open_any_database() -> "Database":
    """Open the database (starting the embedded server where needed), whatever state its tables are in."""
    from profiling_pipeline.storage.connect import open_database

    return opened.enter_context(closing(open_database(get_settings())))


def acting_user(database: "Database", who: str) -> "User":
    """Return the person named by `--as`."""
    from profiling_pipeline.services.users import find_user

    return find_user(database, who)


def open_version(version: str, actor: str) -> "tuple[Database, UUID, int]":
    """Open what every step on a version needs: the database, the version's id and the acting person's."""
    from profiling_pipeline.services.versions import resolve_version

    database = open_current_database()
    return database, resolve_version(database, version), acting_user(database, actor).user_id
