from datetime import date
from decimal import Decimal

import pytest

from profiling_pipeline.generation.suggester import attributes_of, suggest_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.rules.rule import Severity
from profiling_pipeline.sources.model import ColumnKind, ColumnMatches
from profiling_pipeline_tests.generation.subjects import (
    TODAY,
    a_column,
    an_attribute,
    by_check,
    counts,
    spread,
    suggested,
)

# 20,000 scores that thin out below 400 and end at 850, with a few wrong ones at 0 and 9,999
SCORES = spread(0, 500, 560, 660, 720, 770, 825, 843, 9999)


# completeness


def test_mandatory_attributes_must_be_present_whatever_the_data_say() -> None:
    [rule] = suggested(a_column(nulls=400), attributes=[an_attribute(mandatory="Mandatory")])
    assert (rule.check, rule.severity) == ("not_null", Severity.HIGH)
    assert "600 of 1,000 rows (60 %)" in (rule.rationale or "")
    assert rule.confidence is not None
    assert rule.confidence < 60


@pytest.mark.parametrize("mandatory", ["Optional", "Conditional"])
def test_what_is_declared_optional_may_be_empty(mandatory: str) -> None:
    assert not suggested(a_column(nulls=0), attributes=[an_attribute(mandatory=mandatory)])


@pytest.mark.parametrize(("nulls", "is_proposed"), [(0, True), (30, True), (40, False), (500, False)])
def test_presence_is_read_from_the_data_only_with_certainty(nulls: int, is_proposed: bool) -> None:
    assert ("not_null" in by_check(suggested(a_column(nulls=nulls)))) is is_proposed


def test_blanks_count_as_missing() -> None:
    [rule] = suggested(a_column(kind=ColumnKind.TEXT, blanks=12), attributes=[an_attribute(mandatory="Mandatory")])
    assert rule.check == "not_blank"
    assert "988 of 1,000 rows" in (rule.rationale or "")


# keys


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


# formats


def _declared(column: object, format_code: str, data_type: str | None = None) -> dict[str, object]:
    attribute = an_attribute(mandatory="Optional", format_code=format_code, data_type=data_type)
    return {rule.check: rule.parameters for rule in suggested(column, attributes=[attribute])}  # type: ignore[arg-type]


def test_format_codes_become_rules() -> None:
    text = a_column(kind=ColumnKind.TEXT, shortest=3, longest=21)
    assert _declared(text, "C18", "String") == {"str_length": {"max_value": 18}}
    number = a_column(minimum=Decimal("0.5"), maximum=Decimal("99.5"))
    assert _declared(number, "N6.5", "Decimal") == {"decimal_precision": {"max_digits": 6, "max_decimals": 5}}
    whole = a_column(kind=ColumnKind.INTEGER)
    assert _declared(whole, "N12", "Integer") == {"decimal_precision": {"max_digits": 12, "max_decimals": 0}}
    day = a_column(kind=ColumnKind.DATE, rows=20)
    assert _declared(day, "Date YYYYMMDD", "Date") == {"date_format": {"format": "%Y%m%d"}}


def test_limits_that_another_rule_implies_are_left_out() -> None:
    codes = a_column(kind=ColumnKind.TEXT, distinct=2, top_values=counts({"AB": 600, "CD": 400}), longest=2, shortest=2)
    assert set(_declared(codes, "C2")) == {"isin"}
    form = a_column(kind=ColumnKind.TEXT, patterns=counts({"AA999": 1000}), longest=5, shortest=5)
    assert set(_declared(form, "C5")) == {"str_matches"}
    assert set(_declared(form, "C4")) == {"str_matches", "str_length"}
    flags = a_column(kind=ColumnKind.INTEGER, distinct=2, top_values=counts({0: 600, 1: 400}))
    assert set(_declared(flags, "N1")) == {"isin"}


