"""The command that scores generated rules against a table whose errors are known."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from profiling_pipeline.cli.data import open_file_of_user
from profiling_pipeline.cli.output import FormatOption, Markup, OutputFormat, print_json, print_table, progress, say
from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.services.provider import Provider
from profiling_pipeline.settings import get_settings

if TYPE_CHECKING:
    from profiling_pipeline.evaluation.evaluation import Cell, Evaluation, Score
    from profiling_pipeline.rules.rule import Rule
    from profiling_pipeline.sources.model import OpenSource

_SHOWN_RULES = 10


def evaluate(
    dirty: Annotated[Path, typer.Argument(metavar="DIRTY", help="File with errors; rules are made from it alone.")],
    clean: Annotated[Path, typer.Argument(metavar="CLEAN", help="The same rows and columns without them.")],
    provider: Annotated[Provider, typer.Option("--provider", help="What generates the rules.")] = Provider.OFFLINE,
    output: FormatOption = OutputFormat.TABLE,
) -> None:
    """Generate rules from a dirty file alone and score the cells that they flag against the clean file."""
    from profiling_pipeline.evaluation.evaluation import evaluate as evaluated

    def propose(source: "OpenSource") -> "Sequence[Rule]":
        return _proposed(source, provider)

    with open_file_of_user(dirty) as source, open_file_of_user(clean) as truth, progress("Evaluating") as report:
        evaluation = evaluated(source, truth, propose, report)
    if output is OutputFormat.JSON:
        print_json({"provider": str(provider), **evaluation.to_dict()})
    else:
        _print(evaluation, provider)


def _proposed(source: "OpenSource", provider: Provider) -> "Sequence[Rule]":
    """Return rules for the file; who scores it against the truth may show its values to a language model."""
    from profiling_pipeline.profiling.profiler import profile_source
    from profiling_pipeline.services.proposals import propose_for_file

    return propose_for_file(source, profile_source(source), get_settings(), provider, shares_values=True).rules


def _print(evaluation: "Evaluation", provider: Provider) -> None:
    heads = ["#Wrong cells", "#Flagged", "#Found", "#Precision", "#Recall", "#F1"]
    _print_any("By column", ["Column", *heads], [(name, *_figures(s)) for name, s in evaluation.columns.items()])
    _print_any("By check", ["Check", *heads], [(name, *_figures(s)) for name, s in evaluation.checks.items()])
    worst = sorted(evaluation.rules, key=lambda rule: rule.found - rule.flagged)[:_SHOWN_RULES]
    _print_any(
        "False positives",
        ["Rule", "#Flagged", "#Wrong", "Right cells that it flags"],
        [
            (each.rule.name, each.flagged, each.found, _examples(each.false_positives))
            for each in worst
            if each.flagged > each.found
        ],
    )
    _print_any(
        "Missed",
        ["Row", "Column", "Value", "Right value"],
        [(cell.row, cell.column, cell.value, cell.right_value) for cell in evaluation.missed],
    )
    overall = evaluation.overall
    flag = agreeing(len(evaluation.rules), "flags", "flag")
    say(
        Markup(
            f"{escape(evaluation.dirty)}: {counted(len(evaluation.rules), 'rule')} ({provider}) {flag} "
            f"{counted(overall.flagged, 'cell')}, "
            f"{overall.found:,} of the {overall.wrong:,} wrong ones: precision {_percent(overall.precision)}, "
            f"recall {_percent(overall.recall)}, F1 [bold]{_percent(overall.f1)}[/]."
        )
    )


def _print_any(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        print_table(title, heads, rows)


def _figures(score: "Score") -> tuple[int | str, ...]:
    shares = (_percent(score.precision), _percent(score.recall), _percent(score.f1))
    return (score.wrong, score.flagged, score.found, *shares)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f} %"


def _examples(cells: "tuple[Cell, ...]") -> str:
    return "; ".join(f"row {cell.row}: {cell.value or '(no value)'}" for cell in cells)
