from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.results.usual_range import LEAST_HISTORY, usual_range


def test_too_little_history_gives_no_range() -> None:
    assert usual_range([100.0] * (LEAST_HISTORY - 1), least_width=1) is None


def test_figures_that_never_moved_leave_the_least_width() -> None:
    usual = usual_range([100.0] * 6, least_width=2)
    assert usual is not None
    assert 98.0 in usual
    assert 102.0 in usual
    assert 102.1 not in usual


def test_one_odd_figure_in_the_past_hides_no_odd_figure_now() -> None:
    usual = usual_range([100.0, 101.0, 99.0, 100.0, 100.5, 5_000.0], least_width=1)
    assert usual is not None
    assert 120.0 not in usual


def test_figures_that_always_move_are_usual_while_they_move_as_much() -> None:
    usual = usual_range([80.0, 120.0, 95.0, 105.0, 110.0, 90.0], least_width=1)
    assert usual is not None
    assert 70.0 in usual
    assert 300.0 not in usual


@given(st.lists(st.floats(-1e6, 1e6), min_size=LEAST_HISTORY, max_size=40), st.floats(0, 10))
def test_order_does_not_matter_and_the_median_is_usual(history: list[float], least_width: float) -> None:
    usual = usual_range(history, least_width=least_width)
    assert usual == usual_range(history[::-1], least_width=least_width)
    assert usual is not None
    assert sorted(history)[len(history) // 2] in usual or len(history) % 2 == 0
