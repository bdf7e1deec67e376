"""Pandera schemas in Python source: read without running them, and written so that Pandera runs them."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.exchange import pandera
from profiling_pipeline.exchange.model import FormatName
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline_tests.exchange.reading import demands, read, reasons

SCHEMA = """
import pandas as pd
import pandera.pandas as pa
from pandera import Check as C
from decimal import Decimal
import datetime as dt

STATES = ["CA", "NY"]
open("/tmp/should-not-exist", "w").write("this is never run")

loans = pa.DataFrameSchema(
    {
        "loan_id": pa.Column(str, unique=True),
        "score": pa.Column(
            int,
            [
                pa.Check.in_range(300, 850),
                pa.Check.ge(0.10, name="Not negative", description="Scores start at 0"),
                pa.Check.lt(Decimal("1e3"), raise_warning=True),
                C.isin([1, 2, -3]),
                pa.Check(lambda s: s > 0),
            ],
            nullable=True,
            coerce=True,
        ),
        "state": pa.Column(str, checks=C.isin(STATES), nullable=True, required=False),
        "code": pa.Column(checks=[pa.Check.str_matches("[A-Z]+$"), pa.Check.str_length(5, error="Five characters")],
                          nullable=True),
        "opened": pa.Column("datetime64[ns]", pa.Check.gt(dt.date(2020, 1, 31)), nullable=True),
        "closed": pa.Column(pa.DateTime, pa.Check.le(pd.Timestamp("2024-12-31")), nullable=True),
        "size": pa.Column(
            nullable=True, checks=[pa.Check.unique_values_eq(["S", "M"]), pa.Check.str_length(max_value=3)]
        ),
        "rate": pa.Column(nullable=True, checks=pa.Check.greater_than(compute_rate())),
        "x_.*": pa.Column(regex=True),
    },
    checks=pa.Check(lambda df: df.a > df.b),
    unique=["branch", "number"],
    strict=True,
)
"""


def test_a_schema_is_read() -> None:
    expected = [
        ("loan_id", "not_null", {}),
        ("loan_id", "unique", {}),
        ("score", "in_range", {"min_value": 300, "max_value": 850}),
        ("score", "greater_than_or_equal_to", {"min_value": Decimal("0.1")}),
        ("score", "less_than", {"max_value": 1000, "min_pass_rate": 0, "warn_pass_rate": 100}),
        ("score", "isin", {"allowed_values": [1, 2, -3]}),
        ("state", "isin", {"allowed_values": ["CA", "NY"]}),
        ("code", "str_matches", {"pattern": "[A-Z]+$"}),
        ("code", "str_length", {"min_value": 5}),
        ("opened", "greater_than", {"min_value": "2020-01-31"}),
        ("closed", "less_than_or_equal_to", {"max_value": "2024-12-31"}),
        ("size", "distinct_values_in", {"values": ["S", "M"]}),
        ("size", "distinct_values_contain", {"values": ["S", "M"]}),
        ("size", "str_length", {"max_value": 3}),
        ("branch", "unique", {"with": ["number"]}),
    ]

    imported = read(FormatName.PANDERA, SCHEMA)

    assert demands(imported) == [each for each in expected if each[1] in CATALOGUE]
    assert not Path("/tmp/should-not-exist").exists()
    by_check = {rule.check: rule for rule in imported.rules}
    assert by_check["greater_than_or_equal_to"].name == "Not negative"
    assert by_check["greater_than_or_equal_to"].description == "Scores start at 0"
    assert "Five characters" in {rule.name for rule in imported.rules}


def test_what_is_not_carried_over_is_told() -> None:
    imported = read(FormatName.PANDERA, SCHEMA)
    told = reasons(imported)

    assert told["pa.Check(lambda s: s > 0)"] == "It is Python code, which is not run."
    assert told["pa.Check(lambda df: df.a > df.b)"] == "It is Python code, which is not run."
    assert told["Check.greater_than"] == "compute_rate(...) is no plain value, and it is Python code, which is not run."
    assert told["columns like x_.*"] == "Rules are of single columns, not of patterns of names."
    assert told["dtype"] == "Columns have the types of their source; has_type checks text."
    assert told["required"].startswith("A missing column")
    assert told["strict"].startswith("Rules look at values")
    assert "column score, line 14" in {each.place for each in imported.left_out}


MODEL = '''
import pandera.polars as pa
from pandera.typing.polars import Series
from typing import Optional

class Base(pa.DataFrameModel):
    loan_id: str = pa.Field(unique=True)

class Loans(Base):
    """Loans."""
    score: Optional[int] = pa.Field(ge=300, le=850, nullable=True, in_range={"min_value": 0, "max_value": 9})
    state: Series[str] = pa.Field(alias="STATE", isin=["CA"], str_length=(2, 3), nullable=True, title="State")
    branch: int

    @pa.check("score")
    def check_score(cls, series):
        return series > 0

    class Config:
        unique = ["branch", "STATE"]
        coerce = True
'''


def test_a_model_is_read() -> None:
    imported = read(FormatName.PANDERA, MODEL, "Loans")

    assert demands(imported) == [
        ("loan_id", "not_null", {}),
        ("loan_id", "unique", {}),
        ("score", "greater_than_or_equal_to", {"min_value": 300}),
        ("score", "less_than_or_equal_to", {"max_value": 850}),
        ("score", "in_range", {"min_value": 0, "max_value": 9}),
        ("STATE", "isin", {"allowed_values": ["CA"]}),
        ("STATE", "str_length", {"min_value": 2, "max_value": 3}),
        ("branch", "not_null", {}),
        ("branch", "unique", {"with": ["STATE"]}),
    ]
    assert reasons(imported)["check_score()"] == "It is Python code, which is not run."


def test_one_of_several_schemas_is_chosen() -> None:
    with pytest.raises(InvalidInputError, match="several tables: Base, Loans"):
        read(FormatName.PANDERA, MODEL)
    assert len(read(FormatName.PANDERA, MODEL, "Base").rules) == 2


RULES = [
    Rule("Id is there", "id", "not_null", severity=Severity.HIGH),
    Rule("Id is one", "id", "unique"),
    Rule("Score", "score", "in_range", {"min_value": Decimal("300.5"), "max_value": 850, "include_max": False}),
    Rule("High", "score", "less_than", {"max_value": 700, "min_pass_rate": 0, "warn_pass_rate": 100}),
    Rule("State", "state", "isin", {"allowed_values": ["CA", "N'Y", 'quo"te', "new\nline"]}),
    Rule("Mail", "mail", "is_email", description="As \\ browsers check it"),
    Rule("Long", "state", "str_length", {"min_value": 2}),
    Rule("Like", "mail", "like", {"pattern": "%@_.%"}),
]
RUN = """
import json, sys, warnings
import pandas as pd
from pandera.errors import SchemaErrors
namespace = {}
exec(compile(open(sys.argv[1]).read(), "schema.py", "exec"), namespace)
frame = pd.DataFrame({
    "id": ["a", "b", None, "b"], "score": [300.0, 850.0, 500.0, None],
    "state": ["CA", "N'Y", "X", None], "mail": ["a@b.co", "no", None, "x@y.z"]})
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    try:
        namespace["schema"].validate(frame, lazy=True)
        failed = {}
    except SchemaErrors as errors:
        cases = errors.failure_cases
        failed = cases.groupby(["column", "check"]).size().to_dict()
