from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from profiling_pipeline.results.usual_range import LEAST_HISTORY, MOST_HISTORY, PastFigure, UsualRange, usual_range

MONDAY = datetime(2025, 1, 6, 22, tzinfo=UTC)
MEDIUM = 3.5
FIGURES = st.lists(st.integers(-(10**6), 10**6).map(float), min_size=LEAST_HISTORY, max_size=40)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def past(values: Sequence[float], **told: bool) -> list[PastFigure]:
    return [PastFigure(value, day(number), **told) for number, value in enumerate(values)]


def range_after(history: Sequence[PastFigure], *, least_change: float = 1.0, at: datetime | None = None) -> UsualRange:
    usual = usual_range(history, at or day(len(history)), deviations=MEDIUM, least_change=least_change)
    assert usual is not None
    return usual


def judged(values: Sequence[float], *, least_change: float = 1.0) -> list[PastFigure]:
    """Judge figures of one day after another, each by those before it."""
    history: list[PastFigure] = []
    for number, value in enumerate(values):
        usual = usual_range(history[-MOST_HISTORY:], day(number), deviations=MEDIUM, least_change=least_change)
        history.append(PastFigure(value, day(number), is_unusual=usual is not None and value not in usual))
    return history


def flagged(history: Sequence[PastFigure]) -> list[int]:
    return [number for number, point in enumerate(history) if point.is_unusual]


@given(st.lists(st.floats(-1e6, 1e6), max_size=LEAST_HISTORY - 1))
def test_too_little_history_gives_no_range(values: list[float]) -> None:
    assert usual_range(past(values), day(10), deviations=MEDIUM, least_change=1) is None


@given(FIGURES, st.integers(0, 4))
def test_unusual_figures_count_for_nothing(values: list[float], kept: int) -> None:
    history = [replace(p, is_unusual=n >= kept) for n, p in enumerate(past(values[: kept + LEAST_HISTORY - 1]))]
    assert usual_range(history, day(50), deviations=MEDIUM, least_change=1) is None


@given(FIGURES, st.data())
def test_a_few_unusual_figures_leave_the_range_of_the_others(values: list[float], data: st.DataObject) -> None:
    usual = past(values)
    odd = data.draw(st.lists(st.tuples(st.integers(0, 40), st.floats(-1e9, 1e9)), max_size=LEAST_HISTORY - 1))
    strange = [PastFigure(value, day(number) + timedelta(hours=1), is_unusual=True) for number, value in odd]
    history = sorted([*usual, *strange], key=lambda point: point.at)
    assert range_after(history, at=day(41)) == range_after(usual, at=day(41))


@given(FIGURES, st.integers(1, 1000), st.integers(-(10**6), 10**6))
def test_another_unit_or_zero_point_makes_no_difference(values: list[float], factor: int, shift: int) -> None:
    before = range_after(past(values), least_change=2)
    after = range_after(past([factor * value + shift for value in values]), least_change=2 * factor)
    assume(before.is_seasonal == after.is_seasonal)  # a tie between models may be broken by the last bit
    assume(before.has_trend == after.has_trend)
    scale = 1e-9 * max(abs(after.low), abs(after.high), abs(shift), 1)
    assert after.low == pytest.approx(factor * before.low + shift, abs=scale)
    assert after.high == pytest.approx(factor * before.high + shift, abs=scale)


@given(FIGURES, st.floats(0.1, 10))
def test_the_middle_is_usual_and_so_is_the_least_change(values: list[float], least_change: float) -> None:
    usual = range_after(past(values), least_change=least_change)
    assert usual.low <= usual.middle - 0.999 * least_change < usual.middle + 0.999 * least_change <= usual.high
    assert usual.distance(usual.high) == pytest.approx(MEDIUM, rel=1e-6)


