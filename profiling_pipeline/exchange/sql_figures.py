"""Figures of a whole table in standard SQL, each in one form, read in both directions."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from profiling_pipeline.exchange.mapping import COLUMN, as_rule, column_of
from profiling_pipeline.exchange.model import NotCarriedError
from profiling_pipeline.exchange.sql_text import name_sql, value_sql
from profiling_pipeline.rules.rule import Rule

# `?` stands for the column.
_FIGURES: Mapping[str, str] = {
    "row_count_between": "COUNT(*)",
    "mean_between": "AVG(?)",
    "sum_between": "SUM(?)",
    "min_between": "MIN(?)",
    "max_between": "MAX(?)",
    "stddev_between": "STDDEV_SAMP(?)",
    "median_between": "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY ?)",
    "quantile_between": "PERCENTILE_CONT({quantile}) WITHIN GROUP (ORDER BY ?)",
    "distinct_count_between": "COUNT(DISTINCT ?)",
    "distinct_ratio_between": "COUNT(DISTINCT ?) * 1.0 / NULLIF(COUNT(?), 0)",
    "null_rate_between": "(COUNT(*) - COUNT(?)) * 100.0 / NULLIF(COUNT(*), 0)",
}
SQL_FIGURES = frozenset(_FIGURES)
_NAME_PATTERN = r'(?P<{}>"(?:[^"]|"")+"|\w+|\{{property\}})'


def figure_of(rule: Rule) -> str:
    """Return the figure that a rule looks at.

    Raises:
        NotCarriedError: The rule looks at no such figure.
    """
    if rule.check not in _FIGURES:
        raise NotCarriedError(f"the check {rule.check} is no figure in SQL of every engine")
    quantile = value_sql(rule.parameters["quantile"]) if rule.check == "quantile_between" else ""
    return _FIGURES[rule.check].replace("{quantile}", quantile).replace("?", name_sql(column_of(rule)))


def rule_of_figure(figure: str, bounds: Mapping[str, Any], column: str | None = None) -> Rule:
    """Return the rule, without a name, that sets bounds for a figure; `column` is what `{property}` stands for.

    Raises:
        NotCarriedError: The figure is none that a check looks at.
    """
    text = " ".join(figure.split())
    for check, template in _FIGURES.items():
        found = re.fullmatch(_figure_pattern(template), text, re.IGNORECASE)
        if found is None:
            continue
        names = {_name(value, column) for key, value in found.groupdict().items() if key != "quantile"}
        if len(names) > 1:
            continue
        quantile = {"quantile": Decimal(found["quantile"])} if "quantile" in found.groupdict() else {}
        return as_rule(check, {**quantile, **bounds, COLUMN: next(iter(names), column)}, column)
    raise NotCarriedError(f"its figure '{text[:200]}' is none that a check looks at")


def _figure_pattern(template: str) -> str:
    pattern = re.escape(template).replace(r"\ ", r"\s*").replace(r"\{quantile\}", r"(?P<quantile>[01]?(?:\.\d+)?)")
    number = 0
    while r"\?" in pattern:
        pattern = pattern.replace(r"\?", _NAME_PATTERN.format(f"c{number}"), 1)
        number += 1
    return pattern


def _name(written: str, column: str | None) -> str | None:
    if written.startswith('"'):
        return written[1:-1].replace('""', '"')
    return column if written == "{property}" else written
