"""`profiling checks`: the catalogue."""

import json
from typing import Annotated

import typer
from rich.markup import escape

from profiling_pipeline.cli.output import FormatOption, OutputFormat, print_json, print_table, say


def checks(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Explain this check.")] = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """List the checks that a rule may name, or explain one."""
    from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
    from profiling_pipeline.rules.manual import manual_of
    from profiling_pipeline.rules.schema import catalogue_schema, check_schema

    found = [check_for(name)] if name else list(CATALOGUE.values())
    if output is OutputFormat.JSON:
        print_json(check_schema(found[0]) if name else catalogue_schema())
        return
    if not name:
        rows = [(m.name, m.dimension, ", ".join(m.parameters), m.demand) for m in map(manual_of, found)]
        print_table(None, ["Check", "Dimension", "Parameters", "Demands"], rows)
        return
    manual, properties = manual_of(found[0]), found[0].model_json_schema().get("properties", {})
    say(f"[bold]{manual.name}[/] ({manual.dimension}): {escape(manual.demand)}")
    if properties:
        print_table(None, ["Parameter", "Schema"], [(key, json.dumps(value)) for key, value in properties.items()])
    say(f"Example: parameters: {escape(manual.example)}")
