"""What earlier figures lead to expect of the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LEAST_HISTORY = 5
_DEVIATIONS = 3.0
_NORMAL_SPREAD = 1.4826  # median absolute deviation of a normal distribution, in standard deviations: 1 / 1.4826


@dataclass(frozen=True)
class UsualRange:
    """The range around the median in which a figure is usual, both ends included."""

    low: float
    high: float

    def __contains__(self, figure: float) -> bool:
        return self.low <= figure <= self.high


def usual_range(history: Sequence[float], *, least_width: float) -> UsualRange | None:
    """Return the median of `history` ± 3 robust standard deviations, None with fewer than five figures.

    One odd figure among the earlier ones hardly moves median and median absolute deviation.

    Args:
        history: Earlier figures, in any order.
        least_width: Distance from the median that is usual in any case: figures that never moved have no spread.
    """
    if len(history) < LEAST_HISTORY:
        return None
    middle = median(history)
    spread = _NORMAL_SPREAD * median(abs(figure - middle) for figure in history)
    width = max(_DEVIATIONS * spread, least_width)
    return UsualRange(middle - width, middle + width)
