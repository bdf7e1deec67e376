"""Rule files keep rules exactly, and say what is wrong with them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from profiling_pipeline.errors import InvalidInputError, RuleError
from profiling_pipeline.rules.rule import Dimension, Rule, Severity
from profiling_pipeline.rules.rule_file import dump_rules, parse_rules, read_rules, rule_to_dict, write_rules

EXAMPLE = """\
rules:
  - name: Credit limit is not negative
    attribute: CURRENT_CREDIT_LIMIT       # the column, or the attribute's name
    type: validity                        # optional
    check: in_range
    parameters: {min_value: 0, max_value: 10000000}
    severity: high
  - name: Minimum payment is covered by the balance
    attribute: MINIMUM_PAYMENT_DUE
    check: expression
    parameters:
      predicate: "MINIMUM_PAYMENT_DUE <= CYCLE_ENDING_BALANCE"
      where: "CYCLE_ENDING_BALANCE > 0"
      min_pass_rate: 99.5
"""


def test_a_rule_file_is_read() -> None:
    first, second = parse_rules(EXAMPLE, "rules.yaml")

    assert first == Rule(
        name="Credit limit is not negative",
        attribute="CURRENT_CREDIT_LIMIT",
        check="in_range",
        parameters={"min_value": 0, "max_value": 10000000},
        dimension=Dimension.VALIDITY,
        severity=Severity.HIGH,
        execution_order=1,
    )
    assert second.parameters["min_pass_rate"] == Decimal("99.5")
    assert (second.dimension, second.severity, second.execution_order) == (None, Severity.MEDIUM, 2)


def test_values_are_what_they_look_like() -> None:
    listed = "[NO, on, 2024-01-01, 007, 1e3, 0.10, '5', true, 12:30, 1_000]"
    text = f"rules: [{{name: r, attribute: A, check: isin, parameters: {{allowed_values: {listed}}}}}]"

    values = parse_rules(text, "rules.yaml")[0].parameters["allowed_values"]

    assert [str(value) for value in values] == [
        "NO", "on", "2024-01-01", "007", "1E+3", "0.10", "5", "True", "12:30", "1_000",
    ]  # fmt: skip
    assert [type(value) for value in values[4:8]] == [Decimal, Decimal, str, bool]


scalars = (
    st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=4)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    | st.sampled_from(
        ["NO", "null", "~", "1e5", "1.", ".5", "0x1F", "2024-01-01", "true", "- x", "a: b", "#", "&x", "*x"]
    )
)


@given(values=st.lists(scalars, min_size=1, max_size=6), name=st.text(st.characters(codec="utf-8"), min_size=1))
def test_what_is_written_is_read(values: list[object], name: str) -> None:
    rule = Rule(name, "A", "isin", {"allowed_values": values}, Dimension.VALIDITY, Severity.LOW, execution_order=1)

    assert parse_rules(dump_rules([rule]), "rules.yaml") == [rule]


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    rules = parse_rules(EXAMPLE, "rules.yaml")

    write_rules(rules, tmp_path / "copy.yaml")

    assert read_rules(tmp_path / "copy.yaml") == rules


def test_the_text_is_stable_and_readable() -> None:
    rule = Rule(
        "Limit", "A", "in_range", {"min_value": Decimal("0.10"), "max_value": date(2024, 1, 1)}, confidence=Decimal(90)
    )
    rules = [rule, Rule("Set", "A", "isin", {"allowed_values": ("É", 1)}, Dimension.VALIDITY)]

    assert dump_rules(rules) == (
        "rules:\n"
        "- name: Limit\n  attribute: A\n  check: in_range\n"
        "  parameters:\n    min_value: 0.10\n    max_value: '2024-01-01'\n"
        "  severity: medium\n  confidence: 90\n"
        "- name: Set\n  attribute: A\n  type: validity\n  check: isin\n"
        "  parameters:\n    allowed_values: [É, 1]\n  severity: medium\n"
    )
    assert yaml.safe_load(dump_rules(rules))["rules"][1] == {
        "name": "Set", "attribute": "A", "type": "validity", "check": "isin",
        "parameters": {"allowed_values": ["É", 1]}, "severity": "medium",
    }  # fmt: skip


def test_a_rule_as_a_dictionary_leaves_out_what_is_not_set() -> None:
    assert rule_to_dict(Rule("r", "A", "not_null")) == {
        "name": "r", "attribute": "A", "check": "not_null", "severity": "medium",
    }  # fmt: skip


ENTRY = "rules:\n  - name: x\n    attribute: A\n    check: not_null\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no rule file"),
        ("rules: 5", "no rule file"),
        (ENTRY + "more: 1\n", "no rule file"),
        ("- rules", "no rule file"),
        ("rules: [", "cannot be used as YAML"),
        ("rules: [5]", "line 1: this is no rule"),
        ("rules:\n  - name: x\n    attribute: A\n    chek: not_null\n", "line 2: rule 'x': field 'check' is missing"),
        ("rules:\n  - name: x\n    attribute: A\n    chek: not_null\n", "did you mean 'check'?"),
        (ENTRY + "    name: y\n", "'name' is there twice"),
        (ENTRY + "    severity: huge\n", "'huge'"),
        (ENTRY + "    type: beauty\n", "'beauty'"),
        (ENTRY + "    confidence: 101\n", "'confidence' cannot be 101"),
        (ENTRY + "    parameters: [1]\n", "'parameters'"),
        (ENTRY + "    parameters: {min: 1}\n", "line 2: Rule 'x': check 'not_null': there is no parameter 'min'"),
        (ENTRY + ENTRY.removeprefix("rules:\n"), "line 5: the attribute 'A' has a rule 'x' in line 2 already"),
        ("rules: [{name: x, attribute: 5, check: not_null}]", "'attribute' cannot be 5"),
        ("rules: [{name: " + "x" * 256 + ", attribute: A, check: not_null}]", "255"),
        ("rules: [{name: '', attribute: A, check: not_null}]", "'name'"),
        ("a: &a [1]\nrules: *a", "aliases are not allowed"),
        ("rules: !!python/object/apply:os.system [ls]", "cannot be used as YAML"),
        ("rules: [{name: x, attribute: A, check: equal_to, parameters: {value: " + "9" * 5000 + "}}]", "YAML"),
        ("[" * 5000, "nested too deeply"),
        ("rules: [{1: x}]", "is no text"),
        ("--- {}\n--- {}\n", "cannot be used as YAML"),
    ],
)
def test_what_is_wrong_is_told(text: str, named: str) -> None:
    with pytest.raises((InvalidInputError, RuleError)) as refusal:
        parse_rules(text, "rules.yaml")

    assert str(refusal.value).startswith("rules.yaml")
    assert named in str(refusal.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_rules(tmp_path / "missing.yaml")

    (tmp_path / "latin.yaml").write_bytes(b"rules: \xe9")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        read_rules(tmp_path / "latin.yaml")

    (tmp_path / "large.yaml").write_bytes(b"#" * 10_000_001)
    with pytest.raises(InvalidInputError, match="larger than 10 MB"):
        read_rules(tmp_path / "large.yaml")

    with pytest.raises(InvalidInputError, match="cannot be written"):
        write_rules([], tmp_path / "missing" / "rules.yaml")
