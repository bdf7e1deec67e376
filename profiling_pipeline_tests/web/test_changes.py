from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.results.change_history import SeenFigure, figure_history
from profiling_pipeline.results.observation import Figure, FigureKey, FigureKind
from profiling_pipeline.results.unusual_change import PastRun, Sensitivity
from profiling_pipeline.results.usual_range import UsualRange
from profiling_pipeline.services.runs import execute_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.web.charts import HEIGHT, WIDTH, history_chart
from profiling_pipeline_tests.services.loans import LOAN_RULES
from profiling_pipeline_tests.services.planned import Planned
from profiling_pipeline_tests.services.test_observations import empty_states, seen_daily
from profiling_pipeline_tests.web.conftest import SignedIn

START = datetime(2025, 1, 6, tzinfo=UTC)
ROWS = FigureKey(FigureKind.ROW_COUNT)
figures = st.floats(-1e12, 1e12)
ranges = st.none() | st.builds(
    lambda middle, width: UsualRange(middle - width, middle, middle + width, width / 3, 9), figures, st.floats(0, 1e12)
)


@given(st.lists(st.tuples(figures, ranges), min_size=1, max_size=40))
def test_the_line_and_its_band_stay_in_the_drawing(seen: list[tuple[float, UsualRange | None]]) -> None:
    history = [
        SeenFigure(START + timedelta(days=n), value, usual, is_unusual=n % 3 == 0, is_expected=n % 6 == 0)
        for n, (value, usual) in enumerate(seen)
    ]
    chart = history_chart(history, str)
    assert chart is not None
    places = [(point.x, point.y) for point in chart.points] + list(chart.band)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert len(chart.band) == 2 * sum(usual is not None for _, usual in seen)
    assert {point.kind for point in chart.points} <= {"", "unusual", "expected"}


def test_nothing_seen_is_no_chart() -> None:
    assert history_chart([], str) is None


def test_each_run_is_shown_beside_the_range_of_the_runs_before_it() -> None:
    runs = [PastRun(START + timedelta(days=n), {ROWS: Figure(100.0 + n % 2, 100)}) for n in range(8)]
    seen = figure_history(ROWS, [*runs[:3], PastRun(START, {}), *runs[3:]], Sensitivity.MEDIUM, shown=6)
    assert [figure.usual is not None for figure in seen] == [False, False, True, True, True]
    assert seen[-1].usual is not None
    assert seen[-1].usual.points == 7
    assert all(figure.usual is None for figure in figure_history(ROWS, runs, Sensitivity.OFF))


def test_first_results_say_that_it_is_too_early(planned: Planned, settings: Settings, signed_in: SignedIn) -> None:
    version_id = planned.approved(LOAN_RULES)
    execute_version(planned.database, settings, version_id, run_id="1", executed_by_id=planned.owner, reason="look")
    page = signed_in("Tester").open(f"/versions/{version_id}/results")
    assert "No verdict before 5 executions to compare with: there are 0." in page
    assert "Unusual:" not in page


def test_what_is_unusual_is_shown_drawn_and_marked(planned: Planned, settings: Settings, signed_in: SignedIn) -> None:
    version_id = planned.approved(LOAN_RULES)
    run = {"executed_by_id": planned.owner, "reason": "look"}
    execute_version(planned.database, settings, version_id, run_id="1", **run)
    seen_daily(planned, 8)
    empty_states(settings)
    execute_version(planned.database, settings, version_id, run_id="2", **run)
    path = f"/versions/{version_id}/results"

    onlooker = signed_in("Data Executive")
    page = onlooker.open(path)
    assert "null rate of STATE is 50.0 %, usually 0.0–1.0 % (median of 9 runs)" in page
    assert page.count("Unusual: null rate of STATE") == 1, "beside the rule that reads it"
    assert page.count('<polygon class="band"') == 2
    assert 'class="unusual"' in page
    assert "not marked" in page
    assert "Expected" not in onlooker.labels()

    tester = signed_in("Tester")
    tester.open(path)
    assert "needs a note" in tester.press("Expected")
    tester.open(path)
    page = tester.press("Expected", note="<b>new branch</b>")
    assert "Marked as expected: 1 figure." in page
    assert "&lt;b&gt;new branch&lt;/b&gt;" in page
    assert 'class="expected"' in page
    assert "Expected" not in tester.labels()
    rule_id = planned.rules(version_id)["State is known"].rule_id
    assert "Unusual: null rate of STATE" in tester.open(f"/versions/{version_id}/rules/{rule_id}")


def test_sensitivity_is_set_on_the_versions_page(planned: Planned, signed_in: SignedIn) -> None:
    version_id = planned.approved(LOAN_RULES)
    owner = signed_in("Report Owner")
    owner.open(f"/versions/{version_id}")
    page = owner.press("Set sensitivity", sensitivity="high")
    assert "The sensitivity is high from the next execution on." in page
    assert "<option selected>high</option>" in page
    onlooker = signed_in("Data Executive")
    assert "high sensitivity" in onlooker.open(f"/versions/{version_id}")
    assert "Set sensitivity" not in onlooker.labels()
