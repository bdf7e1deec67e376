"""Every check of the catalogue, alike."""

import re

import pytest

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import describe, validate_rule
from profiling_pipeline.rules.catalogue import CATALOGUE, check_for
from profiling_pipeline.rules.checks.base import Check, FigureCheck, GroupCheck, RowCheck
from profiling_pipeline.rules.rule import Dimension, Rule


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=CATALOGUE)
def test_a_check_is_complete(check: type[Check]) -> None:
    assert issubclass(check, RowCheck | FigureCheck | GroupCheck)
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
