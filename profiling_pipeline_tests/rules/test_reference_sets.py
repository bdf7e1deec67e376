"""Sets that standards keep."""

import sys
from pathlib import Path

import pytest

from profiling_pipeline.errors import ConfigurationError, RuleError
from profiling_pipeline.rules.binding import describe, validate_rule
from profiling_pipeline.rules.reference_sets import REFERENCE_SETS, find_reference_sets, reference_set
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline_tests.rules.plugins import install


@pytest.mark.parametrize(
    ("name", "members", "others"),
    [
        ("currency", ["USD", "EUR", "CHF"], ["usd", "US", "XYZ", "DEM"]),
        ("country", ["US", "USA", "DE", "DEU"], ["UK", "us", "840", ""]),
        ("country_alpha_2", ["US", "GB"], ["USA"]),
        ("country_alpha_3", ["USA", "GBR"], ["US"]),
        ("us_state", ["CA", "NY", "DC"], ["PR", "ca", "US-CA", "ZZ"]),
        ("us_state_or_territory", ["CA", "DC", "PR", "GU"], ["ZZ"]),
    ],
)
def test_members(name: str, members: list[str], others: list[str]) -> None:
    values = reference_set(name).values

    assert set(members) <= set(values)
    assert values == tuple(sorted(values))
    assert not set(others) & set(values)


def test_all_are_tried_and_described() -> None:
    for name in REFERENCE_SETS:
        assert REFERENCE_SETS[name].values
        assert REFERENCE_SETS[name].description in describe(Rule("r", "C", "isin_reference", {"reference": name}))


def test_an_unknown_set_is_told_its_neighbours() -> None:
    with pytest.raises(RuleError, match=r"no reference set 'currencies'. Did you mean currency"):
        validate_rule(Rule("r", "C", "isin_reference", {"reference": "currencies"}))


def test_a_package_brings_a_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path,
        monkeypatch,
        "profiling_pipeline.reference_sets",
        "branches:BRANCHES",
        branches=(
            "from profiling_pipeline.rules.reference_sets import ReferenceSet\n"
            "BRANCHES = ReferenceSet('branch', 'branches of the bank', lambda: ['N1', 'S2'])\n"
        ),
    )

    assert find_reference_sets()["branch"].values == ("N1", "S2")


def test_a_package_that_brings_something_else_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "profiling_pipeline.reference_sets", "odd_set:VALUE", odd_set="VALUE = 5\n")

    with pytest.raises(ConfigurationError, match="odd_set:VALUE is no reference set"):
        find_reference_sets()


def test_a_package_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path, monkeypatch, "profiling_pipeline.reference_sets", "broken_set:VALUE", broken_set="import nowhere_\n"
    )

    with pytest.raises(ConfigurationError, match="broken_set:VALUE cannot be loaded"):
        find_reference_sets()
    assert "broken_set" not in sys.modules
