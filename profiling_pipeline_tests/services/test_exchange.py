"""Rules of other tools in the review workflow."""

import json

import pytest

from profiling_pipeline.errors import InvalidInputError, PermissionRefusedError, TransitionRefusedError
from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import FormatName, Imported
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.exchange import export_version, import_into_version
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.services.loans import a_file_phase, write_loans
from profiling_pipeline_tests.services.planned import Planned

KNOWN = Rule("State is known", "State", "isin", {"allowed_values": ["CA", "NY"]})


@pytest.fixture
def settings(home) -> Settings:
    settings = Settings()
    write_loans(settings.allowed_folders[0])
    return settings


@pytest.fixture
def loans(database: Database) -> Planned:
    return a_file_phase(database)


def a_suite(*expectations: tuple[str, dict[str, object]]) -> Imported:
    suite = {"expectations": [{"type": f"expect_{name}", "kwargs": kwargs} for name, kwargs in expectations]}
    return FORMATS[FormatName.GX].read(json.dumps(suite), "suite.json", None)


SUITE = a_suite(
    ("column_values_to_be_between", {"column": "BALANCE", "min_value": 0}),
    ("column_values_to_be_between", {"column": "STATE", "min_value": 0}),
    ("column_values_to_not_be_null", {"column": "GONE"}),
    ("column_to_exist", {"column": "LOAN"}),
    ("column_values_to_be_unique", {"column": "LOAN"}),
)


def test_rules_that_fit_plan_and_data_are_imported(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])

    result = import_into_version(loans.database, settings, version_id, loans.tester, SUITE)

    view = get_version(loans.database, version_id)
    assert [(rule.attribute_name, rule.rule_code, rule.execution_order) for rule in view.rules] == [
        ("State", "isin", 0),
        ("Balance", "greater_than_or_equal_to", 2),
        ("Loan", "unique", 3),
    ]
    assert {rule.rule_id for rule in view.rules} >= set(result.rule_ids)
    assert view.total_rules == 3
    reasons = {each.place: each.reason for each in result.left_out}
    assert "kind text" in reasons["State"] or "cannot be compared" in reasons["State"]
    assert "no planned attribute" in reasons["column GONE"]
    assert reasons["expectation 4"].startswith("A missing column")
    assert (result.not_checked, result.is_refused) == (None, False)
    assert [row.action for row in loans.audit()][-2:] == ["add_rule", "add_rule"]
    added = [rule for rule in get_version(loans.database, version_id).rules if rule.rule_id in result.rule_ids]
    assert all(rule.dry_run and rule.dry_run.outcome.tested for rule in added)


def test_strict_imports_nothing_where_something_is_left_out(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])

    result = import_into_version(loans.database, settings, version_id, loans.tester, SUITE, strict=True)

    assert (result.is_refused, result.rule_ids) == (True, ())
    assert get_version(loans.database, version_id).total_rules == 1


def test_importing_twice_adds_nothing(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])
    first = import_into_version(loans.database, settings, version_id, loans.tester, SUITE)

    second = import_into_version(loans.database, settings, version_id, loans.tester, SUITE)

    assert (len(first.rule_ids), second.rule_ids) == (2, ())
    assert sum(each.reason == "The draft has it already." for each in second.left_out) == 2


def test_a_taken_name_stops_the_whole_import(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])
    rules = (
        Rule("New", "LOAN", "not_null"),
        Rule("State is known", "STATE", "isin", {"allowed_values": ["TX"]}),
    )

    with pytest.raises(InvalidInputError, match="already"):
        import_into_version(loans.database, settings, version_id, loans.tester, Imported(rules, ()))
    assert get_version(loans.database, version_id).total_rules == 1


def test_without_data_rules_are_imported_and_that_is_told(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])
    (settings.allowed_folders[0] / "loans.csv").unlink()

    result = import_into_version(loans.database, settings, version_id, loans.tester, SUITE)

    assert len(result.rule_ids) == 3
    assert "loans.csv" in str(result.not_checked)


def test_only_who_may_change_a_draft_imports(loans: Planned, settings: Settings) -> None:
    version_id = loans.draft([KNOWN])
    with pytest.raises(PermissionRefusedError):
        import_into_version(loans.database, settings, version_id, loans.owner, SUITE)
    with pytest.raises(TransitionRefusedError):
        import_into_version(loans.database, settings, loans.pending([KNOWN]), loans.tester, SUITE)
    assert get_version(loans.database, version_id).total_rules == 1


@pytest.mark.parametrize("name", FormatName)
def test_a_version_is_exported_and_its_export_is_nothing_new(
    loans: Planned, settings: Settings, name: FormatName
) -> None:
    version_id = loans.draft([KNOWN, Rule("Loan is there", "Loan", "not_null")])

    exported = export_version(loans.database, version_id, name)
    imported = FORMATS[name].read(exported.text, "export", None)
    result = import_into_version(loans.database, settings, version_id, loans.tester, imported)

    assert exported.left_out == ()
    assert {each.reason for each in result.left_out} == {"The draft has it already."}
    assert result.rule_ids == ()
