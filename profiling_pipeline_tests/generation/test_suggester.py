from profiling_pipeline.generation.suggester import attributes_of, suggest_rules
from profiling_pipeline.profiling.profile import TableProfile
from profiling_pipeline.sources.model import ColumnKind, ColumnMatches
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
