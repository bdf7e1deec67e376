"""Files that are broken, huge or hostile: a clear error or a reason for each, and nothing is run."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange.formats import FORMATS, format_of, read_file
from profiling_pipeline.exchange.model import FormatName

YAML_FORMATS = [FormatName.SODA, FormatName.DBT, FormatName.ODCS]


@pytest.mark.parametrize("name", FormatName)
@pytest.mark.parametrize("text", ["", "\x00", "[", "5", "[" * 1_000, "{" * 1_000, "(" * 1_000, "'", "\ud800"])
def test_what_is_no_such_file_is_refused(name: FormatName, text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^file"):
        FORMATS[name].read(text, "file", None)


@pytest.mark.parametrize("name", YAML_FORMATS)
def test_yaml_cannot_grow_or_build_objects(name: FormatName) -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50))
    for text in (bomb, "dataset: !!python/object/apply:os.system [ls]", "dataset: a\ndataset: b"):
        with pytest.raises(InvalidInputError, match="cannot be used as YAML"):
            FORMATS[name].read(text, "file", None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"expectations": [NaN]}', "NaN is no JSON number"),
        ('{"expectations": 5}', "no list of expectations"),
        ('{"expectations": []', "cannot be used as JSON"),
        ('{"expectations": [' + "9" * 5000 + "]}", "cannot be used as JSON"),
    ],
)
def test_json_is_refused_in_words(text: str, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        FORMATS[FormatName.GX].read(text, "file", None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("def f(:", "line 1: invalid syntax"),
        ("x = 1", "no Pandera schema"),
        ("import os; os.system('touch /tmp/x')", "no Pandera schema"),
        ("x = " + "-" * 100_000 + "1", "cannot be used as Python"),
        ("x = " + "[" * 150 + "]" * 150, "no Pandera schema|nested"),
    ],
)
def test_python_is_refused_in_words(text: str, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        FORMATS[FormatName.PANDERA].read(text, "schema.py", None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["mean", "name", "count"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(value=VALUES, other=VALUES, third=VALUES)
def test_wrong_types_become_reasons(value: object, other: object, third: object) -> None:
    bodies = {
        FormatName.GX: {
            "expectations": [
                value,
                {"type": "expect_column_values_to_be_in_set", "kwargs": value},
                {"type": "expect_column_values_to_be_between", "kwargs": {"column": value, "min_value": other}},
                {
                    "type": "expect_column_values_to_not_be_null",
                    "kwargs": {"column": "a", "mostly": value, "row_condition": other, "condition_parser": third},
                    "meta": {"profiling": third},
                },
                {"type": "expect_column_quantile_values_to_be_between", "kwargs": {"quantile_ranges": value}},
                {"type": value, "meta": other, "severity": third, "description": value},
                {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": value}},
                {
                    "type": "expect_column_values_to_not_be_null",
                    "kwargs": {
                        "column": "a",
                        "row_condition": {"type": "comparison", "column": value, "operator": other},
                    },
                },
            ]
        },
        FormatName.SODA: {
            "dataset": "a",
            "filter": third,
            "columns": [
                value,
                {"name": value, "checks": other},
                {"name": "a", "checks": [value, {"invalid": value}, {"invalid": {"valid_values": value}}]},
                {"name": "a", "checks": [{"missing": {"threshold": value}}, {"aggregate": {"function": value}}]},
                {
                    "name": "a",
                    "checks": [{"invalid": {"valid_min": 0, "threshold": {"must_be": value}, "filter": other}}],
                },
                {"name": "a", "checks": [{"missing": {"missing_values": value, "attributes": {"profiling": other}}}]},
            ],
            "checks": [value, {"failed_rows": {"expression": value}}, {"metric": {"expression": other}}],
        },
        FormatName.DBT: {
            "models": [
                value,
                {
                    "name": "a",
                    "data_tests": value,
                    "columns": [
                        value,
                        {"name": value, "tests": other},
                        {"name": "a", "tests": [value, {"accepted_values": other}, {"not_null": {"config": value}}]},
                        {"name": "a", "tests": [{"unique": {"arguments": value, "config": {"where": other}}}]},
                        {"name": "a", "tests": [{"not_null": {"config": {"meta": value, "severity": other}}}]},
                        {"name": "a", "tests": [{"relationships": {"to": value, "field": other}}]},
                    ],
                },
            ]
        },
        FormatName.ODCS: {
            "kind": "DataContract",
            "schema": [
                value,
                {
                    "name": "a",
                    "quality": other,
                    "properties": [
                        value,
                        {"name": value, "quality": [other, {"metric": value, "mustBe": other}]},
                        {"name": "a", "quality": [{"metric": "invalidValues", "arguments": value, "mustBe": 0}]},
                        {"name": "a", "quality": [{"type": "sql", "query": value, "mustBeBetween": other}]},
                        {"name": "a", "quality": [{"type": "custom", "engine": "soda", "implementation": value}]},
                        {"name": "a", "quality": [{"type": "custom", "engine": "dbt", "implementation": value}]},
                        {"name": "a", "logicalTypeOptions": value, "relationships": other, "primaryKeyPosition": third},
                        {"name": "a", "quality": [{"metric": "nullValues", "mustBe": 0, "customProperties": value}]},
                    ],
                },
            ],
        },
    }
    for name, body in bodies.items():
        with suppress(InvalidInputError):
            imported = FORMATS[name].read(json.dumps(body), "file", "a")
            assert all(rule.attribute and rule.name for rule in imported.rules)


def test_a_large_file_is_read_in_time(tmp_path: Path) -> None:
    columns = "".join(f"- name: c{n}\n  checks:\n  - missing:\n  - invalid: {{valid_min: {n}}}\n" for n in range(500))
    (tmp_path / "contract.yaml").write_text(f"dataset: a/b\ncolumns:\n{columns}")
    started = time.monotonic()

    _, imported = read_file(tmp_path / "contract.yaml")

    assert len(imported.rules) == 1000
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rules: []", FormatName.YAML),
        ('{"expectations": []}', FormatName.GX),
        ("dataset: a/b/c", FormatName.SODA),
        ("checks for loans: []", FormatName.SODA),
        ("version: 2\nmodels: []", FormatName.DBT),
        ("kind: DataContract\nschema: []", FormatName.ODCS),
        ('{"kind": "DataContract", "schema": []}', FormatName.ODCS),
    ],
)
def test_the_format_is_told_from_the_content(text: str, name: FormatName) -> None:
    assert format_of(text, "file") is name


def test_a_python_file_is_a_pandera_schema_and_others_are_asked_for() -> None:
    assert format_of("", "schema.py") is FormatName.PANDERA
    with pytest.raises(InvalidInputError, match="--from yaml, gx, soda, dbt, odcs, pandera"):
        format_of("a: 1", "file")
