"""How sure a share can be, and how far values may reasonably reach."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from math import exp, inf, isfinite, log, sqrt

# A rule read from the data alone is proposed only when this share of the rows holds it, chance allowed for.
HOLDING_SHARE = 0.95

# A form, a type or a set shows by itself what is meant: it is proposed with more exceptions than a limit is.
FORM_SHARE = 0.9

_Z = 1.96  # two-sided 95 %
_AS_DENSE = 1.7  # times as wide that the last 4 % may be where values end, beside a normal distribution's 2.3
_WALL_ROWS = 500  # with fewer, the last 1 % is too few values to tell an end from a tail


def wilson_lower_bound(holding: float, total: float) -> float:
    """Return the share that holds at least, with 97.5 % certainty, when `holding` of `total` do; 0 when none is seen.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    if total <= 0:
        return 0.0
    share = min(max(holding / total, 0.0), 1.0)
    centre = share + _Z**2 / (2 * total)
    margin = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    return max(0.0, (centre - margin) / (1 + _Z**2 / total))


def is_supported(holding: float, total: float, least: float = HOLDING_SHARE) -> bool:
    """Return whether so many rows hold a rule that it may be proposed without anybody having declared it."""
    return wilson_lower_bound(holding, total) >= least


def confidence(holding: float, total: float) -> Decimal | None:
    """Return the Wilson bound as a percentage with two decimals, None when nothing was seen."""
    if total <= 0:
        return None
    return Decimal(100 * wilson_lower_bound(holding, total)).quantize(Decimal("0.01"), ROUND_DOWN)


@dataclass(frozen=True)
class Fence:
    """A limit that values do not pass by chance; `is_wall` when the values end there instead of thinning out."""

    value: float
    is_wall: bool


def upper_fence(q50: float, q75: float, q95: float, q99: float, rows: int, floor: float | None = None) -> Fence | None:
    """Return the limit above which a tail like the one between the quantiles leaves less than a tenth of a row.

    Values that end as densely as they run (as percentages or scores do) are given twice as much room as their last
    4 % take. Otherwise the tail is taken to thin out exponentially: on the values' logarithms where they are skewed
    and positive (`floor`, their 5 % quantile, says which), else on the values. Extreme values play no part, so that
    wrong ones do not widen the limit. None where the quantiles show no tail.
    """
    step = q99 - q95
    if not 0 < step < inf:
        return None
    is_as_dense = step <= _AS_DENSE * (q95 - q75) / 5  # the last 4 % are about as dense as the 20 % before
    if rows >= _WALL_ROWS and is_as_dense:
        return _fence(q99 + 2 * step, is_wall=True)
    steps = max(1.0, log(max(rows, 1) / 10, 5))  # a fifth of the tail is left at each step of the size q99 - q95
    if floor is not None and q50 > 0 and q95 - q50 > 2 * (q50 - floor):
        growth = steps * log(q99 / q95)
        return _fence(q99 * exp(growth), is_wall=False) if growth < log(100) else None
    return _fence(q99 + steps * step, is_wall=False)


def _fence(value: float, *, is_wall: bool) -> Fence | None:
    return Fence(value, is_wall) if isfinite(value) else None


def lower_fence(q50: float, q25: float, q05: float, q01: float, rows: int) -> Fence | None:
    """Return the limit below, found as `upper_fence` finds the one above, without logarithms."""
    mirrored = upper_fence(-q50, -q25, -q05, -q01, rows)
    return Fence(-mirrored.value, mirrored.is_wall) if mirrored else None
