"""A database as SQL text, to be compared."""

import re
import subprocess

from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.server_account import PROGRAMS


def dump(database: Database, *options: str) -> str:
    """Return the whole database as SQL."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(PROGRAMS / "pg_dump"), *options, url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\\(un)?restrict .*\n", "", dumped, flags=re.MULTILINE)
