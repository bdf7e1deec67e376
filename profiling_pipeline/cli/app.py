"""The `profiling` command.

Heavy libraries are imported inside the commands that use them, so that `--help` and mistakes answer at once.
"""

import logging
import sys
import traceback
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from tempfile import NamedTemporaryFile
from typing import NoReturn

import typer

from profiling_pipeline.cli import (
    changes,
    checks,
    demo,
    dev,
    evaluation,
    exchange,
    files,
    legacy,
    phases,
    rules,
    runs,
    server,
    users,
    versions,
)
from profiling_pipeline.cli.context import opened
from profiling_pipeline.cli.output import errors
from profiling_pipeline.errors import ProfilingError, is_interruption
from profiling_pipeline.settings import get_settings

EXIT_ERROR = 2
EXIT_STOPPED = 130

app = typer.Typer(
    name="profiling",
    help="Data-quality rules for planned data sources: generate, review, execute, explain.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("dev")(dev.dev)
app.command("profile")(files.profile)
app.command("suggest")(files.suggest)
app.command("check")(files.check)
app.command("evaluate")(evaluation.evaluate)
app.command("checks")(checks.checks)
app.command("convert")(exchange.convert)
app.command("run")(runs.run)
app.command("results")(runs.results)
app.add_typer(phases.app, name="phase")
app.add_typer(versions.app, name="version")
app.add_typer(rules.app, name="rule")
app.add_typer(changes.app, name="change")
app.add_typer(users.app, name="user")
app.add_typer(server.app, name="db")
app.add_typer(legacy.app, name="legacy")


def main() -> None:
    """Run the command line; every failure ends in a message and exit status 2, never in a bare traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    try:
        with opened:
            app()
    except ProfilingError as error:
        errors.print(f"[bold red]Error:[/] {_escaped(error)}", highlight=False, soft_wrap=True)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        _stop()
    except SystemExit as end:
        if end.code == EXIT_STOPPED:  # Typer's own answer to Ctrl-C, without a word
            _stop()
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: keep the traceback for a report, show a message
        if is_interruption(error):
            _stop()
        errors.print(
            f"[bold red]Unexpected error:[/] {type(error).__name__}: {_escaped(error)}\n"
            f"The details are in {_keep_traceback()}; please report them.",
            highlight=False,
            soft_wrap=True,
        )
        sys.exit(EXIT_ERROR)


def _stop() -> NoReturn:
    errors.print("Stopped.")
    sys.exit(EXIT_STOPPED)


def _escaped(error: Exception) -> str:
    from rich.markup import escape

    return escape(str(error))


def _keep_traceback() -> str:
    """Write the traceback to a file and return its path: in the home folder where there is one."""
    text, name = traceback.format_exc(), f"error-{datetime.now(UTC):%Y%m%dT%H%M%S}.txt"
    home = get_settings().home
    if home.is_dir():
        with suppress(OSError):
            (home / "logs").mkdir(exist_ok=True)
            (home / "logs" / name).write_text(text, encoding="utf-8")
            return str(home / "logs" / name)
    with NamedTemporaryFile("w", prefix="profiling-", suffix=f"-{name}", delete=False, encoding="utf-8") as file:
        file.write(text)
    return file.name