print(json.dumps({"|".join(map(str, key)): int(value) for key, value in failed.items()}))
print(sum("High" in str(each.message) for each in warned))
"""


def test_a_written_schema_is_run_by_pandera_and_finds_what_rules_find(tmp_path: Path) -> None:
    exported = pandera.write(RULES, 'loans "quoted"\n\\')
    (tmp_path / "schema.py").write_text(exported.text)

    run = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path / "schema.py")], capture_output=True, text=True, check=False
    )

    assert run.stderr == ""
    failed, warned = run.stdout.splitlines()
    assert json.loads(failed) == {
        "id|not_nullable": 1,
        "id|field_uniqueness": 2,
        "score|Score": 2,
        "state|State": 1,
        "state|Long": 1,
        "mail|Mail": 1,
        "mail|Like": 1,
    }
    assert int(warned) > 0


def test_what_cannot_be_written_is_told() -> None:
    rules = [
        Rule("Often", "x", "greater_than", {"min_value": 0, "min_pass_rate": 50}),
        Rule("Where", "x", "greater_than", {"min_value": 0, "where": "y > 0"}),
        Rule("Mean", "x", "mean_between", {"min_value": 0}),
        Rule("Again", "x", "not_null"),
        Rule("And again", "x", "not_null"),
    ]
    told = {each.place: each.reason for each in pandera.write(rules, "loans").left_out}

    assert told == {
        "rule 'Often'": "Pandera's checks know no pass rate.",
        "rule 'Where'": "Pandera's own checks look at all rows, and where cannot be said.",
        "rule 'Mean'": "Pandera has no check of its own like mean_between, and Python code is not written.",
        "rule 'And again'": "Pandera can say it once only.",
    }
