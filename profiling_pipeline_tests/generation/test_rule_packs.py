"""Rule packs: what they say of attributes by name, how they are read, and what is refused."""

from pathlib import Path

import pytest

from profiling_pipeline.errors import InvalidInputError, ProfilingError
from profiling_pipeline.generation.rule_packs import is_called, load_packs, parse_pack
from profiling_pipeline_tests.generation.from_rows import checks_of, found, outcomes_for

PACK = """
pack: branches
title: Our branches
reference: Policy 7
rules:
  - name: is one of ours
    applies_to: {names: ["branch*"]}
    check: str_startswith
    parameters: {string: "B"}
    severity: high
    why: Our branches begin with a B.
    reference: section 2
  - name: is at most the limit
    applies_to: {names: [balance], mdrm: [M058]}
    columns: {limit: "credit limit"}
    check: expression
    parameters: {predicate: "{column} <= {limit}"}
    why: Nobody may owe more.
"""


def test_a_pack_speaks_of_columns_by_their_names_and_brings_its_reference() -> None:
    table = {
        "BRANCH_CODE": [f"B{n % 40:03d}" for n in range(200)] + ["X001"],
        "Balance": [*range(200), 999_999],
        "CREDIT_LIMIT": [1000] * 201,
    }
    outcomes = outcomes_for(table, [parse_pack(PACK, "test")])
    branch = found(outcomes, "BRANCH_CODE", "str_startswith")
    assert (branch.failed, branch.rule.regulatory_reference) == (1, "Policy 7, section 2")
    assert "200 of 201 rows" in (branch.rule.rationale or "")
    balance = found(outcomes, "Balance", "expression")
    assert balance.rule.parameters == {"predicate": '"Balance" <= "CREDIT_LIMIT"'}
    assert balance.failed == 1


def test_a_rule_that_the_data_do_not_bear_out_is_left_out() -> None:
    table = {"branch": ["X1", "B2"] * 100}
    assert "str_startswith" not in checks_of(outcomes_for(table, [parse_pack(PACK, "test")]), "branch")


def test_names_are_compared_in_words() -> None:
    assert is_called("CURRENT_CREDIT_LIMIT", ["*credit limit"])
    assert is_called("currentCreditLimit", ["current credit limit"])
    assert is_called("AccountState", ["accountstate"])
    assert not is_called("STATEMENT_DATE", ["state", "state *"])


def test_built_in_packs_can_run_and_are_replaced_by_ones_of_their_name(tmp_path: Path) -> None:
    names = [pack.name for pack in load_packs()]
    assert {"fr_y14m_schedule_d1", "credit_cards", "loans"} <= set(names)
    (tmp_path / "mine.yaml").write_text(PACK.replace("pack: branches", "pack: loans"))
    packs = {pack.name: pack for pack in load_packs([tmp_path])}
    assert len(packs) == len(names)
    assert packs["loans"].title == "Our branches"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("check: str_startswith", "check: starts_with", "line 6: rule 'is one of ours'.*no check 'starts_with'"),
        ("{limit}", "{limt}", "{limt} stands for no column"),
        ("why: Nobody", "because: Nobody", "rule 'is at most the limit'.*there is no field 'because'"),
        ("pack: branches", "pack: Our Branches", "key 'pack' cannot be"),
        ("rules:", "ruls:", "is no rule pack"),
        ('{names: ["branch*"]}', "{}", "give `names` or `mdrm`"),
        ("<= {limit}", "<= ({limit}", "is at most the limit"),
    ],
)
def test_a_faulty_pack_is_refused_with_the_place(old: str, new: str, said: str) -> None:
    with pytest.raises(ProfilingError, match=said):
        parse_pack(PACK.replace(old, new), "test.yaml")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="PROFILING_RULE_PACKS"):
        load_packs([tmp_path / "gone"])
