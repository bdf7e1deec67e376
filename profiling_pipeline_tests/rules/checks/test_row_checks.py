"""Each row check against plain Python, on random rows in both engines."""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.pandera_checks import pandera_check
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.engines import Conditions, Engines, Row, examples

TODAY = datetime.now(UTC).date()
COUNTRIES = {code for each in pycountry.countries for code in (each.alpha_2, each.alpha_3)}
CURRENCIES = {each.alpha_3 for each in pycountry.currencies}


@dataclass(frozen=True)
class Case:
    """A check with parameters on a column; `oracle` answers for a value that is not null."""

    check: str
    column: str
    oracle: Callable[[Any], bool]
    parameters: Mapping[str, Any]


def case(check: str, column: str, oracle: Callable[[Any], bool], **parameters: Any) -> Case:
    return Case(check, column, oracle, parameters)


def is_date(text: str, *formats: str) -> bool:
    """Whether a text is a date in one of the formats, each part in its full width."""
    for date_format in formats:
        try:
            found = datetime.strptime(text, date_format)
        except ValueError:
            continue
        if text.isascii() and found.strftime(date_format).lower().rjust(len(text), "0") == text.lower():
            return True
    return False


def has_luhn(text: str) -> bool:
    if not re.fullmatch("[0-9]{2,19}", text):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def has_97(text: str) -> bool:
    return int("".join(str(int(character, 36)) for character in text)) % 97 == 1


def is_iban(text: str) -> bool:
    return bool(re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text)) and has_97(text[4:] + text[:4])


def is_lei(text: str) -> bool:
    return bool(re.fullmatch("[A-Z0-9]{18}[0-9]{2}", text)) and has_97(text)


def needs(text: str, digits: int, decimals: int) -> bool:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text):
        return False
    whole, _, fraction = text.lstrip("+-").partition(".")
    return len(whole.lstrip("0")) <= digits and len(fraction.rstrip("0")) <= decimals


def is_uuid(text: str) -> bool:
    return bool(re.fullmatch("[0-9a-fA-F-]{36}", text)) and str(uuid.UUID(text)) == text.lower()


