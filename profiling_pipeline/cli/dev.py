"""`profiling dev`: everything for one machine, ready to click."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from profiling_pipeline.cli.output import say
from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.settings import get_settings

STOP_SECONDS = 15


def dev(
    dagster_port: Annotated[int, typer.Option("--dagster-port", help="Port of the Dagster UI.")] = 3000,
    review_port: Annotated[int, typer.Option("--review-port", help="Port of the review app.")] = 8000,
) -> None:
    """Start the Dagster UI, its daemon and the review app; Ctrl-C stops them all."""
    from profiling_pipeline.legacy_migration.hold import has_unmigrated_tables
    from profiling_pipeline.orchestration.home import WORKSPACE_FILE, prepare_dagster_home
    from profiling_pipeline.storage.connect import ensure_environment
    from profiling_pipeline.storage.migrations import upgrade

    settings = get_settings()
    database = ensure_environment(settings)
    is_unmigrated = has_unmigrated_tables(database)
    if not is_unmigrated:
        upgrade(database)
    database.close()
    prepare_dagster_home(settings)
    os.environ["PROFILING_DAGSTER_URL"] = f"http://127.0.0.1:{dagster_port}"
    os.environ["PROFILING_REVIEW_URL"] = f"http://127.0.0.1:{review_port}"
    scripts = Path(sys.executable).parent
    workspace = ["-w", str(WORKSPACE_FILE)]
    commands = {
        "Dagster UI": [str(scripts / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(dagster_port), *workspace],
        "Dagster daemon": [str(scripts / "dagster-daemon"), "run", *workspace],
        "review app": [sys.executable, "-m", "profiling_pipeline.web", "--port", str(review_port)],
    }
    say(f"Dagster UI  http://127.0.0.1:{dagster_port}")
    if is_unmigrated:
        del commands["review app"]
        say(
            "The earlier system's tables are here: start the job legacy_migration in the UI (docs/legacy-migration.md)."
        )
        say("The review app comes with the next `profiling dev` after that.")
    else:
        say(f"Review app  http://127.0.0.1:{review_port}")
    say("Ctrl-C stops everything.")
    _run_together(commands)


def _run_together(commands: dict[str, list[str]]) -> None:
    """Run the commands until one ends or somebody stops us; none outlives the others."""
    signal.signal(signal.SIGTERM, _interrupt)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own commands
        while all(process.poll() is None for process in running.values()):
            time.sleep(0.5)
        ended = next(name for name, process in running.items() if process.poll() is not None)
        raise ConfigurationError(f"The {ended} has ended; the lines above say why. Correct it and start again.")
    finally:
        for process in running.values():
            _stop(process)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    # Not SIGINT: children of a command that a script put into the background ignore it.
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
