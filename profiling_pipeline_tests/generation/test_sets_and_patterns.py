from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline_tests.generation.from_rows import found, outcomes_for
from profiling_pipeline_tests.generation.subjects import a_column, by_check, counts, suggested


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
    assert _set_of({0: 18_800, 1: 950, 2: 241, 3: 9})[0] == [0, 1, 2, 3]
    assert _set_of({1: 18_800, 2: 950, 3: 241, 9: 9})[0] == [1, 2, 3]


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


def test_a_code_in_another_case_is_a_suspect_also_where_it_is_not_that_rare() -> None:
    states = ["open"] * 700 + ["closed"] * 270 + ["OPEN"] * 10 + ["Closed"] * 8
    assert found(outcomes_for({"state": states}), "state", "isin").failed == 18


def test_minus_one_stands_for_a_missing_number() -> None:
    issues = [n % 12 + 1 for n in range(950)] + [-1] * 30
    volumes = [n % 90 + 1 for n in range(950)] + [-1] * 30
    outcomes = outcomes_for({"issue": issues, "volume": volumes})
    assert {outcome.failed for outcome in outcomes if outcome.failed} == {30}
    assert len([outcome for outcome in outcomes if outcome.failed]) == 2


def test_a_year_is_written_with_two_digits_or_with_four() -> None:
    days = [f"{n % 12 + 1}/{n % 28 + 1}/{n % 30 + 70}" for n in range(800)]
    days += [f"{n % 12 + 1}/{n % 28 + 1}/{n % 30 + 1970}" for n in range(150)]
    assert found(outcomes_for({"created": days}), "created", "str_matches").failed == 150
