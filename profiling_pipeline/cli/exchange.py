"""`profiling convert`, and how commands tell what was not carried over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from profiling_pipeline.cli.output import FormatOption, OutputFormat, errors, print_json, print_table, say
from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.model import FormatName, LeftOut
from profiling_pipeline.plurals import counted

FromOption = Annotated[
    FormatName | None, typer.Option("--from", help="Format that is read; guessed from the content unless named.")
]
TableOption = Annotated[
    str | None, typer.Option("--table", help="Table whose checks are meant, or as which they are written.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with status 1 where something is left out.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace the file where it exists.")]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File with rules, in any of the formats.")],
    target: Annotated[Path | None, typer.Argument(metavar="[OUT]", help="File to write; else it is printed.")] = None,
    from_format: FromOption = None,
    to_format: Annotated[
        FormatName | None, typer.Option("--to", help="Format that is written: by the name of OUT, else rule file.")
    ] = None,
    table: TableOption = None,
    strict: StrictOption = False,
    overwrite: OverwriteOption = False,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Convert rules between rule files, Great Expectations, Soda, dbt, Open Data Contracts and Pandera."""
    from profiling_pipeline.exchange.formats import FORMATS, format_for, read_file

    read, imported = read_file(source, from_format, table)
    written = to_format or (format_for(target) if target else None) or FormatName.YAML
    if written is read and to_format is None:
        raise InvalidInputError(f"{source} is a {FORMATS[read].title} already. Name another format with --to.")
    exported = FORMATS[written].write(imported.rules, table or source.stem)
    left_out = (*imported.left_out, *exported.left_out)
    if target:
        write_new(exported.text, target, overwrite=overwrite)
    if output is OutputFormat.JSON:
        said = {"from": read, "to": written, "rules": len(imported.rules), "left_out": left_out}
        print_json(said | ({"target": target} if target else {"text": exported.text}))
    else:
        if target:
            nothing = "" if imported.rules or imported.left_out else f" There is none in {source}."
            say(f"Read {counted(len(imported.rules), 'rule')} ({FORMATS[read].title}).{nothing}")
            say(f"Wrote {target} ({FORMATS[written].title}).")
        else:
            typer.echo(exported.text, nl=False)
        print_left_out(left_out, on_errors=not target)
    raise typer.Exit(1 if strict and left_out else 0)


def write_new(text: str, target: Path, *, overwrite: bool) -> None:
    """Write a file that does not exist yet, or may be replaced.

    Raises:
        InvalidInputError: It exists, or cannot be written.
    """
    from profiling_pipeline.rules.rule_file import write_text

    if target.exists() and not overwrite:
        raise InvalidInputError(f"{target} exists already. Name another file, or pass --overwrite to replace it.")
    write_text(text, target)


def print_left_out(left_out: Sequence[LeftOut], *, on_errors: bool = False) -> None:
    """Print what was not carried over and why, where that is something."""
    if left_out:
        title = f"Not carried over ({len(left_out):,})"
        rows = [(each.what, each.place, each.reason) for each in left_out]
        print_table(title, ["What", "Where", "Why"], rows, to=errors if on_errors else None)
