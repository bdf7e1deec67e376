"""`profiling demo`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from profiling_pipeline.cli.output import Markup, errors, print_table, say
from profiling_pipeline.plurals import counted
from profiling_pipeline.settings import Settings, get_settings

if TYPE_CHECKING:
    from profiling_pipeline.demo.journey import DemoResult


def demo(
    rows: Annotated[int, typer.Option("--rows", min=2_000, help="Rows of the generated loan file.")] = 20_000,
) -> None:
    """Do the whole journey on a generated credit-card loan file and show how many planted errors it found."""
    from profiling_pipeline.demo.journey import run_demo

    settings = get_settings()
    _print_result(settings, run_demo(settings, rows=rows, step=_step))


@contextmanager
def _step(label: str) -> Iterator[None]:
    started = perf_counter()
    with errors.status(label):
        yield
    say(Markup(f"[green]✓[/] {escape(label)} [dim]{perf_counter() - started:.1f} s[/]"))


def _print_result(settings: Settings, result: "DemoResult") -> None:
    from profiling_pipeline.cli.tables import print_scores
    from profiling_pipeline.demo.journey import OWNER, PASSWORD, TESTER

    say()
    print_table(
        "Planted errors that the approved rules found",
        ["Kind", "Column", "#Planted", "#Found", "By rule"],
        [(kind.kind, kind.column, kind.planted, kind.found, ", ".join(kind.rules[:2])) for kind in result.found],
    )
    planted, found = sum(kind.planted for kind in result.found), sum(kind.found for kind in result.found)
    say(Markup(f"\nFound [bold]{found:,} of {planted:,}[/] planted errors of {counted(len(result.found), 'kind')}."))
    say(f"Rows without a planted error that failed a rule all the same: {result.false_alarms:,}.")
    print_scores(result.results.scores)
    phase, number = result.results.phase_id, result.results.version_number
    looks = [
        ("dev", f"starts the Dagster UI {settings.dagster_url}"),
        ("", f"and the review app {settings.review_url}"),
        ("", f"sign in as {TESTER[0]} or {OWNER[0]}, password {PASSWORD}"),
        (f"results {phase}", "every rule's result, worst first"),
        (f"version show {phase}:{number}", "every rule and both people's decisions"),
    ]
    commands = [f"{_this_program()} {words}" if words else "" for words, _ in looks]
    say("\nWhere to look next")
    for command, (_, what) in zip(commands, looks, strict=True):
        say(f"  {command:{max(map(len, commands))}}  {what}")


def _this_program() -> str:
    """Return what starts this program here: its name alone where the shell finds it."""
    return "profiling" if which("profiling") == sys.argv[0] else sys.argv[0]
