"""`profiling legacy`: moving the earlier system's rows over, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from profiling_pipeline.cli.context import open_any_database
from profiling_pipeline.cli.output import FormatOption, Markup, OutputFormat, errors, print_json, print_table, say
from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.legacy_migration.migrate import MigrationReport

EXIT_NOT_VERIFIED = 1
_LONGEST_TEXT = 300

app = typer.Typer(
    help="The earlier system's tables: look, back up, migrate, verify, roll back, purge.", no_args_is_help=True
)

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where the files go; PROFILING_HOME/legacy by default.")
]
ZoneOption = Annotated[
    str, typer.Option("--zone", help="Time zone of the earlier system's clock, for times stored without one.")
]


@app.command()
def inventory(output: FormatOption = OutputFormat.TABLE) -> None:
    """Show which legacy tables there are, their problems and what becomes of them; changes nothing."""
    from profiling_pipeline.legacy_migration.inventory import take_inventory

    found = take_inventory(open_any_database())
    if output is OutputFormat.JSON:
        print_json(found)
        return
    if not found.has_tables_to_move:
        say("There are no legacy tables here. PROFILING_DATABASE_URL and PROFILING_DATABASE_SCHEMA say where to look.")
        return
    rows = [(f"{t.schema}.{t.table_name}", t.rows, t.byte_count, t.shape, t.becomes) for t in found.tables]
    print_table(None, ["Table", "#Rows", "#Bytes", "Shape", "Becomes"], rows)
    problems = [(t.table_name, p.rows, p.what, p.remedy) for t in found.tables for p in t.problems]
    if problems:
        say()
        print_table("Problems", ["Table", "#Rows", "Problem", "What the migration does"], problems)
    following = "verify" if found.is_migrated else "migrate"
    say(f"\n{counted(found.rows, 'row')} in {counted(len(found.tables), 'table')}. Next: profiling legacy {following}")


@app.command()
def backup(folder: FolderOption = None) -> None:
    """Dump the legacy tables and all around them to a file, with a manifest."""
    from profiling_pipeline.legacy_migration.backup import back_up

    made = back_up(open_any_database(), _folder(folder))
    say(f"{made.file}: {counted(made.byte_count, 'byte')}, sha256 {made.sha256}")
    copied = f"{counted(sum(made.tables.values()), 'row')} of {counted(len(made.tables), 'legacy table')}"
    say(f"{copied}; the manifest is {made.manifest}")


@app.command()
def migrate(
    zone: ZoneOption = "America/New_York",
    folder: FolderOption = None,
    without_backup: Annotated[bool, typer.Option("--without-backup", help="Make no dump first.")] = False,
) -> None:
    """Move the legacy tables aside and their rows over; goes on where an earlier attempt stopped."""
    from profiling_pipeline.legacy_migration import migrate as migration
    from profiling_pipeline.legacy_migration.archive import has_begun

    migration.require_zone(zone)
    if not without_backup and not has_begun(open_any_database()):
        backup(folder)
    try:
        done = migration.migrate(open_any_database(), zone=zone, progress=_tell)
    except KeyboardInterrupt:
        stays = "What is done stays: the same command goes on from there, `profiling legacy rollback` takes it back."
        errors.print(stays, soft_wrap=True)
        raise
    _print_report(done)
    say("Next: profiling legacy verify")


@app.command()
def verify(folder: FolderOption = None, output: FormatOption = OutputFormat.TABLE) -> None:
    """Compare the archive, the ledger and the new tables; exit status 0 only when all of it holds."""
    from profiling_pipeline.legacy_migration.report import write_report
    from profiling_pipeline.legacy_migration.verify import verify as check

    found = check(open_any_database(), progress=_tell)
    page, data = write_report(found, _folder(folder))
    if output is OutputFormat.JSON:
        print_json(found.as_json())
    else:
        for failure in found.failures:
            compared = escape(f"{failure.name}: expected {failure.expected}, found {failure.found}")
            say(Markup(f"[red]fails[/] {compared}"))
        holding = len(found.checks) - len(found.failures)
        say(f"{holding:,} of {counted(len(found.checks), 'check')} {agreeing(holding, 'holds', 'hold')}.")
        say(f"Report: {page} and {data.name}")
        if not found.passed:
            say("The migration is not right. Go back: profiling legacy rollback")
    if not found.passed:
        raise typer.Exit(EXIT_NOT_VERIFIED)


@app.command()
def report(
    rejected: Annotated[bool, typer.Option("--rejected", help="List the rejected rows with their values.")] = False,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Show what became of the rows of each legacy table."""
    from profiling_pipeline.legacy_migration.untranslated import rejected_rows
    from profiling_pipeline.legacy_migration.verify import finished_migration

    if rejected:
        rows = rejected_rows(open_any_database())
        if output is OutputFormat.JSON:
            print_json(rows)
        elif rows:
            print_table(None, ["Table", "Key", "Reason"], [(r.table_name, r.legacy_key, r.reason) for r in rows])
        else:
            say("No row was rejected.")
        return
    found = finished_migration(open_any_database())
    if output is OutputFormat.JSON:
        print_json(found)
    else:
        _print_report(found)


