"""`profiling version`: the review of rule versions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from profiling_pipeline.approval.lifecycle import Decision, VersionStatus
from profiling_pipeline.cli.context import ActorOption, VersionArgument, open_current_database, open_version
from profiling_pipeline.cli.exchange import FromOption, OverwriteOption, StrictOption, TableOption
from profiling_pipeline.cli.output import FormatOption, Markup, OutputFormat, print_json, print_table, say, status_text
from profiling_pipeline.cli.version_tables import print_dry_runs, print_version
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.plurals import counted
from profiling_pipeline.results.unusual_change import Sensitivity
from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.storage.database import Database

app = typer.Typer(help="Rule versions: look, submit, approve, send back, revise.", no_args_is_help=True)


@app.command("list")
def list_versions(
    phase: Annotated[int | None, typer.Option("--phase", help="Only this phase.")] = None,
    status: Annotated[VersionStatus | None, typer.Option("--status", help="Only this state.")] = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """List rule versions, newest first."""
    from profiling_pipeline.services import versions

    found = versions.list_versions(open_current_database(), phase_id=phase, status=status)
    if output is OutputFormat.JSON:
        print_json(found)
        return
    if not found:
        say("There is no such version. Draft one: profiling phase draft PHASE --as USER")
        return
    print_table(
        None,
        ["Version", "State", "#Rules", "#Approved", "#Rejected", "Created (UTC)", "Id"],
        [
            (
                f"{v.phase_id}:{v.version_number}",
                status_text(v.version_status),
                v.total_rules,
                v.approved_rules,
                v.rejected_rules,
                f"{v.created_at:%Y-%m-%d %H:%M}",
                v.version_id,
            )
            for v in found
        ],
    )


@app.command()
def show(version: VersionArgument, output: FormatOption = OutputFormat.TABLE) -> None:
    """Show a version with its rules and both people's decisions."""
    from profiling_pipeline.services.versions import get_version, resolve_version

    database = open_current_database()
    view = get_version(database, resolve_version(database, version))
    if output is OutputFormat.JSON:
        print_json(view)
    else:
        print_version(view)


@app.command("try")
def try_(version: VersionArgument, actor: ActorOption, output: FormatOption = OutputFormat.TABLE) -> None:
    """Try a version's rules on the data as they are now, with examples of rows that would fail."""
    from profiling_pipeline.services.dry_runs import try_version
    from profiling_pipeline.services.versions import get_version

    database, version_id, user_id = open_version(version, actor)
    try_version(database, get_settings(), version_id, user_id)
    view = get_version(database, version_id)
    if output is OutputFormat.JSON:
        print_json([rule.dry_run for rule in view.rules])
    else:
        print_dry_runs(view)


@app.command()
def export(
    version: VersionArgument,
    to_format: Annotated[FormatName, typer.Option("--to", help="Format that is written.")] = FormatName.YAML,
    target: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; else it is printed.")] = None,
    table: Annotated[str | None, typer.Option("--table", help="What the table is called there.")] = None,
    overwrite: OverwriteOption = False,
    strict: StrictOption = False,
) -> None:
    """Write a version's rules as a rule file, or in another tool's format."""
    from profiling_pipeline.cli.exchange import print_left_out, write_new
    from profiling_pipeline.services.exchange import export_version
    from profiling_pipeline.services.versions import resolve_version

    database = open_current_database()
    exported = export_version(database, resolve_version(database, version), to_format, table)
    if target:
        write_new(exported.text, target, overwrite=overwrite)
        say(f"Wrote {target}.")
    else:
        typer.echo(exported.text, nl=False)
    print_left_out(exported.left_out, on_errors=not target)
    raise typer.Exit(1 if strict and exported.left_out else 0)


