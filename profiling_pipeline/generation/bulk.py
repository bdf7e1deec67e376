"""The bulk of a column's numbers, told apart from wrong ones that are too many for the extreme quantiles to ignore."""

import numpy as np

from profiling_pipeline.profiling.sample import Numbers

_MOST_WRONG = 0.05  # share of the values, at each end
_MOST_MARKED = 0.08  # share of the values that may be a sentinel, or have the wrong sign
_WINDOW = 0.04  # share of the values just before an end of the bulk, which are compared with those ...
_BODY = 0.2  # ... before them, and with those beyond
_SPARSER = 10  # times fewer values for the same width lie beyond the end of the bulk
_AS_DENSE = 1.7  # times at most, that the body is denser than the values just before the end
_PLACES = 500  # where an end is looked for, at most
_STEPS_APART = 2  # of those between the different values just before the end, to the first value beyond
_FEWEST = 200
_FEWEST_SENTINELS = 3
_SENTINEL_TIMES = 5  # as frequent as other values of its size
_SENTINEL_GAP = 0.05  # of the width of the bulk, between a sentinel and the next value


def bulk_of(values: Numbers) -> Numbers:
    """Return the values, sorted, without what is not of their kind: sentinels, exchanged signs, values beyond a wall.

    A sentinel is a number such as 999 or -1 that stands for a missing value: repeated, and apart from the others. Signs
    are exchanged where a few values are negative, but as large as the others. Beyond a wall lie values where the bulk,
    dense up to an end, is followed by values more than ten times as thin. What thins out smoothly stays.

    Args:
        values: Numbers, NaN for none.
    """
    numbers = plausible(values)
    if len(numbers) < _FEWEST:
        return numbers
    numbers = numbers[: _end(numbers)]
    return np.sort(-(-numbers[::-1])[: _end(-numbers[::-1])])


def plausible(values: Numbers) -> Numbers:
    """Return the values, sorted, without sentinels and exchanged signs."""
    numbers = np.sort(values[np.isfinite(values)])
    return numbers if len(numbers) < _FEWEST else _without_exchanged_signs(_without_sentinels(numbers))


def _without_sentinels(numbers: Numbers) -> Numbers:
    different, counts = np.unique(numbers, return_counts=True)
    if len(different) < 3:
        return numbers
    low, high = np.quantile(numbers, [_MOST_WRONG, 1 - _MOST_WRONG])
    usual = max(1.0, float(np.median(counts)))
    for place, beside in ((-1, -2), (0, 1)):
        value, rows = float(different[place]), int(counts[place])
        gap = abs(value - float(different[beside]))
        is_apart = gap >= _SENTINEL_GAP * (high - low) if value > 0 else value < 0 <= different[beside]
        fewest = _FEWEST_SENTINELS if value < 0 else max(_FEWEST_SENTINELS, _SENTINEL_TIMES * usual)
        if _is_sentinel(value) and is_apart and fewest <= rows <= _MOST_MARKED * len(numbers):
            numbers = numbers[numbers != value]
    return numbers


def _is_sentinel(value: float) -> bool:
    """Return whether a number is one that people write for a missing one: -1, 99, -99.9 and the like."""
    digits = f"{abs(value):f}".rstrip("0").replace(".", "")
    return value == -1 or (len(digits) >= 2 and set(digits) == {"9"}) or (value < 0 and set(digits) == {"9"})


def _without_exchanged_signs(numbers: Numbers) -> Numbers:
    negative = numbers[numbers < 0]
    if not 0 < len(negative) <= _MOST_MARKED * len(numbers):
        return numbers
    positive = numbers[numbers > 0]
    if len(positive) and np.median(-negative) >= np.quantile(positive, 0.2):
        return numbers[numbers >= 0]
    return numbers


def _end(numbers: Numbers) -> int:
    """Return how many of the sorted numbers belong to the bulk, going up."""
    rows = len(numbers)
    window, body = max(10, int(_WINDOW * rows)), max(40, int(_BODY * rows))
    best, end = float(_SPARSER), rows
    most_wrong = int(_MOST_WRONG * rows)
    for place in range(rows - most_wrong, rows - 1, max(1, most_wrong // _PLACES)):
        before = (numbers[place - 1] - numbers[place - 1 - window]) / window
        body_step = (numbers[place - 1 - window] - numbers[place - 1 - window - body]) / body
        beyond = (numbers[(place + rows) // 2] - numbers[place - 1]) / ((rows - place) / 2)  # to their median
        if before <= 0 or body_step <= 0 or before > _AS_DENSE * body_step:
            continue
        if beyond / before <= best:
            continue
        different = len(np.unique(numbers[place - 1 - window : place]))
        if numbers[place] - numbers[place - 1] > _STEPS_APART * before * window / max(1, different - 1):
            best, end = beyond / before, place
    return end
