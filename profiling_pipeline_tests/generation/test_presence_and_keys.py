import pytest

from profiling_pipeline.generation.suggester import suggest_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.rules.rule import Severity
from profiling_pipeline.sources.model import ColumnKind, ColumnMatches
from profiling_pipeline_tests.generation.subjects import TODAY, a_column, an_attribute, by_check, spread, suggested


def test_mandatory_attributes_must_be_present_whatever_the_data_say() -> None:
    [rule] = suggested(a_column(nulls=400), attributes=[an_attribute(mandatory="Mandatory")])
    assert (rule.check, rule.severity) == ("not_null", Severity.HIGH)
    assert "600 of 1,000 rows (60 %)" in (rule.rationale or "")
    assert rule.confidence is not None
    assert rule.confidence < 60


@pytest.mark.parametrize("mandatory", ["Optional", "Conditional"])
def test_what_is_declared_optional_may_be_empty(mandatory: str) -> None:
    assert not suggested(a_column(nulls=0), attributes=[an_attribute(mandatory=mandatory)])


@pytest.mark.parametrize(("nulls", "is_proposed"), [(0, True), (10, True), (30, False), (500, False)])
def test_presence_is_read_from_the_data_only_with_certainty(nulls: int, is_proposed: bool) -> None:
    assert ("not_null" in by_check(suggested(a_column(nulls=nulls)))) is is_proposed


def test_blanks_count_as_missing() -> None:
    [rule] = suggested(a_column(kind=ColumnKind.TEXT, blanks=12), attributes=[an_attribute(mandatory="Mandatory")])
    assert rule.check == "not_blank"
    assert "988 of 1,000 rows" in (rule.rationale or "")


def test_a_declared_key_is_unique_and_present() -> None:
    rules = by_check(suggested(a_column(distinct=998), attributes=[an_attribute(is_primary_key=True)]))
    assert rules["unique"].parameters == {}
    assert rules["unique"].severity is Severity.HIGH
    assert "998 of them different" in (rules["unique"].rationale or "")
    assert "not_null" in rules


def test_a_declared_key_of_several_columns_is_one_rule_in_the_declared_order() -> None:
    rules = suggested(
        a_column("PERIOD", distinct=12),
        a_column("ACCOUNT"),
        attributes=[
            an_attribute(1, "Period", is_primary_key=True, primary_key_order=2),
            an_attribute(2, "Account", is_primary_key=True, primary_key_order=1),
        ],
    )
    [unique] = [rule for rule in rules if rule.check == "unique"]
    assert (unique.column, unique.parameters) == ("ACCOUNT", {"with": ["PERIOD"]})


def test_a_key_with_an_unmatched_column_is_not_guessed() -> None:
    attributes = [an_attribute(1, "Account", is_primary_key=True), an_attribute(2, "Period", is_primary_key=True)]
    profile = TableProfile("test", "duckdb", 1000, (a_column("ACCOUNT"),), {})
    rules = suggest_rules(profile, attributes, ColumnMatches({1: "ACCOUNT"}, {}), today=TODAY)
    assert [rule.check for rule in rules] == ["not_null"]


@pytest.mark.parametrize(
    ("name", "kind", "distinct", "is_key"),
    [
        ("ACCOUNT_ID", ColumnKind.TEXT, 1000, True),
        ("loanNumber", ColumnKind.INTEGER, 998, True),
        ("NUMBER_OF_CARDS", ColumnKind.INTEGER, 1000, False),
        ("ACCOUNT_ID", ColumnKind.TEXT, 900, False),
        ("INCOME", ColumnKind.INTEGER, 1000, False),
        ("REMARK", ColumnKind.TEXT, 1000, False),
        ("BALANCE_ID", ColumnKind.NUMBER, 1000, False),
    ],
)
def test_undeclared_keys_need_a_name_and_hardly_a_duplicate(
    name: str, kind: ColumnKind, distinct: int, is_key: bool
) -> None:
    assert ("unique" in by_check(suggested(a_column(name, kind, distinct=distinct)))) is is_key


def test_numbers_that_number_the_rows_are_a_key_without_limits() -> None:
    figures = spread(1, 10, 50, 250, 500, 750, 950, 990, 1000)
    assert set(by_check(suggested(a_column("row", ColumnKind.INTEGER, **figures)))) == {"not_null", "unique"}