CASES = [
    case("equal_to", "i", lambda v: v == 5, value=5),
    case("equal_to", "n", lambda v: v == Decimal("10.5"), value=10.5),
    case("equal_to", "n", lambda v: False, value=0.125),
    case("equal_to", "s", lambda v: v == "it's", value="it's"),
    case("equal_to", "b", lambda v: v, value=True),
    case("equal_to", "d", lambda v: v == date(2024, 2, 29), value="2024-02-29"),
    case("not_equal_to", "n", lambda v: v != 0, value=0),
    case("not_equal_to", "s", lambda v: v != "", value=""),
    case("greater_than", "f", lambda v: v > 0.1, min_value=0.1),
    case("greater_than", "i", lambda v: v > Decimal("4.5"), min_value=Decimal("4.5")),
    case("greater_than", "n", lambda v: True, min_value=-(10**30)),
    case("greater_than", "s", lambda v: v > "a", min_value="a"),
    case("greater_than_or_equal_to", "i", lambda v: v >= 2**63 - 1, min_value=2**63 - 1),
    case("greater_than_or_equal_to", "t", lambda v: v >= datetime(2024, 2, 29), min_value="2024-02-29"),
    case("less_than", "i", lambda v: v < 2**63, max_value=2**63),
    case("less_than", "d", lambda v: v < date(2024, 2, 29), max_value="2024-02-29"),
    case("less_than_or_equal_to", "n", lambda v: v <= Decimal("-0.01"), max_value=-0.01),
    case("less_than_or_equal_to", "s", lambda v: v <= "É", max_value="É"),
    case("in_range", "i", lambda v: 0 <= v <= 5, min_value=0, max_value=5),
    case("in_range", "n", lambda v: 0 < v < 10.5, min_value=0, max_value=10.5, include_min=False, include_max=False),
    case("in_range", "f", lambda v: -1 <= v < 1e300, min_value=-1, max_value=1e300, include_max=False),
    case("in_range", "d", lambda v: date(1, 1, 1) < v <= TODAY,
         min_value="0001-01-01", max_value=TODAY.isoformat(), include_min=False),
    case("isin", "s", lambda v: v in ("a", "É", "5"), allowed_values=["a", "É", "5"]),
    case("isin", "s", lambda v: v.lower() in ("ab", "é"), allowed_values=["aB", "É"], ignore_case=True),
    case("isin", "i", lambda v: v in (0, 5, 2**63 - 1), allowed_values=[0, 5, 2**63 - 1]),
    case("isin", "n", lambda v: v in (0, Decimal("10.5")), allowed_values=[0, 10.5, 0.125]),
    case("isin", "d", lambda v: v == date(2024, 2, 29), allowed_values=["2024-02-29"]),
    case("notin", "s", lambda v: v not in ("a", ""), forbidden_values=["a", ""]),
    case("notin", "i", lambda v: v not in (0, 5), forbidden_values=[0, 5]),
    case("str_matches", "s", lambda v: bool(re.match(r"a|[0-9]+", v)), pattern=r"a|\d+"),
    case("str_matches", "s", lambda v: bool(re.match(r"[A-Za-z]{2}\Z", v)), pattern=r"[[:alpha:]]{2}$"),
    case("str_matches", "i", lambda v: bool(re.match("-?5", str(v))), pattern="-?5"),
    case("str_matches", "d", lambda v: str(v).startswith("2024-"), pattern="2024-"),
    case("str_contains", "s", lambda v: bool(re.search(r"\bb\b", v, re.ASCII)), pattern=r"\bb\b"),
    case("str_contains", "s", lambda v: bool(re.search(r"a.b", v)), pattern="a.b"),
    case("str_contains", "s", lambda v: bool(re.search(r"(?i)AB", v)), pattern="(?i)AB"),
    case("str_startswith", "s", lambda v: v.startswith("a%"), string="a%"),
    case("str_endswith", "s", lambda v: v.endswith("b"), string="b"),
    case("str_length", "s", lambda v: 1 <= len(v) <= 3, min_value=1, max_value=3),
    case("str_length", "u", lambda v: len(v) >= 2, min_value=2),
    case("like", "s", lambda v: bool(re.fullmatch("a.b.*", v, re.DOTALL)), pattern="a_b%"),
    case("like", "s", lambda v: bool(re.fullmatch(r".*\\.*", v, re.DOTALL)), pattern="%\\%"),
    case("has_type", "s", lambda v: bool(re.fullmatch("[+-]?[0-9]+", v)), type="integer"),
    case("has_type", "s", lambda v: bool(re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", v)),
         type="number"),
    case("has_type", "s", lambda v: is_date(v, "%Y-%m-%d", "%Y%m%d"), type="date"),
    case("has_type", "s", lambda v: v.lower() in BOOLEANS, type="boolean"),
    case("has_type", "s", is_uuid, type="uuid"),
    case("has_type", "f", lambda v: v == int(v) and abs(v) < 1e15 if math.isfinite(v) else False, type="integer"),
    case("date_format", "s", lambda v: is_date(v, "%Y%m%d"), format="%Y%m%d"),
    case("date_format", "s", lambda v: is_date(v, "%d.%m.%y"), format="%d.%m.%y"),
    case("date_format", "s", lambda v: is_date(v, "%d-%b-%Y"), format="%d-%b-%Y"),
    case("not_in_future", "d", lambda v: v <= TODAY),
    case("not_in_future", "t", lambda v: v.date() <= TODAY + timedelta(days=9), tolerance_days=9),
    case("decimal_precision", "s", lambda v: needs(v, 2, 1), max_digits=2, max_decimals=1),
    case("decimal_precision", "n", lambda v: needs(str(v), 3, 1), max_digits=3, max_decimals=1),
    case("is_email", "s", lambda v: v == "me@example.com"),
    case("is_url", "s", lambda v: v == "https://example.com:80/a?b#c"),
    case("is_uuid", "s", is_uuid),
    case("is_ipv4", "s", lambda v: v == "192.168.0.255"),
    case("luhn", "s", has_luhn),
    case("iban", "s", is_iban),
    case("lei", "s", is_lei),
    case("isin_reference", "s", lambda v: v in COUNTRIES, reference="country"),
    case("isin_reference", "s", lambda v: v in CURRENCIES, reference="currency"),
    case("isin_reference", "i", lambda v: False, reference="us_state"),
]  # fmt: skip
NULL_CASES = [  # checks that answer for null: what they say of a null, and of a value
    (case("not_null", "s", lambda v: True), False),
    (case("not_null", "i", lambda v: True), False),
    (case("not_blank", "s", lambda v: bool(v.strip(" \t\n\f\r"))), False),
    (case("not_blank", "d", lambda v: True), False),
]

BOOLEANS = ["true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"]
WORDS = [
    "a", "É", "5", "", " ", "\t\n", "it's", "ab", "aB", "a\nb", "a b", "axb!", "a%b", "a\\b", "b",
    "007", "-12.50", "+.5", "1.",
    "1e5", "99.9", "100.0", "TRUE", "no", "2024-02-29", "2023-02-29", "20240229", "20241301", "29.02.24", "31.04.24",
    "29-FEB-2024", "30-feb-2024", "0000-01-01", "2024-2-9", "me@example.com", "me@example", "@example.com",
    "https://example.com:80/a?b#c", "ftp://example.com", "192.168.0.255", "192.168.0.256", "01.2.3.4",
    "c1f0a3de-2b4a-4d5c-8e9f-0123456789ab", "c1f0a3de2b4a4d5c8e9f0123456789ab", "4111111111111111", "4111111111111112",
    "US", "USA", "usa", "DE", "USD", "usd",
    "79927398713", "GB82WEST12345698765432", "GB82WEST12345698765433", "DE89370400440532013000", "W22LGENJJQQ1ARPHUV24",
    "529900T8BM49AURSDO55", "529900T8BM49AURSDO54", "\N{ARABIC-INDIC DIGIT FIVE}", "\N{GRINNING FACE}\N{GRINNING FACE}",
    "e\N{COMBINING ACUTE ACCENT}",
]  # fmt: skip
texts = st.sampled_from(WORDS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x0b\x1c\x1d\x1e\x1f\x85"), max_size=6
)
numbers = st.sampled_from([Decimal("10.50"), Decimal("0.00"), Decimal("-0.01"), Decimal("9999999999.99")])
ROWS = st.lists(
    st.fixed_dictionaries({
        "i": st.none() | st.sampled_from([0, 5, 4, 2**63 - 1, -(2**63)]) | st.integers(-(2**63), 2**63 - 1),
        "n": st.none() | numbers | st.decimals(-1000, 1000, places=2),
        "f": st.none() | st.sampled_from([0.1, 1e300, math.inf, -0.0, 5.0]) | st.floats(-1e6, 1e12),
        "s": st.none() | texts,
        "u": st.none() | texts,
        "d": st.none() | st.sampled_from([date(2024, 2, 29), TODAY, date(1, 1, 1)]) | st.dates(),
        "t": st.none() | st.sampled_from([datetime(2024, 2, 29)]) | st.datetimes(),
        "b": st.none() | st.booleans(),
    }),
    max_size=30,
)  # fmt: skip


ALL_CASES = [*((each, None) for each in CASES), *NULL_CASES]


@pytest.fixture(scope="module")
def conditions(engines: Engines) -> dict[str, Conditions]:
    return {engine: Conditions(engines, engine, outcomes_of(table)) for engine, table in engines.tables.items()}


def outcomes_of(table: ir.Table) -> list[ir.BooleanValue]:
    """Every case as Pandera runs it."""
    outcomes = []
    for each, _ in ALL_CASES:
        rule = Rule(each.check, each.column, each.check, each.parameters)
        outcomes.append(pandera_check(rule, table)(table, rule.column).check_output)
    return outcomes


@given(rows=ROWS)
@examples
def test_row_checks(engines: Engines, conditions: dict[str, Conditions], rows: list[Row]) -> None:
    engines.fill(rows)

    for engine, asked in conditions.items():
        for (each, of_null), found in zip(ALL_CASES, asked.answers(), strict=True):
            values = [row[each.column] for row in rows]
            expected = [of_null if value is None else each.oracle(value) for value in values]
            assert found == expected, f"{engine}: {each.check} {dict(each.parameters)} on {values}"


def test_every_check_of_a_single_column_is_tried() -> None:
    tried = {each.check for each in CASES} | {each.check for each, _ in NULL_CASES}
    several_columns = {
        "required_when", "expression", "implies", "column_ge", "column_gt", "column_eq", "date_order", "sum_equals",
    }  # fmt: skip

    assert tried == {name for name, check in CATALOGUE.items() if issubclass(check, RowCheck)} - several_columns
