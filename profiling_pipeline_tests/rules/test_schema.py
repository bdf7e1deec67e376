"""The catalogue as JSON Schema."""

import json

import pytest

from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.schema import catalogue_schema

SCHEMA = catalogue_schema()
PARAMETERS = {check["name"]: check["parameters"] for check in SCHEMA["checks"]}


def test_it_lists_every_check_in_order() -> None:
    assert list(PARAMETERS) == list(CATALOGUE)


def test_it_is_plain_json() -> None:
    text = json.dumps(SCHEMA)

    assert "$ref" not in text
    assert '"title"' not in text
    assert '"null"' not in text


@pytest.mark.parametrize("check", SCHEMA["checks"], ids=PARAMETERS)
def test_the_example_names_declared_parameters_and_every_required_one(check: dict[str, object]) -> None:
    parameters, example = PARAMETERS[str(check["name"])], check["example"]

    assert isinstance(example, dict)
    assert set(parameters.get("required", [])) <= set(example) <= set(parameters["properties"])
    assert parameters["additionalProperties"] is False


def test_types_are_as_people_write_them() -> None:
    properties = PARAMETERS["in_range"]["properties"]

    assert properties["min_value"]["type"] == ["number", "string"]
    assert properties["include_min"]["default"] is True
    assert PARAMETERS["str_length"]["properties"]["min_value"]["type"] == "integer"
    assert PARAMETERS["sum_equals"]["properties"]["tolerance"]["default"] == 0
    assert PARAMETERS["has_type"]["properties"]["type"]["enum"][0] == "integer"
    assert PARAMETERS["null_rate_between"]["properties"]["max_value"]["maximum"] == 100


def test_the_parameters_of_every_check_of_rows_stand_apart() -> None:
    assert set(SCHEMA["reserved"]["properties"]) == {"where", "min_pass_rate", "warn_pass_rate"}
    assert {check["tests"] for check in SCHEMA["checks"]} == {"rows", "whole"}


@pytest.mark.parametrize("check", SCHEMA["checks"], ids=PARAMETERS)
def test_every_parameter_is_described(check: dict[str, object]) -> None:
    declared = PARAMETERS[str(check["name"])].get("properties", {})

    assert all(each["description"].endswith(".") for each in declared.values())
