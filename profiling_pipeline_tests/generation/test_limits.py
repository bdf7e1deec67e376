from datetime import date

import numpy as np
import pytest

from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline_tests.generation.from_rows import found, outcomes_for
from profiling_pipeline_tests.generation.subjects import SCORES, a_column, an_attribute, by_check, spread, suggested


def test_limits_come_from_quantiles_and_not_from_wrong_values() -> None:
    dirty = by_check(suggested(a_column("SCORE", ColumnKind.INTEGER, rows=20_000, distinct=500, **SCORES)))
    limits = dirty["in_range"].parameters
    assert 850 <= limits["max_value"] < 999
    assert 0 < limits["min_value"] <= 400
    rationale = dirty["in_range"].rationale or ""
    assert "98 % of 20,000 values are between 500 and 843" in rationale
    assert "the smallest is 0, the largest 9999" in rationale


def some_scores() -> list[int]:
    """Ten thousand numbers that thin out downwards, none below 300."""
    return (300 + 550 * np.random.default_rng(5).beta(7.5, 2.7, 10_000)).round().astype(int).tolist()


def test_a_few_values_apart_from_the_others_are_wrong_however_few_they_are() -> None:
    scores = some_scores()
    scores[::1_500] = [0, 1, 45, 20, 0, 5, 1]
    assert found(outcomes_for({"score": scores}), "score", "in_range").failed == 7


def test_a_single_value_beyond_the_others_may_be_right() -> None:
    scores = some_scores()
    scores[0] = 150
    assert found(outcomes_for({"score": scores}), "score", "in_range").failed == 0


def test_amounts_that_are_nearly_all_positive_must_not_be_negative() -> None:
    figures = spread(-47_000, 1_700, 3_000, 6_800, 11_000, 17_500, 31_000, 42_700, 61_000)
    limits = by_check(suggested(a_column("LIMIT", rows=20_000, **figures)))["in_range"].parameters
    assert limits["min_value"] == 0
    assert limits["max_value"] >= 61_000


def test_values_that_thin_out_across_zero_may_be_negative() -> None:
    figures = spread(-9.5, 0.7, 3.4, 7.3, 10, 12.7, 16.6, 19.3, 27.9)
    limits = by_check(suggested(a_column("MARGIN", rows=20_000, **figures)))["in_range"].parameters
    assert limits["min_value"] < -9.5


def test_percentages_and_shares_end_where_they_end() -> None:
    percentages = spread(0, 1, 4, 20, 45, 70, 93, 98.5, 99.9)
    assert by_check(suggested(a_column("USE", **percentages)))["in_range"].parameters == {
        "min_value": 0,
        "max_value": 100,
    }
    shares = spread(0.001, 0.005, 0.01, 0.04, 0.09, 0.2, 0.6, 0.95, 0.9999)
    assert by_check(suggested(a_column("CHANCE", **shares)))["in_range"].parameters == {"min_value": 0, "max_value": 1}


def test_amounts_that_are_mostly_zero_have_no_upper_limit() -> None:
    figures = spread(0, 0, 0, 0, 0, 0, 12, 480, 9_000)
    rules = by_check(suggested(a_column("FEE", distinct=60, **figures)))
    assert rules["greater_than_or_equal_to"].parameters == {"min_value": 0}


@pytest.mark.parametrize("name", ["ZIP_CODE", "ACCOUNT_ID", "phone number"])
def test_identifying_numbers_have_no_limits(name: str) -> None:
    figures = spread(10_001, 11_000, 14_000, 30_000, 50_000, 70_000, 95_000, 99_000, 99_950)
    assert "in_range" not in by_check(suggested(a_column(name, ColumnKind.INTEGER, distinct=700, **figures)))


def test_too_few_rows_have_no_limits() -> None:
    assert set(by_check(suggested(a_column(rows=80, **SCORES)))) == {"not_null"}


def test_single_values_of_hidden_attributes_are_not_quoted() -> None:
    attribute = an_attribute(name="Income", classification="Confidential")
    rules = by_check(suggested(a_column("INCOME", rows=20_000, **SCORES), attributes=[attribute]))
    assert "9999" not in (rules["in_range"].rationale or "")
    assert "the largest (hidden)" in (rules["in_range"].rationale or "")


def _days(*years: int) -> dict[str, object]:
    return spread(*(date(year, 6, 15) for year in years))


PAST = _days(2005, 2007, 2010, 2014, 2018, 2021, 2024, 2025, 2025)
WITH_WRONG_ONES = _days(1900, 2007, 2010, 2014, 2018, 2021, 2024, 2025, 2099)


def test_past_days_must_not_be_in_the_future() -> None:
    rules = by_check(suggested(a_column("OPENED", ColumnKind.DATE, **PAST)))
    assert set(rules) == {"not_null", "not_in_future"}
    assert (
        rules["not_in_future"].confidence
        == by_check(suggested(a_column("OPENED", ColumnKind.DATE)))["not_null"].confidence
    )


def test_days_far_from_the_others_are_kept_out() -> None:
    rules = by_check(suggested(a_column("OPENED", ColumnKind.DATE, **WITH_WRONG_ONES)))
    assert "the last is 2099-06-15" in (rules["not_in_future"].rationale or "")
    first = date.fromisoformat(rules["greater_than_or_equal_to"].parameters["min_value"])
    assert date(1900, 6, 15) < first <= date(2005, 6, 15)


@pytest.mark.parametrize("name", ["MATURITY_DATE", "next payment due", "cardExpiry"])
def test_days_that_lie_ahead_by_their_name_may_be_in_the_future(name: str) -> None:
    assert "not_in_future" not in by_check(suggested(a_column(name, ColumnKind.DATE, **PAST)))


def test_days_that_go_on_into_the_future_may() -> None:
    some_ahead = _days(2005, 2007, 2010, 2014, 2018, 2021, 2024, 2025, 2026)
    assert "not_in_future" not in by_check(suggested(a_column("SEEN", ColumnKind.DATE, **some_ahead)))
    most_ahead = _days(2005, 2007, 2010, 2014, 2018, 2021, 2024, 2030, 2040)
    assert "not_in_future" not in by_check(suggested(a_column("SEEN", ColumnKind.DATE, **most_ahead)))
