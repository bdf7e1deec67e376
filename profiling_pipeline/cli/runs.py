"""`profiling run` and `profiling results`: execute a phase's approved version, see what came of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from profiling_pipeline.cli.context import open_current_database
from profiling_pipeline.cli.output import FormatOption, OutputFormat, errors, print_json, say
from profiling_pipeline.cli.phases import PhaseArgument
from profiling_pipeline.plurals import counted
from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.storage.database import Database


def run(phase: PhaseArgument, output: FormatOption = OutputFormat.TABLE) -> None:
    """Execute the phase's approved version now, as a Dagster run that the UI shows like any other.

    Exit status: 0 every rule passed or was skipped, 1 a rule failed, 2 the version could not be executed.
    """
    from profiling_pipeline.orchestration.in_process import materialize_phase

    database = open_current_database()
    with errors.status("Executing the approved version"):
        run_id = materialize_phase(database, get_settings(), phase, ["rule_execution_results", "quality_report"])
    _show(database, phase, output, run_id)


def results(
    phase: PhaseArgument,
    output: FormatOption = OutputFormat.TABLE,
    fail: Annotated[
        bool, typer.Option("--fail", help="Exit with 1 when a rule failed, 2 when one is in error.")
    ] = False,
) -> None:
    """Show the latest results of the phase's approved version."""
    _show(open_current_database(), phase, output, exit_by_status=fail)


def _show(
    database: "Database", phase: int, output: OutputFormat, run_id: str | None = None, *, exit_by_status: bool = True
) -> None:
    from profiling_pipeline.cli.tables import print_changes, print_outcomes, print_scores
    from profiling_pipeline.services.results import phase_results

    found = phase_results(database, phase, run_id)
    if output is OutputFormat.JSON:
        print_json({**vars(found), "changes": found.changes and found.changes.to_dict()})
    else:
        print_outcomes(found.outcomes)
        executed_at = f"{found.executed_at:%Y-%m-%d %H:%M} UTC"
        say(f"\nVersion {phase}:{found.version_number}, executed {executed_at}, {counted(found.rows, 'row')}")
        print_scores(found.scores)
        print_changes(found.changes)
        say(f"Review app: {get_settings().review_url}/versions/{found.version_id}")
    if exit_by_status:
        statuses = {outcome.status for outcome in found.outcomes}
        raise typer.Exit(2 if "error" in statuses else 1 if "failed" in statuses else 0)
