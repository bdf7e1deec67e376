"""What leaves the house: statistics of every column, values of public and internal ones."""

import pyarrow as pa
import pytest

from profiling_pipeline.generation.language_model.generator import ChangeRequest, ModelGenerator
from profiling_pipeline.generation.language_model.proposed import Proposed
from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline_tests.generation.language_model.proposing import propose, two_rules_each

SECRETS = ("Xanadu", "Ytterbium", "918273", "4539578763621486", "2031-05-17")
TABLE = pa.table(
    {
        "HOLDER": ["Xanadu", "Ytterbium"] * 100,
        "SALARY": [918273 + 7919 * n for n in range(200)],
        "CARD": ["4539578763621486", "4539578763621487"] * 100,
        "SINCE": ["2031-05-17", "2031-05-18"] * 100,
        "CITY": ["Springfield", "Ogdenville"] * 100,
    }
)


def _attributes(classification: str | None) -> list[Attribute]:
    hidden = [
        Attribute(number, name, name, classification=classification)
        for number, name in enumerate(("HOLDER", "SALARY", "CARD", "SINCE"), start=1)
    ]
    return [*hidden, Attribute(5, "CITY", "CITY", classification="Internal")]


def _all_ways(generator: ModelGenerator) -> Proposed:
    """Ask for rules, for a changed one whose parameters hold values, and for a broken one again."""
    proposed = generator.propose()
    old = Rule(
        "Holder is not Xanadu",
        "HOLDER",
        "notin",
        {"forbidden_values": ["Xanadu"], "where": "CARD = '4539578763621486'"},
        attribute_id=1,
    )
    proposed.add(generator.propose_changes([ChangeRequest(old, "Too loose")]))
    holder = next(rule for rule in proposed.rules if rule.attribute == "HOLDER")
    proposed.add(generator.repair([DroppedRule(holder, "It cannot run.", is_broken=True)]))
    return proposed


@pytest.mark.parametrize("classification", ["Confidential", "Restricted", "Secret", None])
def test_no_value_of_a_classified_column_is_in_any_request(classification: str | None) -> None:
    asking = propose(TABLE, two_rules_each, _attributes(classification), _all_ways)
    assert len(asking.asked) >= 4
    assert not [secret for secret in SECRETS if secret in asking.prompts]
    assert "Springfield" in asking.prompts
    assert "Too loose" in asking.prompts


@pytest.mark.parametrize("classification", ["Public", "Internal"])
def test_values_of_public_and_internal_columns_are_told(classification: str) -> None:
    asking = propose(TABLE, two_rules_each, _attributes(classification))
    assert {"Xanadu", "918273"} == {secret for secret in ("Xanadu", "918273") if secret in asking.prompts}


def test_figures_of_few_values_are_not_told_of_a_classified_column() -> None:
    table = pa.table({"SALARY": [918273, 918274, 5]})
    asking = propose(table, two_rules_each, [Attribute(1, "SALARY", "SALARY", classification="Restricted")])
    facts = asking.asked[0].attributes["a1"]["statistics"]
    assert facts.keys() == {"rows", "nulls", "blanks", "unreadable", "distinct"}


def test_the_context_is_chosen_by_report_and_attributes() -> None:
    table = pa.table({"CYCLE_ENDING_BALANCE": [1, 2], "MINIMUM_PAYMENT_DUE": [1, 2]})
    assert "Schedule D" in propose(table, two_rules_each).prompts
    assert "Schedule D" in propose(TABLE, two_rules_each, report="FR Y-14M 2024").prompts
    assert "Nothing further is known" in propose(TABLE, two_rules_each, report="Liquidity").prompts
