"""A column profiled by plain Python."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import floor
from statistics import fmean, stdev
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import pytest

from profiling_pipeline.profiling.profile import ColumnProfile, ValueCount
from profiling_pipeline.sources.model import ColumnKind

_SHAPES = str.maketrans(ascii_uppercase + ascii_lowercase + digits, "A" * 26 + "a" * 26 + "9" * 10)


@dataclass(frozen=True)
class Cell:
    """What a source writes, and what it reads as: None for nothing there, and for what does not read."""

    text: str | None
    value: Any


def assert_profile(profile: ColumnProfile, kind: ColumnKind, cells: Sequence[Cell]) -> None:
    """Compare every figure of a column with what its cells give."""
    values = [cell.value for cell in cells if cell.value is not None]
    texts = [cell.text for cell in cells if cell.text is not None]
    unreadable = len(texts) - len(values)
    assert (profile.kind, profile.rows, profile.nulls) == (kind, len(cells), len(cells) - len(texts))
    assert (profile.unreadable, profile.present) == (unreadable, len(values))
    assert (profile.distinct, profile.distinct_is_exact) == (len(set(values)), True)
    has_range = values and kind is not ColumnKind.BOOLEAN
    assert (profile.minimum, profile.maximum) == ((min(values), max(values)) if has_range else (None, None))
    assert profile.top_values == (most_frequent(values) if len(set(values)) < len(values) else ())
    if kind is ColumnKind.TEXT:
        lengths = [len(value) for value in values]
        assert (profile.shortest, profile.longest) == ((min(lengths), max(lengths)) if lengths else (None, None))
        assert profile.blanks == sum(not value.strip() for value in values)
    has_patterns = texts and (kind is ColumnKind.TEXT or unreadable)
    shapes = [text[:50].translate(_SHAPES) for text in texts]
    assert profile.patterns == (most_frequent(shapes) if has_patterns else ())
    if kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}:
        numbers = [float(value) for value in values]
        assert profile.mean == (pytest.approx(fmean(numbers)) if numbers else None)
        deviation = stdev(numbers) if len(numbers) > 1 else None
        assert profile.standard_deviation == (None if deviation is None else pytest.approx(deviation, abs=1e-6))
    _assert_quantiles(profile, values)


def most_frequent(values: Sequence[Any]) -> tuple[ValueCount, ...]:
    """Return the ten most frequent values; the smaller one first among equally frequent ones."""
    ordered = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    return tuple(ValueCount(value, count) for value, count in ordered[:10])


def _assert_quantiles(profile: ColumnProfile, values: Sequence[Any]) -> None:
    if profile.kind in {ColumnKind.TEXT, ColumnKind.BOOLEAN} or not values:
        assert profile.quantiles is None
        return
    assert profile.quantiles
    numbers = sorted(_number(value) for value in values)
    for share, found in profile.quantiles.items():
        place = float(share) * (len(numbers) - 1)
        below, above = numbers[floor(place)], numbers[min(floor(place) + 1, len(numbers) - 1)]
        expected = below + (above - below) * (place - floor(place))
        # A quantile between two days is a moment of the day before it.
        tolerance = 86_400 if profile.kind is ColumnKind.DATE else 1e-5
        assert _number(found) == pytest.approx(expected, abs=tolerance, rel=1e-9)


def _number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp()
    return (
        datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
        if isinstance(value, date)
        else float(value)
    )