@app.command()
def untranslated(output: FormatOption = OutputFormat.TABLE) -> None:
    """List the rule texts that no check of the catalogue states, with the reason."""
    from profiling_pipeline.legacy_migration.untranslated import untranslated_texts

    texts = untranslated_texts(open_any_database())
    if output is OutputFormat.JSON:
        print_json(texts)
        return
    if not texts:
        say("Every rule text was translated.")
        return
    rows = [(t.rules, t.attribute_name, t.rule_text[:_LONGEST_TEXT], t.reason, t.example_rule_id) for t in texts]
    print_table(None, ["#Rules", "Attribute", "Text", "Reason", "A rule with it"], rows)


@app.command()
def rollback(
    export: Annotated[Path | None, typer.Option("--export", help="File for what was done since.")] = None,
    confirmed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the legacy tables back as they were; this project's tables go."""
    from profiling_pipeline.legacy_migration.rollback import rollback as go_back

    if not confirmed:
        typer.confirm("This takes the migrated versions, rules and executions away. Continue?", abort=True)
    done = go_back(open_any_database(), export)
    say(f"{counted(done.tables, 'legacy table is', 'legacy tables are')} back in place.")
    if done.exported_to:
        say(f"{done.exported_to} holds {counted(done.exported_rows, 'row')} made since the migration.")


@app.command()
def purge(
    older_than: Annotated[int, typer.Option("--older-than", help="Days that the archive is kept.", min=0)] = 90,
    confirmed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Drop the legacy tables for good, once verified and old enough."""
    from profiling_pipeline.legacy_migration.rollback import purge as drop

    if not confirmed:
        typer.confirm("This drops the legacy tables; nothing can be rolled back after it. Continue?", abort=True)
    done = drop(open_any_database(), older_than)
    say(f"{counted(len(done.tables), 'legacy table is', 'legacy tables are')} gone. The ledger stays.")


def _folder(folder: Path | None) -> Path:
    return folder or get_settings().legacy_folder


def _tell(step: str, done: int, total: int) -> None:
    errors.print(f"  {step}: {done:,} of {total:,}", highlight=False, style="dim")


def _print_report(found: "MigrationReport") -> None:
    tables = [
        (t.table_name, t.found, t.migrated, t.changed, t.archived, t.rejected, t.is_accounted)
        for t in found.tables
        if t.found
    ]
    print_table(None, ["Table", "#Rows", "#Migrated", "#Changed", "#Archived", "#Rejected", "Accounted for"], tables)
    if found.reasons:
        say()
        rows = [(r.table_name, r.outcome, r.rows, r.explanation) for r in found.reasons]
        print_table("Not migrated", ["Table", "Outcome", "#Rows", "Reason"], rows)
