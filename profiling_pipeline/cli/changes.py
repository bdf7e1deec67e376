"""`profiling change`: how a phase's runs differ from earlier ones, and what people say of that."""

from typing import Annotated

import typer

from profiling_pipeline.cli.context import ActorOption, acting_user, open_current_database
from profiling_pipeline.cli.output import FormatOption, OutputFormat, print_json, print_table, say
from profiling_pipeline.cli.phases import PhaseArgument
from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.results.change_report import MarkVerdict
from profiling_pipeline.results.observation import FigureKey, FigureKind

app = typer.Typer(help="Unusual change of the data: look, mark as expected or confirm.", no_args_is_help=True)


@app.command("list")
def list_changes(
    phase: PhaseArgument,
    runs: Annotated[int, typer.Option("--runs", min=1, max=1000, help="How many runs, the newest.")] = 10,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """List the phase's newest runs with what was unusual in each."""
    from profiling_pipeline.services.observations import recent_changes

    reports = recent_changes(open_current_database(), phase, runs)
    if output is OutputFormat.JSON:
        print_json([{"run": r.run_id, "observed_at": r.observed_at, **r.to_dict()} for r in reports])
        return
    if not reports:
        say(f"No run of phase {phase} was compared yet. Execute it: profiling run {phase}")
        return
    print_table(
        None,
        ["Executed (UTC)", "Run", "#Unusual", "#Marked", "Summary"],
        [(f"{r.observed_at:%Y-%m-%d %H:%M}", r.run_id, len(r.unusual), len(r.marks), r.summary) for r in reports],
    )


@app.command()
def mark(
    phase: PhaseArgument,
    verdict: Annotated[MarkVerdict, typer.Argument(help="What it was.")],
    actor: ActorOption,
    note: Annotated[str, typer.Option("--note", help="Why.")],
    figure: Annotated[
        list[str] | None, typer.Option("--figure", help="Such as null_rate:COLUMN; all unmarked ones when left out.")
    ] = None,
    run: Annotated[str | None, typer.Option("--run", help="Another run than the phase's latest.")] = None,
) -> None:
    """Mark unusual figures of a run, for good.

    Expected ones count in later comparisons; confirmed faults never become usual.
    """
    from profiling_pipeline.services.change_marks import mark_changes

    figures = [_figure(text) for text in figure] if figure else None
    database = open_current_database()
    user = acting_user(database, actor)
    marked = mark_changes(database, phase, run, user.user_id, verdict, note, figures)
    say(f"{user.name} marked as {verdict}: {', '.join(map(str, marked))}.")


def _figure(text: str) -> FigureKey:
    try:
        return FigureKey.parse(text)
    except ValueError as error:
        kinds = ", ".join(kind if kind is FigureKind.ROW_COUNT else f"{kind}:NAME" for kind in FigureKind)
        raise InvalidInputError(f"'{text}' names no figure. Write one of {kinds}.") from error
