from datetime import date

import pyarrow as pa

from profiling_pipeline.generation.vetting import vet_rules
from profiling_pipeline.rules.rule import Dimension, Rule
from profiling_pipeline_tests.generation.sources import a_source

DATA = pa.table({"SCORE": [700, 710], "STATE": ["NY", "TX"], "OPENED": [date(2020, 1, 1), date(2021, 1, 1)]})


def test_what_can_run_is_kept_with_its_column_and_dimension() -> None:
    proposed = [
        Rule("Score is present", "Score", "not_null", column="SCORE", execution_order=7),
        Rule("Score is sensible", "score", "in_range", {"min_value": 300, "max_value": 850}),
    ]
    with a_source(DATA) as source:
        vetted = vet_rules(proposed, source)
    assert not vetted.dropped
    assert [(rule.column, rule.dimension, rule.execution_order) for rule in vetted.kept] == [
        ("SCORE", Dimension.COMPLETENESS, 1),
        ("SCORE", Dimension.VALIDITY, 2),
    ]


def test_what_cannot_run_is_dropped_with_the_reason() -> None:
    proposed = [
        Rule("Gone", "SCROE", "not_null"),
        Rule("Unknown", "SCORE", "is_nice"),
        Rule("Wrong", "SCORE", "in_range", {"min_value": 9, "max_value": 1}),
        Rule("Text", "STATE", "in_range", {"min_value": 1, "max_value": 9}),
        Rule("Kept", "STATE", "not_null"),
    ]
    with a_source(DATA) as source:
        vetted = vet_rules(proposed, source)
    assert [rule.name for rule in vetted.kept] == ["Kept"]
    assert [dropped.rule.name for dropped in vetted.dropped] == ["Gone", "Unknown", "Wrong", "Text"]
    assert "Did you mean SCORE" in vetted.dropped[0].reason
    assert all(dropped.reason for dropped in vetted.dropped)


def test_a_rule_that_says_the_same_as_an_earlier_one_is_dropped() -> None:
    proposed = [
        Rule("First", "STATE", "isin", {"allowed_values": ["NY", "TX"]}),
        Rule("Again", "state", "isin", {"allowed_values": ["NY", "TX"], "origin": "elsewhere"}),
        Rule("Other", "STATE", "isin", {"allowed_values": ["NY", "TX", "CA"]}),
        Rule("First", "STATE", "isin", {"allowed_values": ["NY", "TX"]}),
    ]
    with a_source(DATA) as source:
        vetted = vet_rules(proposed, source)
    assert [rule.name for rule in vetted.kept] == ["First", "Other"]
    assert [dropped.reason for dropped in vetted.dropped] == ["It says the same as 'First'."] * 2


def test_stored_dates_have_no_written_format() -> None:
    proposed = [
        Rule("Written so", "OPENED", "date_format", {"format": "%Y%m%d"}),
        Rule("Past", "OPENED", "not_in_future"),
    ]
    with a_source(DATA) as source:
        vetted = vet_rules(proposed, source)
    assert [rule.name for rule in vetted.kept] == ["Past"]
    assert "is stored as a date" in vetted.dropped[0].reason
