"""What commands on the database share: the database itself and the person who acts."""

from typing import TYPE_CHECKING, Annotated

import typer

from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.services.users import User
    from profiling_pipeline.storage.database import Database

ActorOption = Annotated[
    str, typer.Option("--as", envvar="PROFILING_USER", help="Who acts: e-mail or user id.", metavar="USER")
]


def open_current_database() -> "Database":
    """Open the database (starting the embedded server where needed) and make sure its tables are this release's."""
    from profiling_pipeline.storage.connect import open_database
    from profiling_pipeline.storage.migrations import require_current

    database = open_database(get_settings())
    require_current(database)
    return database


def acting_user(database: "Database", who: str) -> "User":
    """Return the person named by `--as`."""
    from profiling_pipeline.services.users import find_user

    return find_user(database, who)
