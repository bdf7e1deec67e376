from decimal import Decimal

from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline_tests.generation.subjects import a_column, an_attribute, by_check, counts, spread, suggested


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
    bare = an_attribute("PERIOD", mandatory="Optional", data_type="Integer")
    period = a_column("PERIOD", ColumnKind.INTEGER, top_values=days, distinct=400, **figures)
    assert set(by_check(suggested(period, attributes=[bare]))) == {"date_format"}, "an integer may be a day"


def test_text_that_is_nearly_always_a_number_reads_as_one() -> None:
    patterns = counts({"99.9": 600, "9.9": 390, "a/a": 10})
    column = a_column(kind=ColumnKind.TEXT, patterns=patterns, shortest=3, longest=4)
    assert by_check(suggested(column))["has_type"].parameters == {"type": "number"}


def test_unreadable_values_are_found_where_no_other_rule_would() -> None:
    unreadable = a_column("BALANCE", rows=1000, unreadable=5)
    assert by_check(suggested(unreadable))["has_type"].parameters == {"type": "number"}
