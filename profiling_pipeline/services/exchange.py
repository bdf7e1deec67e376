"""Rules of other tools on their way into a draft, and a version's rules on their way to other tools."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from profiling_pipeline.errors import InvalidInputError, SourceError
from profiling_pipeline.exchange.formats import FORMATS
from profiling_pipeline.exchange.model import Exported, FormatName, Imported, LeftOut
from profiling_pipeline.generation.overlaps import own_parameters
from profiling_pipeline.generation.vetting import vet_rules
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.attributes import attribute_of_rule
from profiling_pipeline.services.draft_rules import DraftRules
from profiling_pipeline.services.dry_runs import Tried, try_rules
from profiling_pipeline.services.phases import PhasePlan, load_plan, open_planned_source
from profiling_pipeline.services.versions import RuleView, get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.database import Database


@dataclass(frozen=True)
class ImportedIntoVersion:
    """What came of an import: the new rules, what is left out, and why rules were not compared with the data."""

    rule_ids: tuple[UUID, ...]
    left_out: tuple[LeftOut, ...]
    not_checked: str | None
    is_refused: bool


def import_into_version(
    database: Database, settings: Settings, version_id: UUID, user_id: int, imported: Imported, *, strict: bool = False
) -> ImportedIntoVersion:
    """Add rules of another tool to a draft, in one transaction.

    Left out, with the reason, are rules of columns that are not planned, rules that the draft has already, and, where
    the data source can be opened, rules that cannot run on it.

    Args:
        database: Where the version is.
        settings: Upload folders and memory limit.
        version_id: A draft.
        user_id: Who imports.
        imported: What was read.
        strict: Store nothing where something is left out.

    Raises:
        NotFoundError: There is no such version or user.
        TransitionRefusedError: The version is no draft.
        PermissionRefusedError: The user may not change its rules.
        InvalidInputError: A name is taken by another rule.
    """
    version = get_version(database, version_id)
    plan = load_plan(database, version.phase_id)
    left_out = list(imported.left_out)
    rules = _new(_planned(imported.rules, plan, left_out), version.rules, left_out)
    rules, not_checked, tried = _tried(database, settings, version.phase_id, user_id, rules, left_out)
    is_refused = strict and bool(left_out)
    following = len(version.rules)
    ordered = [replace(rule, execution_order=following + place) for place, rule in enumerate(rules, start=1)]
    # An empty list too: who may not change the rules is told so.
    rule_ids = [] if is_refused else DraftRules(database).add_rules(version_id, user_id, ordered, tried=tried)
    return ImportedIntoVersion(tuple(rule_ids), tuple(left_out), not_checked, is_refused)


def export_version(database: Database, version_id: UUID, name: FormatName, table: str | None = None) -> Exported:
    """Return a version's rules in a format; other tools know columns, not attributes.

    Args:
        database: Where the version is.
        version_id: The version.
        name: The format.
        table: What the table is called there; the data source's name unless given.

    Raises:
        NotFoundError: There is no such version.
    """
    version = get_version(database, version_id)
    plan = load_plan(database, version.phase_id)
    rules = [each.rule for each in version.rules]
    if name is not FormatName.YAML:
        columns = {attribute.attribute_id: _column(attribute, plan.column_map) for attribute in plan.attributes}
        rules = [replace(rule, column=columns.get(rule.attribute_id or 0)) for rule in rules]
    is_file = isinstance(plan.location, FileLocation)  # whose ending is no part of a table's name
    named = plan.data_source_name.partition(".")[0] if is_file else plan.data_source_name
    return FORMATS[name].write(rules, table or named)


def _column(attribute: Attribute, column_map: Mapping[str, str]) -> str:
    """Return the column that an attribute says it is, else its own name, which is matched to one."""
    return attribute.source_column or column_map.get(attribute.name) or attribute.mapped_column or attribute.name


def _planned(rules: Iterable[Rule], plan: PhasePlan, left_out: list[LeftOut]) -> list[Rule]:
    """Return the rules whose attributes are planned, with their ids."""
    planned = []
    for rule in rules:
        try:
            attribute = attribute_of_rule(rule, plan.attributes, plan.column_map)
        except InvalidInputError as error:
            left_out.append(LeftOut(f"rule '{rule.name}'", str(error), f"column {rule.attribute}"))
            continue
        planned.append(replace(rule, attribute=attribute.name, attribute_id=attribute.attribute_id, column=None))
    return planned


def _new(rules: Iterable[Rule], known: Iterable[RuleView], left_out: list[LeftOut]) -> list[Rule]:
    """Return the rules that the draft does not have under the same name already."""
    there = {(each.attribute_id, each.rule_name, each.rule_code, own_parameters(each.rule)) for each in known}
    new = []
    for rule in rules:
        if (rule.attribute_id, rule.name, rule.check, own_parameters(rule)) in there:
            left_out.append(LeftOut(f"rule '{rule.name}'", "The draft has it already.", rule.attribute))
        else:
            new.append(rule)
    return new


def _tried(
    database: Database,
    settings: Settings,
    phase_id: int,
    user_id: int,
    rules: list[Rule],
    left_out: list[LeftOut],
) -> tuple[list[Rule], str | None, Tried | None]:
    """Return the rules that can run on the phase's data, and what they come to; or all, and why none was tried."""
    if not rules:
        return rules, None, None
    try:
        planned = open_planned_source(
            database, settings, phase_id, user_id=user_id, reason="compare imported rules with the data"
        )
    except SourceError as error:
        return rules, str(error), None
    with planned:
        vetted = vet_rules(planned.matched(rules), planned.source, planned.others)
        tried = try_rules(vetted.kept, planned)
    left_out += [LeftOut(f"rule '{each.rule.name}'", each.reason, each.rule.attribute) for each in vetted.dropped]
    outcomes = []
    for outcome in tried.outcomes:
        if outcome.error is None:
            outcomes.append(outcome)
        else:
            left_out.append(LeftOut(f"rule '{outcome.rule.name}'", outcome.error, outcome.rule.attribute))
    return [outcome.rule for outcome in outcomes], None, replace(tried, outcomes=tuple(outcomes))
