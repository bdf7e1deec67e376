"""`profiling phase`: plan a data source, look at phases, draft rules for one."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiling_pipeline.cli.context import ActorOption, acting_user, open_current_database
from profiling_pipeline.cli.data import DataArgument, EngineOption, PasswordOption
from profiling_pipeline.cli.output import (
    FormatOption,
    OutputFormat,
    print_json,
    print_table,
    progress,
    say,
    status_text,
)
from profiling_pipeline.cli.planned_data import PlannedData, copy_kept_if_planned, data_to_plan
from profiling_pipeline.cli.provider import ProviderOption
from profiling_pipeline.plurals import counted
from profiling_pipeline.settings import Settings, get_settings

if TYPE_CHECKING:
    from profiling_pipeline.services.drafts import StoredDraft
    from profiling_pipeline.sources.model import Attribute

app = typer.Typer(help="Data Profiling phases: plan, list, show, draft rules.", no_args_is_help=True)

CopyOption = Annotated[bool, typer.Option("--copy", help="Copy the file into the first upload folder.")]
PhaseArgument = Annotated[int, typer.Argument(metavar="PHASE", help="Id of a Data Profiling phase.")]


@app.command("list")
def list_phases(output: FormatOption = OutputFormat.TABLE) -> None:
    """List the Data Profiling phases with their latest rule version."""
    from profiling_pipeline.services import phases

    found = phases.list_phases(open_current_database())
    if output is OutputFormat.JSON:
        print_json(found)
        return
    if not found:
        say("There is no Data Profiling phase yet. Plan one: profiling phase plan DATA")
        return
    rows = [
        (
            str(p.phase_id),
            str(p.cycle_id),
            str(p.report_id),
            p.data_source,
            p.latest_version_number,
            status_text(p.latest_version_status) if p.latest_version_status else "no version",
        )
        for p in found
    ]
    print_table(None, ["#Phase", "#Cycle", "#Report", "Data source", "#Version", "State"], rows)


@app.command()
def show(phase: PhaseArgument, output: FormatOption = OutputFormat.TABLE) -> None:
    """Show a phase's planned source and attributes, without opening the data."""
    from profiling_pipeline.services.phases import load_plan

    plan = load_plan(open_current_database(), phase)
    if output is OutputFormat.JSON:
        print_json(plan)
        return
    say(f"Phase {plan.phase_id}: report {plan.report_id} of cycle {plan.cycle_id}")
    say(f"Data source {plan.data_source_name} ({plan.source_type})")
    if plan.other_sources:
        say(f"Rules may look values up in {', '.join(plan.other_sources)}.")
    rows = [
        (
            str(a.attribute_id),
            a.name,
            a.technical_name,
            a.data_type,
            a.format_code,
            a.mandatory,
            a.classification or "unknown",
        )
        for a in plan.attributes
    ]
    print_table(None, ["#Id", "Attribute", "Technical name", "Type", "Format", "Mandatory", "Classification"], rows)


@app.command()
def plan(
    data: DataArgument,
    attributes: Annotated[
        Path | None, typer.Option("--attributes", help="CSV of attributes; without it every column is one.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the data source; the file's or table's by default.")
    ] = None,
    cycle: Annotated[int, typer.Option("--cycle", min=1, help="Test cycle.")] = 1,
    report: Annotated[
        int | None, typer.Option("--report", min=1, help="Report; the next free number by default.")
    ] = None,
    copy: CopyOption = False,
    engine: EngineOption = None,
    password_env: PasswordOption = None,
) -> None:
    """Plan data as a report's data source: a Planning phase and its Data Profiling phase."""
    from profiling_pipeline.services.planning import plan_phase

    settings = get_settings()
    database = open_current_database()
    found = data_to_plan(data, engine, password_env, settings, copy=copy)
    with copy_kept_if_planned(found):
        planned = plan_phase(
            database,
            source_name=name or found.name,
            source_type=found.source_type,
            connection_config=found.connection_config,
            auth_config=found.auth_config,
            attributes=_attributes(found, attributes, settings),
            cycle_id=cycle,
            report_id=report,
        )
    say(f"Planned phase {planned.phase_id} for {found.name}.")
    say(f"Next: profiling phase draft {planned.phase_id} --as USER")


@app.command()
def reference(
    phase: PhaseArgument,
    data: DataArgument,
    name: Annotated[
        str | None, typer.Option("--name", help="What rules call it; the file's or table's name by default.")
    ] = None,
    copy: CopyOption = False,
    engine: EngineOption = None,
    password_env: PasswordOption = None,
) -> None:
    """Plan further data for a phase, in which its rules may look values up."""
    from profiling_pipeline.services.phases import load_plan
    from profiling_pipeline.services.planning import plan_other_source

    settings = get_settings()
    database = open_current_database()
    plan = load_plan(database, phase)
    found = data_to_plan(data, engine, password_env, settings, copy=copy)
    name = name or found.name
    with copy_kept_if_planned(found):
        plan_other_source(
            database,
            plan.planning_phase_id,
            source_name=name,
            source_type=found.source_type,
            connection_config=found.connection_config,
            auth_config=found.auth_config,
        )
    say(f"Rules of phase {phase} may look values up in {name}.")


@app.command()
def draft(
    phase: PhaseArgument,
    actor: ActorOption,
    rules: Annotated[Path | None, typer.Option("--rules", help="Take these rules instead of suggesting any.")] = None,
    provider: ProviderOption = None,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Profile the phase's source and put rules proposed for it, tried on the data, into a new draft version."""
    from profiling_pipeline.cli.tables import print_generation, why_no_rules
    from profiling_pipeline.rules.rule_file import read_rules
    from profiling_pipeline.services.drafts import create_draft_from_rules, generate_draft

    database = open_current_database()
    user = acting_user(database, actor)
    if rules:
        stored = create_draft_from_rules(
            database, phase, read_rules(rules), created_by_id=user.user_id, settings=get_settings()
        )
        _say_draft(phase, stored, output)
        return
    with progress("Drafting rules") as advance:
        made = generate_draft(
            database, get_settings(), phase, created_by_id=user.user_id, provider=provider, progress=advance
        )
    if output is OutputFormat.TABLE:
        if made.dropped:
            print_table("Dropped proposals", ["Rule", "Reason"], [(d.rule.name, d.reason) for d in made.dropped])
        print_generation(made.generation, len(made.dropped))
        if not made.rules:
            say(why_no_rules(made.profile.rows, made.dropped))
    _say_draft(phase, made, output)


def _say_draft(phase: int, draft: "StoredDraft", output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        print_json({"version_id": draft.version_id, "version_number": draft.version_number, "rules": draft.rules})
        return
    version = f"{phase}:{draft.version_number}"
    say(f"Draft version {version} has {counted(draft.rules, 'rule')} ({draft.version_id}).")
    say(f"Next: profiling version show {version}")


def _attributes(data: PlannedData, path: Path | None, settings: Settings) -> "list[Attribute]":
    from profiling_pipeline.services.planning import attributes_of_source
    from profiling_pipeline.sources.attribute_file import read_attributes
    from profiling_pipeline.sources.location import parse_location
    from profiling_pipeline.sources.opening import open_source

    declared = read_attributes(path) if path else []
    with open_source(
        parse_location(data.source_type, data.connection_config, data.auth_config, os.environ),
        allowed_folders=settings.allowed_folders,
        memory_limit=settings.memory_limit,
        spill_folder=settings.spill_folder,
    ) as source:
        return attributes_of_source(source, declared)
