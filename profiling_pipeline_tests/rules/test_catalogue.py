"""Every check of the catalogue, alike."""

import re
from pathlib import Path

import pytest

from profiling_pipeline.errors import ConfigurationError, RuleError
from profiling_pipeline.rules import checks
from profiling_pipeline.rules.binding import describe, validate_rule
from profiling_pipeline.rules.catalogue import CATALOGUE, check_for, find_checks
from profiling_pipeline.rules.checks.base import Check, FigureCheck, GroupCheck, RowCheck, ValuesCheck
from profiling_pipeline.rules.manual import manual_of
from profiling_pipeline.rules.rule import Dimension, Rule
from profiling_pipeline.rules.rule_file import parse_rules
from profiling_pipeline_tests.rules.plugins import install


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=CATALOGUE)
def test_a_check_is_complete(check: type[Check]) -> None:
    assert issubclass(check, RowCheck | FigureCheck | ValuesCheck | GroupCheck)
    assert re.fullmatch("[a-z0-9_]+", check.name)
    assert check.__doc__
    assert check.model_json_schema()["type"] == "object"
    rule = Rule("r", "COLUMN", check.name, check.example)
    validate_rule(rule)
    assert describe(rule).endswith(".")


def test_all_dimensions_are_there() -> None:
    assert {check.dimension for check in CATALOGUE.values()} == set(Dimension)


def test_an_unknown_check_is_told_its_neighbours() -> None:
    with pytest.raises(RuleError, match="Did you mean not_null"):
        check_for("notnull")


def test_nothing_resembles_it() -> None:
    with pytest.raises(RuleError, match="Choose one of the catalogue"):
        check_for("zzzzzz")


def test_the_order_is_that_of_dimensions_and_names() -> None:
    places = [(list(Dimension).index(check.dimension), name) for name, check in CATALOGUE.items()]
    assert places == sorted(places)


IS_POSITIVE = """
from typing import ClassVar

import ibis.expr.types as ir

from profiling_pipeline.rules.checks.base import NUMERIC, RowCheck
from profiling_pipeline.rules.rule import Dimension


class IsPositive(RowCheck):
    \"\"\"Every value is above zero.\"\"\"

    name: ClassVar[str] = "{name}"
    dimension: ClassVar = Dimension.VALIDITY
    kinds: ClassVar = NUMERIC

    def sentence(self, column: str) -> str:
        return f"{{column}} is above zero."

    def holds(self, value: ir.Column, table: ir.Table) -> ir.BooleanValue:
        return value > 0
"""


def test_one_file_adds_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "positive.py").write_text(IS_POSITIVE.format(name="is_positive"))
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])

    found = find_checks()

    assert set(found) - set(CATALOGUE) == {"is_positive"}
    assert list(found).index("is_positive") == list(found).index("is_ipv4") + 1
    monkeypatch.setattr("profiling_pipeline.rules.catalogue.CATALOGUE", found)
    assert describe(Rule("r", "AMOUNT", "is_positive")) == "AMOUNT is above zero."


def test_a_package_adds_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = IS_POSITIVE.format(name="is_positive")
    install(tmp_path, monkeypatch, "profiling_pipeline.checks", "positive_values", positive_values=text)

    assert set(find_checks()) - set(CATALOGUE) == {"is_positive"}


def test_two_checks_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = IS_POSITIVE.format(name="in_range")
    install(tmp_path, monkeypatch, "profiling_pipeline.checks", "second_range", second_range=text)

    with pytest.raises(ConfigurationError, match=r"two checks 'in_range'.*second_range"):
        find_checks()


def test_a_package_whose_checks_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "profiling_pipeline.checks", "no_such_module_")

    with pytest.raises(ConfigurationError, match="no_such_module_"):
        find_checks()


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=CATALOGUE)
def test_the_manual_shows_a_rule_that_can_be_copied(check: type[Check]) -> None:
    rules = parse_rules(f"rules:\n{manual_of(check).example_rule}", "the manual")

    assert [rule.check for rule in rules] == [check.name]
