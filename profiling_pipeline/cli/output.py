"""How commands show things: tables for people, JSON for programs, progress on standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

WIDTH_OF_FILES = 160  # columns of tables that go to a file or another program

console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, emoji=False)
errors = Console(stderr=True, emoji=False)

STATUS_STYLES = {
    "passed": "green",
    "failed": "red",
    "error": "bold red",
    "skipped": "dim",
    "approved": "green",
    "rejected": "red",
    "pending_approval": "yellow",
    "submitted": "yellow",
}


class OutputFormat(StrEnum):
    """What a command prints."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[OutputFormat, typer.Option("--format", help="Print tables for people or JSON for programs.")]


def print_json(value: Any) -> None:
    """Print one JSON object, exact and unwrapped."""
    from profiling_pipeline.results.json_values import json_value

    typer.echo(json.dumps(json_value(value), ensure_ascii=False, indent=2))


def print_table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]], to: Console | None = None
) -> None:
    """Print rows as a table, on standard output unless told; names that start with `#` head right-aligned numbers."""
    to = to or console
    if title:
        to.print(f"[bold]{escape(title)}[/]", highlight=False, soft_wrap=True)
    table = Table(header_style="bold", show_edge=False)
    for name in columns:
        heading = escape(name.removeprefix("#"))
        table.add_column(heading, justify="right" if name.startswith("#") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    to.print(table)


class Markup(str):
    """Text that carries Rich markup on purpose, in which data are escaped; any other text is shown as it is."""


def say(text: str = "") -> None:
    """Print one line for people."""
    console.print(text, markup=isinstance(text, Markup), highlight=False, soft_wrap=True)


def status_text(status: str, *, warning: bool = False) -> Markup:
    """Return a status in its colour."""
    if warning:
        return Markup(f"[yellow]{status} (warning)[/]")
    style = STATUS_STYLES.get(status)
    return Markup(f"[{style}]{status}[/]" if style else status)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while the block works; yields `report(done, total)`."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
    with bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
