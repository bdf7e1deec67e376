"""What each check is called in other tools, as people read it."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from profiling_pipeline.exchange import dbt, gx, odcs, pandera, soda
from profiling_pipeline.exchange.items import Notation
from profiling_pipeline.exchange.model import NotCarriedError, plain
from profiling_pipeline.exchange.pandera_checks import NULLABLE, UNIQUE
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import Check
from profiling_pipeline.rules.rule import Rule

_INTRODUCTION = """# Checks in other tools

What `profiling convert` writes for the example of each check, without `where` and pass rates; see
[exchange.md](exchange.md). Conditions in SQL are `unexpected_rows_expectation`, `failed_rows`, `expression_is_true` and
`sql`. A dash means that the rule is left out, and the list of what is left out says why. The code makes this page
(`make docs`).
"""
_SODA_QUIET = frozenset({"type", "threshold", "expression", "filter", "columns"})


def counterparts_page() -> str:
    """Return the page on what every check is written as in each format, in Markdown."""
    titles = ["check", *_TOOLS]
    lines = [_INTRODUCTION, f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    return "\n".join([*lines, *(_row(check) for check in CATALOGUE.values()), ""])


def _row(check: type[Check]) -> str:
    rule = Rule("", "COLUMN", check.name, plain(check.example))
    cells = [_cell(rule, notation, called) for notation, called in _TOOLS.values()]
    return f"| `{check.name}` | {' | '.join(cells)} |"


def _cell(rule: Rule, notation: Notation, called: Callable[[Mapping[str, Any]], str]) -> str:
    try:
        return called(notation.write(rule, lambda what, why: None).body)
    except NotCarriedError:
        return "–"


def _of_gx(body: Mapping[str, Any]) -> str:
    return f"`{body['type']}`"


def _of_soda(body: Mapping[str, Any]) -> str:
    settings = ", ".join(key for key in body if key not in _SODA_QUIET)
    return f"`{body['type']}`{f' ({settings})' if settings else ''}"


def _of_dbt(body: Mapping[str, Any]) -> str:
    return f"`{body['test']}`"


def _of_odcs(body: Mapping[str, Any]) -> str:
    named = {"library": body.get("metric"), "custom": body.get("engine")}.get(body["type"])
    return f"{body['type']} `{named}`" if named else str(body["type"])


def _of_pandera(body: Mapping[str, Any]) -> str:
    itself = {NULLABLE: "nullable=False", UNIQUE: "unique"}
    return f"`{itself.get(body['check'], 'Check.' + body['check'])}`"


_TOOLS: Mapping[str, tuple[Notation, Callable[[Mapping[str, Any]], str]]] = {
    "Great Expectations": (gx.NOTATION, _of_gx),
    "Soda": (soda.NOTATION, _of_soda),
    "dbt": (dbt.NOTATION, _of_dbt),
    "ODCS": (odcs.NOTATION, _of_odcs),
    "Pandera": (pandera.NOTATION, _of_pandera),
}

if __name__ == "__main__":
    sys.stdout.write(counterparts_page())
