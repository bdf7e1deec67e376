"""What a model is told of an attribute and its column: names, types and statistics; values of public columns only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from profiling_pipeline.profiling.profile import ColumnProfile
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.sources.model import Attribute, ColumnKind

HIDDEN = "(hidden)"

_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_VALUE = 120, 1_000, 60
_MOST_VALUES, _MOST_PATTERNS = 15, 5
_EXACT_DIGITS, _ESTIMATE_DIGITS, _HIDDEN_DIGITS = 6, 2, 2
_ENOUGH_ROWS, _ENOUGH_VALUES = 100, 20  # below, the figures of a hidden column could tell a single value
_INNER_QUANTILES = ("0.05", "0.25", "0.5", "0.75", "0.95")
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_PATTERN_OF_ANY_VALUE = re.compile(r"[Aa9 \-/.:,_()+#@]*", re.ASCII)  # other characters are a value's own


@dataclass(frozen=True)
class Subject:
    """An attribute with its column in numbers."""

    attribute: Attribute
    column: ColumnProfile


def told(subject: Subject) -> dict[str, Any]:
    """Return what may be told of an attribute, as values that JSON knows, without what is not known."""
    attribute, column = subject.attribute, subject.column
    facts = {
        "name": _text(attribute.name, _LONGEST_NAME),
        "technical_name": _text(attribute.technical_name, _LONGEST_NAME),
        "line_item": _text(attribute.line_item_number, _LONGEST_NAME),
        "mdrm": _text(attribute.mdrm, _LONGEST_NAME),
        "description": _text(attribute.description, _LONGEST_DESCRIPTION),
        "declared_type": _text(attribute.data_type, _LONGEST_NAME),
        "format": _text(attribute.format_code, _LONGEST_NAME),
        "mandatory": _text(attribute.mandatory, _LONGEST_NAME),
        "primary_key": attribute.is_primary_key or None,
        "values_shown": attribute.is_shown,
        "column": _text(column.name, _LONGEST_NAME),
        "column_kind": column.kind.value,
        "statistics": _statistics(column) | (_shown(column) if attribute.is_shown else _hidden(column)),
    }
    return {name: value for name, value in facts.items() if value is not None}


def told_parameters(parameters: Mapping[str, Any], *, is_shown: bool) -> dict[str, Any]:
    """Return a rule's parameters, of a hidden column by their names only: their values may be the column's own."""
    own = {name: value for name, value in parameters.items() if name != "origin"}
    return dict(json_value(own)) if is_shown else dict.fromkeys(own, HIDDEN)


def _statistics(column: ColumnProfile) -> dict[str, Any]:
    """Return counts, which tell no value."""
    return {
        "rows": column.rows,
        "nulls": column.nulls,
        "blanks": column.blanks,
        "unreadable": column.unreadable,
        "distinct": column.distinct if column.distinct_is_exact else _rounded(column.distinct, _ESTIMATE_DIGITS),
        **_present(shortest=column.shortest, longest=column.longest),
    }


def _shown(column: ColumnProfile) -> dict[str, Any]:
    digits = _EXACT_DIGITS if column.distinct_is_exact else _ESTIMATE_DIGITS
    return _present(
        minimum=_value(column.minimum),
        maximum=_value(column.maximum),
        mean=_rounded(column.mean, digits),
        standard_deviation=_rounded(column.standard_deviation, digits),
        quantiles={share: _rounded(value, digits) for share, value in (column.quantiles or {}).items()},
        top_values=[[_value(top.value), top.count] for top in column.top_values[:_MOST_VALUES]],
        patterns=[[_value(pattern.value), pattern.count] for pattern in column.patterns[:_MOST_PATTERNS]],
    )


def _hidden(column: ColumnProfile) -> dict[str, Any]:
    """Return rounded figures of many values together, and the forms that values have."""
    patterns = [
        [_value(pattern.value), pattern.count]
        for pattern in column.patterns[:_MOST_PATTERNS]
        if _PATTERN_OF_ANY_VALUE.fullmatch(str(pattern.value))
    ]
    figures: dict[str, Any] = {}
    if column.kind in _NUMERIC and column.present >= _ENOUGH_ROWS and column.distinct >= _ENOUGH_VALUES:
        quantiles = column.quantiles or {}
        figures = {
            "mean": _rounded(column.mean, _HIDDEN_DIGITS),
            "standard_deviation": _rounded(column.standard_deviation, _HIDDEN_DIGITS),
            "quantiles": {q: _rounded(quantiles[q], _HIDDEN_DIGITS) for q in _INNER_QUANTILES if q in quantiles},
        }
    return _present(patterns=patterns, **figures)


def _present(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None and value not in ([], {})}


def _text(text: str | None, longest: int) -> str | None:
    """Return text without control characters and not too long."""
    if not text:
        return None
    clean = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return f"{clean[:longest]}…" if len(clean) > longest else clean


def _value(value: Any) -> Any:
    plain = json_value(value)
    return _text(plain, _LONGEST_VALUE) or "" if isinstance(plain, str) else plain


def _rounded(value: Any, digits: int) -> Any:
    """Return a number with so many significant digits; anything else as JSON knows it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return json_value(value)
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else json_value(rounded)
