from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome, pass_rate
from profiling_pipeline.results.scores import grade, score_outcomes
from profiling_pipeline.rules.rule import Dimension, Rule, Severity

COMPLETENESS, VALIDITY = Dimension.COMPLETENESS, Dimension.VALIDITY


def an_outcome(
    dimension: Dimension | None,
    rate: str | Decimal | None,
    severity: Severity = Severity.MEDIUM,
    status: ExecutionStatus = ExecutionStatus.PASSED,
    attribute: str = "A",
) -> RuleOutcome:
    rule = Rule("r", attribute, "not_null", dimension=dimension, severity=severity)
    return RuleOutcome(rule, status, pass_rate=None if rate is None else Decimal(rate))


outcomes = st.lists(
    st.builds(
        an_outcome,
        dimension=st.sampled_from(Dimension),
        rate=st.decimals(0, 100, places=2),
        severity=st.sampled_from(Severity),
        status=st.sampled_from([ExecutionStatus.PASSED, ExecutionStatus.FAILED]),
        attribute=st.sampled_from("AB"),
    ),
    max_size=12,
)


def test_a_dimension_s_score_weighs_rules_by_severity() -> None:
    scores = score_outcomes(
        [
            an_outcome(VALIDITY, "100.00", Severity.LOW),
            an_outcome(VALIDITY, "50.00", Severity.MEDIUM),
            an_outcome(VALIDITY, "0.00", Severity.HIGH, ExecutionStatus.FAILED),
        ]
    )

    assert scores.dimensions[VALIDITY].score == Decimal("33.33")


def test_the_overall_score_is_the_mean_of_the_dimensions_not_of_the_rules() -> None:
    scores = score_outcomes([an_outcome(VALIDITY, "0.00"), *[an_outcome(COMPLETENESS, "100.00")] * 9])

    assert scores.overall == Decimal("50.00")
    assert scores.grade == "D"
    assert scores.to_dict() == {"overall": 50.0, "completeness": 100.0, "validity": 0.0}


def test_errors_and_skipped_rules_do_not_count_but_are_numbered() -> None:
    scores = score_outcomes(
        [
            an_outcome(VALIDITY, "90.00"),
            an_outcome(VALIDITY, None, status=ExecutionStatus.ERROR),
            an_outcome(VALIDITY, None, status=ExecutionStatus.SKIPPED),
            an_outcome(COMPLETENESS, None, status=ExecutionStatus.ERROR),
        ]
    )

    validity, completeness = scores.dimensions[VALIDITY], scores.dimensions[COMPLETENESS]
    assert (validity.score, validity.counted, validity.not_counted) == (Decimal("90.00"), 1, 2)
    assert (completeness.score, completeness.counted, completeness.not_counted) == (None, 0, 1)
    assert scores.overall == Decimal("90.00")
    assert scores.to_dict() == {"overall": 90.0, "validity": 90.0}


def test_an_attribute_s_score_is_made_like_the_overall_one() -> None:
    scores = score_outcomes(
        [
            an_outcome(VALIDITY, "80.00", attribute="A"),
            an_outcome(COMPLETENESS, "100.00", attribute="A"),
            an_outcome(COMPLETENESS, "100.00", attribute="A"),
            an_outcome(VALIDITY, "10.00", attribute="B"),
            an_outcome(VALIDITY, None, status=ExecutionStatus.ERROR, attribute="C"),
        ]
    )

    assert scores.attributes == {"A": Decimal("90.00"), "B": Decimal("10.00")}


def test_without_counted_rules_there_is_no_score() -> None:
    scores = score_outcomes([an_outcome(VALIDITY, None, status=ExecutionStatus.SKIPPED)])

    assert (scores.overall, scores.grade, scores.attributes) == (None, None, {})
    assert scores.to_dict() == {"overall": None}


@pytest.mark.parametrize(
    ("score", "letter"),
    [
        ("100", "A"),
        ("95.00", "A"),
        ("94.99", "B"),
        ("85.00", "B"),
        ("84.99", "C"),
        ("70.00", "C"),
        ("69.99", "D"),
        ("50.00", "D"),
        ("49.99", "F"),
        ("0", "F"),
    ],
)
def test_grades(score: str, letter: str) -> None:
    assert grade(Decimal(score)) == letter


def test_the_grade_is_that_of_the_score_as_shown() -> None:
    scores = score_outcomes([*[an_outcome(VALIDITY, "94.99")] * 2, *[an_outcome(VALIDITY, "95.00")] * 3])
    assert (scores.overall, scores.grade) == (Decimal("95.00"), "A")


@given(outcomes)
def test_scores_are_exact(outcomes: list[RuleOutcome]) -> None:
    scores = score_outcomes(outcomes)

    means = []
    for dimension in Dimension:
        of = [o for o in outcomes if o.rule.dimension is dimension]
        if of:
            weights = sum(o.rule.severity.weight for o in of)
            means.append(sum(Fraction(str(o.pass_rate)) * o.rule.severity.weight for o in of) / weights)
            assert abs(Fraction(str(scores.dimensions[dimension].score)) - means[-1]) <= Fraction(1, 200)
    if means:
        assert scores.overall is not None
        assert abs(Fraction(str(scores.overall)) - sum(means) / len(means)) <= Fraction(1, 200)
        assert min(means) - Fraction(1, 100) <= Fraction(str(scores.overall)) <= max(means) + Fraction(1, 100)
    else:
        assert scores.overall is None


@given(outcomes, st.randoms())
def test_the_order_of_rules_does_not_matter(outcomes: list[RuleOutcome], random: object) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert score_outcomes(shuffled).to_dict() == score_outcomes(outcomes).to_dict()


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_pass_rate_is_near_the_exact_one_and_hides_neither_passes_nor_failures(passed: int, failed: int) -> None:
    rate = pass_rate(passed, passed + failed)

    if passed + failed == 0:
        assert rate is None
        return
    assert rate is not None
    assert abs(Fraction(str(rate)) - Fraction(100 * passed, passed + failed)) <= Fraction(1, 100)
    assert (rate == 100) is (failed == 0)
    assert (rate == 0) is (passed == 0)
