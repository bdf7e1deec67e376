"""The review app as a process."""

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import closing

import uvicorn

from profiling_pipeline.errors import ProfilingError
from profiling_pipeline.settings import get_settings
from profiling_pipeline.storage.connect import open_database
from profiling_pipeline.storage.migrations import require_current
from profiling_pipeline.web.app import create_app

EXIT_ERROR = 2


def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the review app until the process is told to stop.

    Raises:
        DatabaseUnavailableError: The database does not answer.
        DatabaseSchemaError: Its tables are not those of this release.
        ConfigurationError: The session secret cannot be used.
    """
    settings = get_settings()
    with closing(open_database(settings)) as database:
        require_current(database)
        uvicorn.run(create_app(settings, database), host=host, port=port, log_level="warning", server_header=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve; what stops the start is said in one message."""
    parser = argparse.ArgumentParser(prog="python -m profiling_pipeline.web", description="Serve the review app.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        serve(options.host, options.port)
    except ProfilingError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(EXIT_ERROR)
