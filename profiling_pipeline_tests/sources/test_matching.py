"""Finding the column that each attribute is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.sources.matching import match_columns
from profiling_pipeline.sources.model import Attribute

COLUMNS = ("reference_number", "CURRENT_CREDIT_LIMIT", "state", "zip_code")


def _attribute(number: int = 1, name: str = "Anything", **fields: Any) -> Attribute:
    return Attribute(attribute_id=number, name=name, **fields)


def test_ways_come_in_their_order() -> None:
    attribute = _attribute(name="State", source_column="zip_code", mapped_column="reference_number")
    column_map = {"State": "CURRENT_CREDIT_LIMIT"}
    ways = [match_columns([attribute], COLUMNS, column_map)]
    ways.append(match_columns([_attribute(name="State", mapped_column="reference_number")], COLUMNS, column_map))
    ways.append(match_columns([_attribute(name="State", mapped_column="reference_number")], COLUMNS))
    ways.append(match_columns([_attribute(name="State")], COLUMNS))
    ways.append(match_columns([_attribute(name="Region", technical_name="ZipCode")], COLUMNS))
    assert [(way.columns[1], way.found_by[1]) for way in ways] == [
        ("zip_code", "source column"),
        ("CURRENT_CREDIT_LIMIT", "data source's columns"),
        ("reference_number", "data element mapping"),
        ("state", "attribute name"),
        ("zip_code", "technical name"),
    ]


def test_names_are_equal_but_for_case_spaces_and_punctuation() -> None:
    for name in ("Current Credit Limit", "current-credit_limit", "CurrentCreditLimit", "Current  (credit) limit."):
        assert match_columns([_attribute(name=name)], COLUMNS).columns == {1: "CURRENT_CREDIT_LIMIT"}


def test_an_explicit_column_may_have_another_case() -> None:
    assert match_columns([_attribute(source_column="STATE")], COLUMNS).columns == {1: "state"}
    assert match_columns([_attribute(name="Limit")], COLUMNS, {"limit": "current_credit_limit"}).columns == {
        1: "CURRENT_CREDIT_LIMIT"
    }


def test_an_explicit_column_that_is_missing_is_reported_and_the_next_way_tried() -> None:
    matches = match_columns([_attribute(name="State", source_column="sttae")], COLUMNS)
    assert matches.columns == {1: "state"}
    assert matches.found_by == {1: "attribute name"}
    assert len(matches.problems) == 1
    assert "'sttae', which the source does not have (nearest: state)" in matches.problems[0]


def test_two_attributes_of_one_column_get_neither() -> None:
    attributes = [_attribute(1, "State"), _attribute(2, "Region", source_column="state")]
    matches = match_columns(attributes, COLUMNS)
    assert matches.columns == {}
    assert matches.problems == ("Column 'state' is claimed by State, Region; give each its own source column.",)
    assert matches.attributes_without_column == tuple(attributes)
    assert "state" in matches.columns_without_attribute


def test_one_attribute_of_several_columns_is_not_guessed() -> None:
    matches = match_columns([_attribute(name="Zip Code")], ("zip_code", "ZipCode"))
    assert matches.columns == {}
    assert matches.problems == ("Zip Code: its attribute name could be any of zip_code, ZipCode; name one.",)


def test_what_found_no_partner_is_listed() -> None:
    matches = match_columns([_attribute(1, "State"), _attribute(2, "Shoe size")], COLUMNS)
    assert [attribute.name for attribute in matches.attributes_without_column] == ["Shoe size"]
    assert matches.columns_without_attribute == ("reference_number", "CURRENT_CREDIT_LIMIT", "zip_code")
    assert matches.problems == ()


_names = st.text("aAbB_ ", min_size=1, max_size=4)


@given(
    attributes=st.lists(st.builds(_attribute, st.integers(), _names, source_column=st.none() | _names), max_size=6),
    columns=st.lists(_names, unique_by=str.casefold, max_size=6),
    column_map=st.dictionaries(_names, _names, max_size=3),
)
def test_each_attribute_and_column_is_accounted_for_once(
    attributes: list[Attribute], columns: list[str], column_map: dict[str, str]
) -> None:
    attributes = [_attribute(number, a.name, source_column=a.source_column) for number, a in enumerate(attributes)]
    matches = match_columns(attributes, columns, column_map)
    unmatched = [attribute.attribute_id for attribute in matches.attributes_without_column]
    assert sorted([*matches.columns, *unmatched]) == list(range(len(attributes)))
    assert sorted([*matches.columns.values(), *matches.columns_without_attribute]) == sorted(columns)
    assert set(matches.found_by) == set(matches.columns)
