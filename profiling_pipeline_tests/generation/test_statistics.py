import random
from decimal import Decimal
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.generation.statistics import (
    confidence,
    is_supported,
    lower_fence,
    upper_fence,
    wilson_lower_bound,
)


@pytest.mark.parametrize(
    ("holding", "total", "bound"), [(95, 100, 0.8882), (100, 100, 0.9630), (0, 10, 0.0), (0, 0, 0.0)]
)
def test_wilson_bound_is_the_published_one(holding: int, total: int, bound: float) -> None:
    assert wilson_lower_bound(holding, total) == pytest.approx(bound, abs=5e-5)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_wilson_bound_lies_between_zero_and_the_share(holding: int, total: int) -> None:
    bound = wilson_lower_bound(min(holding, total), total)
    assert 0 <= bound <= min(holding, total) / total + 1e-12


def test_few_rows_support_nothing() -> None:
    assert not is_supported(70, 70)
    assert is_supported(80, 80)
    assert confidence(0, 0) is None
    assert confidence(80, 80) == Decimal("95.41")


def _figures(values: list[float]) -> tuple[float, ...]:
    percentiles = quantiles(values, n=100, method="inclusive")
    return tuple(percentiles[level - 1] for level in (1, 5, 25, 50, 75, 95, 99))


@pytest.mark.parametrize("draw", ["gauss", "expovariate", "lognormvariate", "uniform"])
def test_clean_values_stay_within_their_fences(draw: str) -> None:
    dice = random.Random(7)
    parameters = {"gauss": (50, 9), "expovariate": (0.1,), "lognormvariate": (3, 0.9), "uniform": (300, 850)}[draw]
    values = [getattr(dice, draw)(*parameters) for _ in range(20_000)]
    q01, q05, q25, q50, q75, q95, q99 = _figures(values)
    upper = upper_fence(q50, q75, q95, q99, len(values), floor=q05)
    lower = lower_fence(q50, q25, q05, q01, len(values))
    assert upper is not None
    assert lower is not None
    assert lower.value <= min(values)
    assert upper.value >= max(values)


def test_a_wall_is_told_from_a_tail() -> None:
    wall = upper_fence(50, 75, 95, 99, 1000)
    tail = upper_fence(0.69, 1.39, 3.0, 4.6, 1000)
    assert wall is not None
    assert (wall.value, wall.is_wall) == (107, True)
    assert tail is not None
    assert not tail.is_wall


def test_values_without_a_tail_have_no_fence() -> None:
    assert upper_fence(1, 1, 1, 1, 1000) is None
    assert upper_fence(0, 1, 1e308, float("inf"), 1000) is None
    assert lower_fence(0, -1e308, -1.5e308, -1.7e308, 1000) is None
