"""Rules on how early or late a day may be."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import numpy as np

from profiling_pipeline.generation.bulk import bulk_of
from profiling_pipeline.generation.statistics import is_supported, lower_fence, upper_fence
from profiling_pipeline.generation.suggestions.formats import observed_date_format
from profiling_pipeline.generation.suggestions.ranges import Quantiles, quantiles_of
from profiling_pipeline.generation.suggestions.subject import Subject, count, portion
from profiling_pipeline.generation.suggestions.values import as_day
from profiling_pipeline.profiling.sample import Numbers
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.sources.model import ColumnKind

_FEWEST_ROWS = 100  # below, a 1 % quantile is a single value
_TEMPORAL = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
_APART = 0.15  # of the span of the days, that those after it must at least lie apart: time goes on
_SECONDS = 86_400  # of a day
_EPOCH = date(1970, 1, 1).toordinal()

# Words in a name that say that a day lies ahead by its nature, even where the data of today are old.
_AHEAD = frozenset(
    {"next", "due", "maturity", "matures", "mature", "expiration", "expiry", "expires", "expire", "end", "ends",
     "until", "scheduled", "planned", "expected", "forecast", "valid", "renewal"}
)  # fmt: skip


def suggest(subject: Subject, today: date) -> Iterable[Rule]:
    """Yield limits that nearly all days keep."""
    if subject.column.present < _FEWEST_ROWS:
        return
    limits = list(_within_bulk(subject, _ordinals(subject))) if subject.data is not None else []
    yield from limits
    if subject.column.kind in _TEMPORAL:
        known = quantiles_of(subject, lambda value: day.toordinal() if (day := as_day(value)) else None)
        if known is not None:
            yield from _past(subject, known, today)
            if not any("min_value" in rule.parameters for rule in limits):
                yield from _not_before(subject, known)


def _ordinals(subject: Subject) -> Numbers:
    """Return for each row its day as an ordinal; NaN for none, also where numbers or texts are no days."""
    data = subject.data
    if data is None:
        return np.empty(0)
    if subject.column.kind in _TEMPORAL:
        return np.floor(data.values / _SECONDS) + _EPOCH
    day_format = observed_date_format(subject)
    if day_format is None or subject.column.kind is not ColumnKind.INTEGER:
        return np.empty(0)
    by_text = np.array([_ordinal(text, day_format) for text in data.texts])
    return np.where(data.is_present, by_text[data.codes], np.nan)


def _ordinal(text: str, day_format: str) -> float:
    try:
        return float(datetime.strptime(text, day_format).replace(tzinfo=UTC).toordinal())
    except ValueError:
        return np.nan


def _within_bulk(subject: Subject, ordinals: Numbers) -> Iterable[Rule]:
    """Yield limits where a few days lie far before or after the dense bulk of the others."""
    known = ordinals[np.isfinite(ordinals)]
    bulk = bulk_of(known)
    if not len(bulk):
        return
    first = date.fromordinal(int(bulk[0])).replace(day=1)
    last = date.fromordinal(int(bulk[-1])).replace(month=12, day=31)
    early, after = int((known < first.toordinal()).sum()), known[known > last.toordinal()]
    is_apart = len(after) > 0 and after.min() - bulk[-1] > _APART * (bulk[-1] - bulk[0])
    late = len(after) if is_apart else 0
    seen = f"{portion(len(bulk), len(known), 'days')} lie close together, "
    between = f"from {_shown(bulk[0])} to {_shown(bulk[-1])}"
    if early:
        yield subject.rule(
            f"is not before {first.isoformat()}",
            "greater_than_or_equal_to",
            {"min_value": _written(subject, first)},
            because=f"{seen}{between}; {count(early)} lie far before, the first on {_shown(known.min())}.",
            holding=len(known) - early,
            tested=subject.seen,
            severity=Severity.LOW,
        )
    if late:
        yield subject.rule(
            f"is not after {last.isoformat()}",
            "less_than_or_equal_to",
            {"max_value": _written(subject, last)},
            because=(
                f"{seen}{between}; {count(late)} lie far after, the last on {_shown(known.max())}. "
                "Later periods may need a later limit."
            ),
            holding=len(known) - late,
            tested=subject.seen,
            severity=Severity.LOW,
        )


def _written(subject: Subject, day: date) -> str | int:
    """Return a day as the column has it: ISO text for days, a number for days written as numbers."""
    if subject.column.kind in _TEMPORAL:
        return day.isoformat()
    return int(day.strftime(observed_date_format(subject) or "%Y%m%d"))


def _past(subject: Subject, known: Quantiles, today: date) -> Iterable[Rule]:
    """Yield the rule that days are past, unless they lie ahead by their name or some go smoothly into the future."""
    rows, now = subject.column.present, today.toordinal()
    fence = upper_fence(known.q50, known.q75, known.q95, known.q99, rows)
    reach = fence.value if fence else known.q99
    smooth = now < known.maximum <= reach
    if subject.words & _AHEAD or known.q99 > now or smooth:
        return
    holding = rows if known.maximum <= now else 0.99 * rows
    if not is_supported(holding, subject.given):
        return
    seen = "All" if known.maximum <= now else "At least 99 % of"
    yield subject.rule(
        "is not in the future",
        "not_in_future",
        {},
        because=(
            f"{seen} {count(rows)} readable days are up to {today.isoformat()}: half are up to "
            f"{_shown(known.q50)}, the last is {subject.quote(as_day(subject.column.maximum))}."
        ),
        holding=holding,
        tested=subject.given,
    )


def _not_before(subject: Subject, known: Quantiles) -> Iterable[Rule]:
    """Yield a limit where the first day lies far before where days that thin out would end."""
    column = subject.column
    fence = lower_fence(known.q50, known.q25, known.q05, known.q01, column.present)
    earliest = fence.value - (known.q50 - fence.value) / 2 if fence else 0  # days are rarely wrong by little
    if not 1 < known.minimum < earliest:
        return
    first = date.fromordinal(int(earliest)).replace(month=1, day=1)
    yield subject.rule(
        f"is not before {first.isoformat()}",
        "greater_than_or_equal_to",
        {"min_value": first.isoformat()},
        because=(
            f"99 % of {count(column.present)} days are from {_shown(known.q01)} on, but the first, "
            f"{subject.quote(as_day(column.minimum))}, is too far from the others."
        ),
        holding=0.99 * column.present,
        tested=subject.given,
        severity=Severity.LOW,
    )


def _shown(ordinal: float) -> str:
    return date.fromordinal(int(ordinal)).isoformat()