def test_days_written_as_digits_are_recognised_and_get_no_limits() -> None:
    days = counts({20240131: 120, 20240229: 110, 20240331: 100})
    figures = spread(20230101, 20230105.4, 20230131, 20230630, 20240131, 20240229, 20240331, 20240630, 20240701)
    rules = by_check(suggested(a_column("PERIOD", ColumnKind.INTEGER, top_values=days, distinct=400, **figures)))
    assert rules["date_format"].parameters == {"format": "%Y%m%d"}
    assert set(rules) == {"not_null", "date_format"}


def test_text_that_is_nearly_always_a_number_reads_as_one() -> None:
    patterns = counts({"99.9": 600, "9.9": 390, "a/a": 10})
    column = a_column(kind=ColumnKind.TEXT, patterns=patterns, shortest=3, longest=4)
    assert by_check(suggested(column))["has_type"].parameters == {"type": "number"}


def test_unreadable_values_are_found_where_no_other_rule_would() -> None:
    unreadable = a_column("BALANCE", rows=1000, unreadable=5)
    assert by_check(suggested(unreadable))["has_type"].parameters == {"type": "number"}


# ranges


def test_limits_come_from_quantiles_and_not_from_wrong_values() -> None:
    dirty = by_check(suggested(a_column("SCORE", ColumnKind.INTEGER, rows=20_000, distinct=500, **SCORES)))
    limits = dirty["in_range"].parameters
    assert 850 <= limits["max_value"] < 999
    assert 0 < limits["min_value"] <= 400
    rationale = dirty["in_range"].rationale or ""
    assert "98 % of 20,000 values are between 500 and 843" in rationale
    assert "the smallest is 0, the largest 9999" in rationale


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


# days


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


# sets


def _set_of(values: dict[object, int], **figures: object) -> tuple[list[object] | None, str]:
    rows = int(figures.pop("rows", sum(values.values())))  # type: ignore[call-overload]
    kind = ColumnKind.TEXT if isinstance(next(iter(values)), str) else ColumnKind.INTEGER
    column = a_column("STATUS", kind, rows=rows, **{"distinct": len(values), "top_values": counts(values), **figures})
    rule = by_check(suggested(column)).get("isin")
    return (list(rule.parameters["allowed_values"]), rule.rationale or "") if rule else (None, "")


def test_few_values_are_a_set() -> None:
    values, rationale = _set_of({"V": 480, "M": 340, "A": 110, "D": 70})
    assert values == ["A", "D", "M", "V"]
    assert "1,000 of 1,000 values (100 %) are one of 4" in rationale


def test_rare_values_beside_frequent_ones_are_left_out_and_named() -> None:
    values, rationale = _set_of({"V": 9_600, "M": 6_800, "A": 2_200, "v": 14, "?": 2})
    assert values == ["A", "M", "V"]
    assert "'v' in 14 rows, '?' in 2 rows" in rationale


def test_misspellings_are_left_out_but_codes_with_other_digits_are_not() -> None:
    assert _set_of({"yes": 700, "no": 280, "yxs": 20})[0] == ["no", "yes"]
    assert _set_of({"FICO-08": 700, "FICO-10": 290, "FICO-09": 10})[0] == ["FICO-08", "FICO-09", "FICO-10"]
    values, _ = _set_of({"acute care hospital": 900, "long term hospital": 90, "acutx cxre hospital": 10})
    assert values == ["acute care hospital", "long term hospital"]


def test_a_flag_that_is_seldom_set_is_a_value() -> None:
    assert _set_of({0: 19_960, 1: 40})[0] == [0, 1]


def test_counts_that_fade_out_are_values() -> None:
    assert _set_of({0: 800, 1: 160, 2: 30, 3: 8, 4: 2})[0] == [0, 1, 2, 3, 4]


def test_unlisted_values_make_no_set_unless_they_are_as_rare_as_the_doubtful() -> None:
    listed = {str(number): 50 for number in range(10)}
    assert _set_of(listed, rows=1000, distinct=20)[0] is None
    codes = {"V": 9_000, "M": 8_000, "A": 2_980, **{f"x{number}": 2 for number in range(7)}}
    assert _set_of(codes, rows=20_000, distinct=13)[0] == ["A", "M", "V"]
    zeros = {0: 18_000, **dict.fromkeys(range(1, 10), 25)}
    assert _set_of(zeros, rows=20_000, distinct=300)[0] is None


