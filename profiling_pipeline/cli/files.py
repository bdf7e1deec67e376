"""Commands on a data file that need no database: profile, suggest, check."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiling_pipeline.cli.data import DataArgument, EngineOption, PasswordOption, open_data, place_of
from profiling_pipeline.cli.output import FormatOption, OutputFormat, errors, print_json, print_table, progress, say
from profiling_pipeline.cli.provider import ProviderOption
from profiling_pipeline.plurals import counted
from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.sources.others import Opener

_NOTHING_WRITTEN = "[bold red]No rows were written:[/] a rule in error may have failed any row. Correct or remove it."


def profile(
    data: DataArgument,
    engine: EngineOption = None,
    password_env: PasswordOption = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Describe every column of a file or table in numbers."""
    from profiling_pipeline.cli.tables import print_profile
    from profiling_pipeline.profiling.profiler import profile_source

    with open_data(data, engine, password_env) as source, progress("Profiling") as report:
        described = profile_source(source, report)
    if output is OutputFormat.JSON:
        print_json(described.to_dict())
    else:
        print_profile(described)


def suggest(
    data: DataArgument,
    target: Annotated[Path | None, typer.Option("-o", "--output", help="Rule file to write.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the rule file where it exists.")] = False,
    provider: ProviderOption = None,
    share_values: Annotated[
        bool, typer.Option("--share-values", help="Show values of the data to the language model; else none are.")
    ] = False,
    engine: EngineOption = None,
    password_env: PasswordOption = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Suggest rules for a file or table, try them on it, and write them as a rule file."""
    from profiling_pipeline.cli.tables import print_generation, why_no_rules
    from profiling_pipeline.errors import InvalidInputError
    from profiling_pipeline.profiling.profiler import profile_source
    from profiling_pipeline.rules.rule_file import dump_rules, rule_to_dict, write_rules
    from profiling_pipeline.services.proposals import propose_for_file

    if target and target.exists() and not overwrite:
        raise InvalidInputError(f"{target} exists already. Name another file, or pass --overwrite to replace it.")
    with open_data(data, engine, password_env) as source:
        with progress("Profiling") as report:
            described = profile_source(source, report)
        with progress("Suggesting") as report:
            proposals = propose_for_file(
                source, described, get_settings(), provider, shares_values=share_values, progress=report
            )
    if target:
        write_rules(proposals.rules, target)
    if output is OutputFormat.JSON:
        print_json(
            {"source": described.source, "rows": described.rows, "rules": [rule_to_dict(r) for r in proposals.rules]}
        )
    elif target:
        by_check = sorted({rule.check for rule in proposals.rules})
        counts = [(name, sum(rule.check == name for rule in proposals.rules)) for name in by_check]
        if counts:
            print_table(None, ["Check", "#Rules"], sorted(counts, key=lambda pair: -pair[1]))
        print_generation(proposals.generation, len(proposals.dropped))
        about = f"{described.source} ({counted(described.rows, 'row')})"
        say(f"Wrote {counted(len(proposals.rules), 'rule')} for {about} to {target}.")
        if proposals.rules:
            say(f"Next: {_check_command(data, target, engine, password_env)}")
    else:
        typer.echo(dump_rules(proposals.rules), nl=False)
    if not proposals.rules:
        errors.print(why_no_rules(described.rows, proposals.dropped), markup=False, highlight=False, soft_wrap=True)


def _check_command(data: str, rules: Path, engine: str | None, password_env: str | None) -> str:
    """Return the command that checks the same data against a rule file, as a shell takes it."""
    words = ["profiling", "check", data, "--rules", str(rules)]
    words += ["--engine", engine] if engine else []
    words += ["--password-env", password_env] if password_env else []
    return shlex.join(words)


def check(
    data: DataArgument,
    rules: Annotated[Path, typer.Option("--rules", help="Rule file (YAML).")],
    engine: EngineOption = None,
    password_env: PasswordOption = None,
    output: FormatOption = OutputFormat.TABLE,
    sample: Annotated[int, typer.Option("--sample", min=0, max=1000, help="Failed rows to show for each rule.")] = 20,
    references: Annotated[
        list[str] | None,
        typer.Option("--reference", metavar="NAME=DATA", help="Other data that rules look values up in; repeatable."),
    ] = None,
    failed_rows: Annotated[
        Path | None,
        typer.Option("--failed-rows", metavar="DIR", help="Folder for all failed rows, as failed_rows.parquet."),
    ] = None,
    passed_rows: Annotated[
        Path | None,
        typer.Option("--passed-rows", metavar="FILE", help="Parquet file for the rows that fail no rule."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of rows that exist.")] = False,
) -> None:
    """Check a file or table against a rule file.

    Exit status: 0 every rule passed or was skipped, 1 a rule failed, 2 rules or data cannot be used and no rows are
    written.
    """
    from profiling_pipeline.cli.tables import print_report, print_separated
    from profiling_pipeline.execution.row_files import RowFiles
    from profiling_pipeline.execution.runner import execute_rules
    from profiling_pipeline.rules.rule_file import read_rules

    rule_list = read_rules(rules)
    others = _others(references or [], engine)
    row_files = RowFiles(failed_rows, passed_rows, overwrite) if failed_rows or passed_rows else None
    if row_files:
        row_files.require_free(place_of(data))
    with open_data(data, engine, password_env) as source, progress("Checking") as advance:
        report = execute_rules(
            rule_list, source, sample_rows=sample, others=others, row_files=row_files, progress=advance
        )
    if output is OutputFormat.JSON:
        print_json(report.to_dict())
    else:
        print_report(report)
        print_separated(report.separated)
    if row_files and report.separated is None:
        errors.print(_NOTHING_WRITTEN, highlight=False, soft_wrap=True)
    raise typer.Exit({"error": 2, "failed": 1}.get(report.status, 0))


def _others(references: "list[str]", engine: str | None) -> "dict[str, Opener]":
    """Return what opens the data named by `--reference`, each by its name."""
    from profiling_pipeline.errors import InvalidInputError
    from profiling_pipeline.sources.location import is_in_database

    others: dict[str, Opener] = {}
    for reference in references:
        name, is_named, path = reference.partition("=")
        if not (name and is_named and path):
            raise InvalidInputError(f"--reference {reference} cannot be used. Write NAME=DATA.")
        if name in others:
            raise InvalidInputError(f"--reference {name} is there twice. Give each a name of its own.")
        others[name] = _opener(path, None if is_in_database(path) else engine)
    return others


def _opener(address: str, engine: str | None) -> "Opener":
    return lambda tested: open_data(address, engine, beside=tested)
