"""Rules that are read from data alone hold on these data for at least the share that they claim."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.suggester import attributes_of, suggest_rules
from profiling_pipeline.generation.vetting import vet_rules
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.sources.model import ColumnMatches
from profiling_pipeline_tests.generation.sources import a_source


def _outcomes(data: pa.Table) -> tuple[RuleOutcome, ...]:
    """What comes of running the suggested rules on the data that they were suggested from."""
    with a_source(data) as source:
        profile = profile_source(source)
        attributes = attributes_of(profile)
        matches = ColumnMatches({attribute.attribute_id: attribute.name for attribute in attributes}, {})
        vetted = vet_rules(suggest_rules(profile, attributes, matches), source)
        assert not vetted.dropped
        return execute_rules(vetted.kept, source, sample_rows=0).outcomes


_KINDS: dict[str, Callable[[random.Random], Any]] = {
    "amount": lambda dice: round(dice.lognormvariate(6, 1.2), 2),
    "score": lambda dice: min(850, max(300, round(dice.gauss(700, 70)))),
    "margin": lambda dice: dice.gauss(0, 3),
    "share": lambda dice: dice.random(),
    "late": lambda dice: 0 if dice.random() < 0.9 else dice.randrange(1, 200),
    "status": lambda dice: dice.choices(["open", "closed", "frozen"], [80, 15, 5])[0],
    "branch_code": lambda dice: f"B{dice.randrange(700):05d}",
    "phone": lambda dice: f"{dice.randrange(200, 999)}-{dice.randrange(1000, 9999)}",
    "opened": lambda dice: date(2024, 1, 1) - timedelta(days=int(dice.expovariate(1 / 900))),
    "period": lambda dice: 20240100 + dice.randrange(1, 31),
    "remark": lambda dice: " ".join(dice.choices(["called", "wrote", "asked", "paid"], k=dice.randrange(1, 9))),
    "account_id": lambda dice: f"{dice.getrandbits(60):015x}",
    "is_open": lambda dice: dice.random() < 0.5,
    "constant": lambda dice: "US",
}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 60, 300, 2000]), st.sampled_from([0.0, 0.004, 0.3]))
def test_rules_hold_for_the_share_that_they_claim(seed: int, rows: int, null_share: float) -> None:
    dice = random.Random(seed)
    columns = {
        name: [None if dice.random() < null_share else draw(dice) for _ in range(rows)] for name, draw in _KINDS.items()
    }
    types = {name: pa.array([draw(dice)]).type for name, draw in _KINDS.items()}
    data = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
    for outcome in _outcomes(data):
        assert outcome.status in {ExecutionStatus.PASSED, ExecutionStatus.FAILED}, outcome.error
        assert outcome.pass_rate is not None
        assert outcome.rule.confidence is not None
        assert outcome.pass_rate >= outcome.rule.confidence, outcome.rule
        assert outcome.rule.confidence >= 90


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("amount", -250.0),
        ("score", 9999),
        ("status", "Opne"),
        ("branch_code", "b12"),
        ("opened", date(2150, 1, 1)),
        ("account_id", None),
    ],
)
def test_a_few_wrong_values_are_found_and_no_right_ones(name: str, wrong: object) -> None:
    dice = random.Random(11)
    values = [_KINDS[name](dice) for _ in range(5000)]
    places = dice.sample(range(5000), 6)
    for place in places:
        values[place] = wrong
    data = pa.table({name: values})
    failed = [outcome.failed for outcome in _outcomes(data) if outcome.failed]
    assert failed == [len(places)]