def test_constants_and_free_text_produce_presence_only() -> None:
    assert set(
        by_check(suggested(a_column("COUNTRY", ColumnKind.TEXT, distinct=1, top_values=counts({"US": 1000}))))
    ) == {"not_null"}
    patterns = counts({"Aaaa aaaa aa": 4, "aaa aa": 3})
    assert set(by_check(suggested(a_column("REMARK", ColumnKind.TEXT, patterns=patterns, shortest=5, longest=80)))) == {
        "not_null"
    }


# patterns


def _pattern_of(patterns: dict[str, int], name: str = "BRANCH") -> str | None:
    column = a_column(name, ColumnKind.TEXT, patterns=counts(patterns), shortest=1, longest=max(map(len, patterns)))
    rule = by_check(suggested(column)).get("str_matches")
    return rule.parameters["pattern"] if rule else None


def test_a_dominant_form_becomes_a_pattern() -> None:
    assert _pattern_of({"A99999": 985, "   ": 15}) == "^[A-Z][0-9]{5}$"
    assert _pattern_of({"A999": 600, "A99999": 400}) == "^[A-Z][0-9]{3,5}$"
    assert _pattern_of({"99999": 800, "99999-9999": 200}, "zip") == r"^(?:[0-9]{5}|[0-9]{5}-[0-9]{4})$"
    assert _pattern_of({"a.a@(9)": 1000}) == r"^[a-z]\.[a-z]@\([0-9]\)$"


def test_a_rare_variant_of_a_form_is_no_part_of_it() -> None:
    assert _pattern_of({"99999": 990, "9999": 10}, "postal code") == "^[0-9]{5}$"


def test_no_form_no_pattern() -> None:
    assert _pattern_of({"A99999": 900, "9": 100}) == "^(?:[A-Z][0-9]{5}|[0-9])$"
    assert _pattern_of({"A99999": 900, "9a": 15, "aa": 10}) is None
    assert _pattern_of({"Aaaa aaa": 1000}) is None
    assert _pattern_of({"Ää999": 1000}) is None


# the whole


def test_rules_say_where_they_belong_and_are_told_apart() -> None:
    rules = suggested(
        a_column("A", **SCORES),
        a_column("B", **SCORES),
        attributes=[an_attribute(7, "Score", mandatory="Mandatory"), an_attribute(8, "Score", mandatory="Mandatory")],
    )
    assert [(rule.attribute_id, rule.column) for rule in rules] == [(7, "A"), (7, "A"), (8, "B"), (8, "B")]
    assert len({rule.name for rule in rules}) == 4
    assert [rule.execution_order for rule in rules] == [1, 2, 3, 4]
    assert all(rule.provider == "offline" and rule.rationale and rule.confidence for rule in rules)
    assert all("min_pass_rate" not in rule.parameters for rule in rules)


def test_attributes_without_a_column_get_no_rules() -> None:
    profile = TableProfile("test", "duckdb", 1000, (a_column("A"),), {})
    attribute = an_attribute(1, "Gone", mandatory="Mandatory")
    assert suggest_rules(profile, [attribute], ColumnMatches({}, {}, (attribute,)), today=TODAY) == []
    assert suggest_rules(profile, [attribute], ColumnMatches({1: "NOT_PROFILED"}, {}), today=TODAY) == []


def test_unplanned_data_get_an_attribute_for_each_column() -> None:
    profile = TableProfile("test", "duckdb", 1000, (a_column("A"), a_column("B")), {})
    attributes = attributes_of(profile)
    assert [(each.attribute_id, each.name, each.source_column) for each in attributes] == [(1, "A", "A"), (2, "B", "B")]


def test_no_rows_give_only_what_is_declared() -> None:
    empty = a_column(kind=ColumnKind.TEXT, rows=0, distinct=0)
    [rule] = suggested(empty, attributes=[an_attribute(mandatory="Mandatory")])
    assert (rule.check, rule.confidence) == ("not_null", None)
    assert suggested(empty) == []
