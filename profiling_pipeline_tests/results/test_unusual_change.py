from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.results.change_report import ChangeReport
from profiling_pipeline.results.observation import (
    ColumnFigures,
    Figure,
    FigureKey,
    FigureKind,
    Observation,
    RuleFigures,
)
from profiling_pipeline.results.unusual_change import Change, PastRun, Sensitivity, changes

START = datetime(2025, 1, 6, tzinfo=UTC)
SCORE = "CREDIT_SCORE"
NULLS, RATIO, MEAN = (
    FigureKey(kind, SCORE) for kind in (FigureKind.NULL_RATE, FigureKind.DISTINCT_RATIO, FigureKind.MEAN)
)
ROWS, PASSES = FigureKey(FigureKind.ROW_COUNT), FigureKey(FigureKind.PASS_RATE, "a1")


def seen(
    rows: int = 10_000, nulls: float = 0.1, ratio: float = 0.05, mean: float = 650.0, rate: float = 99.5
) -> Observation:
    column = ColumnFigures(null_rate=nulls, distinct_ratio=ratio, mean=mean, deviation=80.0)
    return Observation(rows, {SCORE: column}, {"a1": RuleFigures(rate, rows)})


def runs(observations: list[Observation]) -> list[PastRun]:
    return [PastRun(START + timedelta(days=n), each.figures()) for n, each in enumerate(observations)]


def compare(
    now: Observation, history: list[PastRun], sensitivity: Sensitivity = Sensitivity.MEDIUM
) -> dict[FigureKey, Change]:
    at = START + timedelta(days=len(history))
    return {c.key: c for c in changes(now.figures(), at, history, sensitivity, {"a1": "Score is sane"})}


def unusual(now: Observation, history: list[PastRun], sensitivity: Sensitivity = Sensitivity.MEDIUM) -> set[FigureKey]:
    return {key for key, change in compare(now, history, sensitivity).items() if change.is_unusual}


STEADY = runs([seen(nulls=0.1 + 0.01 * (n % 3)) for n in range(12)])


def test_no_verdict_before_five_runs() -> None:
    assert compare(seen(rows=1), STEADY[:4]) == {}
    assert unusual(seen(rows=1), STEADY[:5]) == {ROWS}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (seen(), set()),
        (seen(rows=5_000), {ROWS}),
        (seen(rows=20_000), {ROWS}),
        (seen(rows=10_300), set()),
        (seen(nulls=5.0), {NULLS}),
        (seen(nulls=0.4), set()),
        (seen(ratio=0.5), {RATIO}),
        (seen(rows=1_000, ratio=0.4), {ROWS}),
        (seen(rows=1_000, ratio=1.0), {ROWS}),
        (seen(rows=5_000, ratio=0.4), {ROWS, RATIO}),
        (seen(mean=670.0), {MEAN}),
        (seen(mean=655.0), set()),
        (seen(rate=98.0), {PASSES}),
        (seen(rows=5_000, nulls=50.0, rate=40.0), {ROWS, NULLS, PASSES}),
    ],
)
def test_what_is_unusual(now: Observation, found: set[FigureKey]) -> None:
    assert unusual(now, STEADY) == found


def test_sensitivity_decides_how_small_a_change_counts() -> None:
    found = {s: unusual(seen(nulls=0.9), STEADY, s) for s in Sensitivity}
    assert found == {
        Sensitivity.OFF: set(), Sensitivity.LOW: set(), Sensitivity.MEDIUM: {NULLS}, Sensitivity.HIGH: {NULLS},
    }  # fmt: skip
    assert unusual(seen(mean=655.0), STEADY, Sensitivity.HIGH) == {MEAN}


def test_three_rows_more_or_less_are_never_unusual() -> None:
    history = runs([Observation(40, {}, {"a1": RuleFigures(100.0, 40)}) for _ in range(9)])
    assert unusual(Observation(43, {}, {"a1": RuleFigures(92.5, 40)}), history) == set()
    assert unusual(Observation(44, {}, {"a1": RuleFigures(90.0, 40)}), history) == {ROWS, PASSES}


def test_the_sentence_says_what_is_now_and_what_is_usual() -> None:
    change = compare(seen(nulls=5.2), STEADY)[NULLS]
    assert change.sentence == "null rate of CREDIT_SCORE is 5.2 %, usually 0.0–0.61 % (median of 12 runs)"
    assert (change.direction, change.distance > 10) == ("up", True)
    low = compare(seen(rate=42.0), STEADY)[PASSES]
    assert low.sentence == "pass rate of rule 'Score is sane' is 42.0 %, usually 99.0–100.0 % (median of 12 runs)"
    assert low.direction == "down"


def test_the_farthest_out_comes_first_and_all_survives_storing() -> None:
    found = list(compare(seen(rows=100, nulls=1.5), STEADY).values())
    assert [change.key for change in found[:2]] == [ROWS, NULLS]
    assert [Change.from_stored(str(change.key), change.stored()) for change in found] == found
    assert Observation.from_dict(seen().to_dict()) == seen()


@pytest.mark.parametrize("key", [ROWS, NULLS, PASSES, FigureKey(FigureKind.MEAN, "a: b")])
def test_keys_read_as_they_are_written(key: FigureKey) -> None:
    assert FigureKey.parse(str(key)) == key


figures = st.builds(Figure, st.floats(0, 100), st.integers(0, 10**6), st.floats(0, 50))


@given(st.lists(figures, min_size=5, max_size=20), figures, figures, st.sampled_from([NULLS, MEAN, ROWS, PASSES]))
def test_a_figure_never_influences_its_own_range(
    past: list[Figure], now: Figure, otherwise: Figure, key: FigureKey
) -> None:
    history = [PastRun(START + timedelta(days=n), {key: figure}) for n, figure in enumerate(past)]
    at = START + timedelta(days=30)
    one, other = (changes({key: figure}, at, history, Sensitivity.MEDIUM, {})[0].usual for figure in (now, otherwise))
    assert one == other


def test_a_run_of_many_noisy_figures_seldom_raises_a_false_alarm() -> None:
    """A hundred figures, each with noise far above what is usual in any case, over 40 runs."""
    dice = Random(3)
    keys = [FigureKey(FigureKind.MEAN, f"c{n}") for n in range(100)]
    history: list[PastRun] = []
    alarms = 0
    for number in range(40):
        now = {key: Figure(dice.gauss(100, 5), 10_000, 1.0) for key in keys}
        at = START + timedelta(days=number)
        found = frozenset(c.key for c in changes(now, at, history, Sensitivity.MEDIUM, {}) if c.is_unusual)
        alarms += number >= 10 and bool(found)
        history.append(PastRun(at, now, found))
    assert alarms <= 3


def test_reports_in_words() -> None:
    def report(found: list[Change], runs: int, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> str:
        return ChangeReport("run", START, sensitivity, runs, tuple(found)).summary

    assert report([], 0) == "No verdict before 5 executions to compare with: there are 0."
    assert report([], 1) == "No verdict before 5 executions to compare with: there is 1."
    assert report([], 9, Sensitivity.OFF) == "Not looked for: the version's sensitivity is off."
    assert report(list(compare(seen(), STEADY).values()), 12) == (
        "Nothing unusual: 5 figures are as 12 earlier runs had them."
    )
    assert report(list(compare(seen(rows=5_000), STEADY).values()), 12).startswith(
        "Unusual: row count is 5,000, usually"
    )
