"""`profiling db`: the database server and its tables."""

from typing import Annotated

import typer

from profiling_pipeline.cli.context import open_any_database
from profiling_pipeline.cli.output import FormatOption, OutputFormat, print_json, say
from profiling_pipeline.settings import get_settings

INIT_PROCESS = 1  # lives as long as the machine, so what it holds stays until it is stopped

app = typer.Typer(help="The database: start, stop, build or take back its tables.", no_args_is_help=True)


@app.command()
def start() -> None:
    """Start the embedded server and leave it running until `profiling db stop`."""
    from profiling_pipeline.storage.connect import embedded_server

    server = embedded_server(get_settings())
    server.hold(pid=INIT_PROCESS)
    say(f"The embedded PostgreSQL is running. Its tables: {server.url('profiling')}")


@app.command()
def stop() -> None:
    """Stop the embedded server, whoever started it."""
    from profiling_pipeline.storage.connect import embedded_server

    stopped = embedded_server(get_settings()).stop()
    say("The embedded PostgreSQL has stopped." if stopped else "The embedded PostgreSQL was not running.")


@app.command()
def status(output: FormatOption = OutputFormat.TABLE) -> None:
    """Show where the database is, whether it answers, and which revision its tables have."""
    from profiling_pipeline.storage.connect import database_status

    facts = database_status(get_settings())
    if output is OutputFormat.JSON:
        print_json(facts)
        return
    for name, value in facts.items():
        say(f"{name.replace('_', ' '):18} {value}")


@app.command()
def upgrade() -> None:
    """Build the tables or bring them to this release."""
    from profiling_pipeline.storage.migrations import current_revision, upgrade

    database = open_any_database()
    upgrade(database)
    say(f"The tables are at revision {current_revision(database)}.")


@app.command()
def downgrade(
    confirmed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take back every table that `upgrade` made, with all it holds."""
    from profiling_pipeline.storage.migrations import downgrade

    if not confirmed:
        typer.confirm("This deletes all rule versions, rules and executions. Continue?", abort=True)
    downgrade(open_any_database())
    say("The tables are gone. `profiling db upgrade` builds them again.")