@given(FIGURES, st.floats(0.5, 3), st.floats(3, 6))
def test_more_deviations_are_more_lenient(values: list[float], few: float, many: float) -> None:
    narrow, wide = (usual_range(past(values), day(50), deviations=k, least_change=1) for k in (few, many))
    assert narrow is not None
    assert wide is not None
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


def test_figures_that_never_moved_leave_the_least_change() -> None:
    usual = range_after(past([100.0] * 6), least_change=2)
    assert 98.0 in usual
    assert 102.0 in usual
    assert 102.1 not in usual


def test_one_odd_figure_before_the_first_verdict_hides_no_odd_figure_now() -> None:
    assert 200.0 not in range_after(past([100.0, 101.0, 99.0, 100.0, 5_000.0, 100.5, 99.5, 100.0]))


def test_only_the_newest_figures_count() -> None:
    history = past([10.0] * 200 + [20.0] * MOST_HISTORY)
    assert range_after(history).middle == 20.0
    assert range_after(history).points == MOST_HISTORY


def test_after_five_figures_on_a_new_level_that_is_usual() -> None:
    history = judged([100.0] * 20 + [50.0] * 10 + [100.0])
    assert flagged(history) == [20, 21, 22, 23, 24, 30]


def test_unusual_figures_that_agree_on_nothing_are_no_level() -> None:
    history = judged([100.0] * 20 + [50.0, 500.0, 10.0, 300.0, 180.0, 40.0, 900.0])
    assert flagged(history) == list(range(20, 27))


def test_faults_that_a_person_confirmed_are_no_level_and_what_was_expected_counts_at_once() -> None:
    history = judged([100.0] * 10 + [50.0] * 5)
    faults = [replace(point, is_fault=point.is_unusual) for point in history]
    assert 50.0 not in range_after(faults)
    short = judged([100.0] * 3 + [100.0, 101.0, 150.0])
    assert range_after([replace(point, is_expected=point.is_unusual) for point in short]).points == 6
    assert range_after(short).points == 5


def test_weekends_are_learned_after_five_weeks() -> None:
    week = [100.0, 101.0, 99.0, 100.0, 100.5, 10.0, 12.0]
    history = judged(week * 10)
    assert flagged(history) == [number for number in range(35) if number % 7 >= 5]
    assert flagged(judged([*week * 10, 10.0])) == [*flagged(history), 70], "a Monday like a Saturday"
    assert range_after(history).is_seasonal


def test_growth_is_expected_to_go_on() -> None:
    history = judged([100 + 2.0 * number + number % 3 for number in range(60)])
    assert flagged(history) == []
    usual = range_after(history)
    assert usual.has_trend
    assert usual.middle == pytest.approx(221, abs=3)
    assert 110.0 not in usual


def test_many_runs_at_one_moment_have_no_trend() -> None:
    history = [PastFigure(float(number), day(0)) for number in range(30)]
    assert not range_after(history).has_trend


NOISE = 2.0
Shape = Callable[[int], float]
SHAPES: dict[str, Shape] = {
    "steady": lambda _: 100,
    "seasonal": lambda n: 100 + (0, 10, 20, 10, 0, -25, -30)[n % 7],
    "growing": lambda n: 100 + 0.8 * n,
    "growing and seasonal": lambda n: (100 + 0.5 * n) * (1 + (0, 0.1, 0.2, 0.1, 0, -0.25, -0.3)[n % 7]),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_false_alarms_are_rare_and_halving_is_found(shape: Shape) -> None:
    """Series of 110 days without any floor; verdicts from the fortieth on, when weekdays are known."""
    dice, alarms, verdicts, missed = Random(7), 0, 0, 0
    for _ in range(8):
        values = [shape(number) + dice.gauss(0, NOISE) for number in range(110)]
        history = judged(values, least_change=0.001)
        alarms += sum(number >= 40 for number in flagged(history))
        verdicts += 70
        missed += sum(
            values[number] / 2 in range_after(history[:number], least_change=0.001) for number in (60, 80, 100)
        )
    assert alarms <= 0.015 * verdicts
    assert missed == 0
