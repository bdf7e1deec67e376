from pathlib import Path

from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.suggester import attributes_of, suggest_for_file, suggest_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import ColumnKind, ColumnMatches
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.generation.subjects import SCORES, TODAY, a_column, an_attribute, suggested


def test_rules_say_where_they_belong_and_are_told_apart() -> None:
    rules = suggested(
        a_column("A", **SCORES),
        a_column("B", **SCORES),
        attributes=[an_attribute(7, "Score", mandatory="Mandatory"), an_attribute(8, "Score", mandatory="Mandatory")],
    )
    assert [(rule.attribute_id, rule.column) for rule in rules] == [(7, "A"), (7, "A"), (8, "B"), (8, "B")]
    assert len({rule.name for rule in rules}) == 4
    assert [rule.execution_order for rule in rules] == [1, 2, 3, 4]
    assert all(rule.provider == "offline" and rule.rationale and rule.confidence for rule in rules)
    assert all("min_pass_rate" not in rule.parameters for rule in rules)


def test_attributes_without_a_column_get_no_rules() -> None:
    profile = TableProfile("test", "duckdb", 1000, (a_column("A"),), {})
    attribute = an_attribute(1, "Gone", mandatory="Mandatory")
    assert suggest_rules(profile, [attribute], ColumnMatches({}, {}, (attribute,)), today=TODAY) == []
    assert suggest_rules(profile, [attribute], ColumnMatches({1: "NOT_PROFILED"}, {}), today=TODAY) == []


def test_unplanned_data_get_an_attribute_for_each_column() -> None:
    profile = TableProfile("test", "duckdb", 1000, (a_column("A"), a_column("B")), {})
    attributes = attributes_of(profile)
    assert [(each.attribute_id, each.name, each.source_column) for each in attributes] == [(1, "A", "A"), (2, "B", "B")]


def test_no_rows_give_only_what_is_declared() -> None:
    empty = a_column(kind=ColumnKind.TEXT, rows=0, distinct=0)
    [rule] = suggested(empty, attributes=[an_attribute(mandatory="Mandatory")])
    assert (rule.check, rule.confidence) == ("not_null", None)
    assert suggested(empty) == []


def test_a_word_for_a_missing_number_fails_the_rules_on_numbers_and_needs_none_of_its_own(tmp_path: Path) -> None:
    amounts = ["N/A" if number % 600 == 0 else str(10 + number % 977) for number in range(3_000)]
    (tmp_path / "amounts.csv").write_text("\n".join(["amount", *amounts]))
    with open_source(
        FileLocation(tmp_path / "amounts.csv"), allowed_folders=None, memory_limit="500MB", spill_folder=tmp_path
    ) as source:
        vetted = suggest_for_file(source, profile_source(source), ())
        outcomes = execute_rules(vetted.kept, source).outcomes
    assert not vetted.dropped
    assert 5 in {outcome.failed for outcome in outcomes}
