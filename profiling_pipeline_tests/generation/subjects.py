"""Column profiles as tests need them, and the rules suggested for one."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from profiling_pipeline.generation.suggester import suggest_rules
from profiling_pipeline.profiling.profile import ColumnProfile, TableProfile, ValueCount
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import Attribute, ColumnKind, ColumnMatches

TODAY = date(2025, 7, 1)
LEVELS = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")


def a_column(name: str = "AMOUNT", kind: ColumnKind = ColumnKind.NUMBER, **figures: Any) -> ColumnProfile:
    """A column of 1,000 different values; name only what the test is about."""
    rows = figures.get("rows", 1000)
    given: dict[str, Any] = {
        "rows": rows,
        "nulls": 0,
        "blanks": 0,
        "unreadable": 0,
        "distinct_is_exact": True,
        **figures,
    }
    given.setdefault("distinct", rows - given["nulls"] - given["unreadable"])
    return ColumnProfile(name, kind, **given)


def counts(values: Mapping[Any, int]) -> tuple[ValueCount, ...]:
    return tuple(ValueCount(value, rows) for value, rows in values.items())


def spread(*values: Any) -> dict[str, Any]:
    """Minimum, the seven quantiles and maximum as figures of a column."""
    low, *quantiles, high = values
    return {"minimum": low, "maximum": high, "quantiles": dict(zip(LEVELS, quantiles, strict=True))}


def an_attribute(number: int = 1, name: str = "Amount", **more: Any) -> Attribute:
    return Attribute(number, name, **{"classification": "Internal", **more})


def suggested(*columns: ColumnProfile, attributes: list[Attribute] | None = None) -> list[Rule]:
    """The rules for columns, matched in order to the attributes, which are undeclared ones unless given."""
    attributes = attributes or [an_attribute(number, column.name) for number, column in enumerate(columns, start=1)]
    matches = ColumnMatches(
        {attribute.attribute_id: column.name for attribute, column in zip(attributes, columns, strict=True)}, {}
    )
    profile = TableProfile("test", "duckdb", columns[0].rows, columns, {})
    return suggest_rules(profile, attributes, matches, today=TODAY)


def by_check(rules: list[Rule]) -> dict[str, Rule]:
    return {rule.check: rule for rule in rules}


# 20,000 scores that thin out below 400 and end at 850, with a few wrong ones at 0 and 9,999
SCORES = spread(0, 500, 560, 660, 720, 770, 825, 843, 9999)
