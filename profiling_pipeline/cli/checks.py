"""`profiling checks`: the catalogue."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from profiling_pipeline.cli.output import FormatOption, Markup, OutputFormat, print_json, print_table, say

if TYPE_CHECKING:
    from profiling_pipeline.rules.manual import CheckManual


def checks(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Explain this check.")] = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """List the checks that a rule may name, or explain one; as JSON with the JSON Schema of the parameters."""
    from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
    from profiling_pipeline.rules.manual import manual_of
    from profiling_pipeline.rules.schema import catalogue_schema, check_schema

    if output is OutputFormat.JSON:
        print_json(check_schema(check_for(name)) if name else catalogue_schema())
    elif name:
        _explain(manual_of(check_for(name)))
    else:
        manuals = [manual_of(check) for check in CATALOGUE.values()]
        rows = [(m.name, m.dimension, m.demand, ", ".join(m.parameters), m.example) for m in manuals]
        print_table(None, ["Check", "Dimension", "Demands", "Parameters", "Example"], rows)
        say("A parameter with a question mark may be left out. Explain one: profiling checks NAME")


def _explain(manual: "CheckManual") -> None:
    say(Markup(f"[bold]{manual.name}[/] ({manual.dimension}): {escape(manual.demand)}"))
    if manual.details:
        say(" ".join(manual.details.split()))
    say(f"Tests {manual.tests}. Columns {manual.columns}. Skips {manual.skips}.")
    if manual.parameter_manuals:
        rows = [
            (each.name, each.kind, "needed" if each.is_required else each.default, each.meaning)
            for each in manual.parameter_manuals
        ]
        print_table(None, ["Parameter", "Value", "Without it", "Meaning"], rows)
    say("Example:")
    typer.echo(manual.example_rule, nl=False)