@app.command("import")
def import_rules(
    version: VersionArgument,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="File with rules, in any format of `convert`.")],
    actor: ActorOption,
    from_format: FromOption = None,
    table: TableOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing where something is left out.")] = False,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Add the rules of another tool's file to a draft: those that fit its plan and data, in one step.

    Exit status: 0 imported, 1 nothing imported as --strict asks, 2 the file or the version cannot be used.
    """
    from profiling_pipeline.cli.exchange import print_left_out
    from profiling_pipeline.exchange.formats import FORMATS, read_file
    from profiling_pipeline.services.exchange import import_into_version

    name, found = read_file(source, from_format, table)
    database, version_id, user_id = open_version(version, actor)
    result = import_into_version(database, get_settings(), version_id, user_id, found, strict=strict)
    if output is OutputFormat.JSON:
        print_json({"from": name, **vars(result)})
    else:
        if result.is_refused:
            say(f"Imported nothing: {len(result.left_out):,} would be left out, which --strict does not allow.")
        elif result.rule_ids:
            say(f"Imported {counted(len(result.rule_ids), 'rule')} ({FORMATS[name].title}), undecided.")
        else:
            found_none = f"there is no rule in {source}" if not result.left_out else "nothing can be carried over"
            say(f"Imported nothing: {found_none} ({FORMATS[name].title}).")
        if result.not_checked:
            say(f"They were not compared with the data: {result.not_checked}")
        print_left_out(result.left_out)
    raise typer.Exit(1 if result.is_refused else 0)


@app.command()
def submit(version: VersionArgument, actor: ActorOption) -> None:
    """Submit a draft for the report owner's approval."""
    from profiling_pipeline.services.review import ReviewService

    database, version_id, user_id = open_version(version, actor)
    ReviewService(database).submit(version_id, user_id)
    _say_state(database, version_id, "A report owner can now decide: profiling version approve or reject.")


@app.command()
def approve(version: VersionArgument, actor: ActorOption) -> None:
    """Approve a submitted version; undecided rules count as approved by this act."""
    from profiling_pipeline.services.review import ReviewService

    database, version_id, user_id = open_version(version, actor)
    ReviewService(database).approve(version_id, user_id)
    _say_state(database, version_id, "With `profiling dev` running, the sensor executes it within seconds.")


@app.command()
def reject(
    version: VersionArgument, actor: ActorOption, reason: Annotated[str, typer.Option("--reason", help="Why.")]
) -> None:
    """Send a submitted version back with a reason."""
    from profiling_pipeline.services.review import ReviewService

    database, version_id, user_id = open_version(version, actor)
    ReviewService(database).reject(version_id, user_id, reason)
    _say_state(database, version_id, "A tester can take it up again: profiling version revise.")


@app.command()
def revise(version: VersionArgument, actor: ActorOption) -> None:
    """Make a new draft from a rejected or approved version."""
    from profiling_pipeline.services.review import ReviewService

    database, version_id, user_id = open_version(version, actor)
    new_id = ReviewService(database).revise(version_id, user_id)
    _say_state(database, new_id, "Rules that the owner approved keep the tester's approval; decide on the others.")


@app.command()
def sensitivity(
    version: VersionArgument,
    level: Annotated[Sensitivity, typer.Argument(help="How small a change of the data is unusual.")],
    actor: ActorOption,
) -> None:
    """Set how sensitive a version is to unusual change; a revision of it takes that over."""
    from profiling_pipeline.services.review import ReviewService
    from profiling_pipeline.services.versions import get_version

    database, version_id, user_id = open_version(version, actor)
    ReviewService(database).set_sensitivity(version_id, user_id, level)
    view = get_version(database, version_id)
    say(f"Version {view.phase_id}:{view.version_number} is of {level} sensitivity from its next execution on.")


@app.command("decide")
def decide_all(
    version: VersionArgument,
    decision: Annotated[Decision, typer.Argument(help="What to decide on every undecided rule.")],
    actor: ActorOption,
    notes: Annotated[str | None, typer.Option("--notes", help="Needed unless the decision is approve.")] = None,
) -> None:
    """Decide on all rules that the acting person has not decided on yet."""
    from profiling_pipeline.services.review import ReviewService

    database, version_id, user_id = open_version(version, actor)
    count = ReviewService(database).decide_all(version_id, user_id, decision, notes)
    say(f"Decided {decision.value} on {counted(count, 'rule')}.")


def _say_state(database: "Database", version_id: UUID, next_step: str) -> None:
    from profiling_pipeline.services.versions import get_version

    view = get_version(database, version_id)
    state = status_text(view.version_status)
    say(Markup(f"Version {view.phase_id}:{view.version_number} is {state}. {next_step}"))
