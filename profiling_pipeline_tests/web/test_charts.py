from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.web.charts import HEIGHT, WIDTH, line_chart

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_nothing_to_draw_is_no_chart() -> None:
    assert line_chart([]) is None
    assert line_chart([(START, None)]) is None


def test_what_is_unknown_is_left_out() -> None:
    chart = line_chart([(START, Decimal(90)), (START, None), (START, Decimal(100))])
    assert chart is not None
    assert [point.value for point in chart.points] == [90, 100]


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=60))
def test_the_line_stays_in_its_drawing_and_higher_is_better(values: list[Decimal]) -> None:
    chart = line_chart([(START + timedelta(days=day), value) for day, value in enumerate(values)])
    assert chart is not None
    assert all(0 <= point.x <= WIDTH and 0 <= point.y <= HEIGHT for point in chart.points)
    by_value = sorted(chart.points, key=lambda point: point.value)
    heights = [point.y for point in by_value]
    assert heights == sorted(heights, reverse=True)
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    assert {int(mark) for _, mark in chart.gridlines} <= set(range(101))
