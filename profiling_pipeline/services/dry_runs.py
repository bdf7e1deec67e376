"""Rules tried on the data before anybody decides on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from profiling_pipeline.errors import ConfigurationError, NotFoundError, RuleError, SourceError
from profiling_pipeline.execution.runner import execute_rules
from profiling_pipeline.generation.vetting import nothing_to_read
from profiling_pipeline.results.outcome import ExecutionStatus, RuleOutcome
from profiling_pipeline.rules.binding import bind_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.services.execution_records import SourceState, dry_run_row
from profiling_pipeline.services.phases import PlannedSource, open_planned_source
from profiling_pipeline.services.steps import clock
from profiling_pipeline.services.trial import MOST_EXAMPLES
from profiling_pipeline.services.versions import get_version
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.others import OtherSources
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.models import RuleDryRunRow, RuleRow

_REASON = "try rules of a draft"


@dataclass(frozen=True)
class Tried:
    """What rules come to on the data, in their order, and which state of the data that was."""

    outcomes: tuple[RuleOutcome, ...]
    source: SourceState


def try_rules(rules: Sequence[Rule], planned: PlannedSource) -> Tried:
    """Test rules on an opened source, all together; each is matched to its attribute's column first.

    Raises:
        SourceUnavailableError: The data can no longer be read.
    """
    report = execute_rules(
        planned.matched(rules),
        planned.source,
        hidden_columns=planned.hidden_columns,
        key_columns=planned.key_columns,
        sample_rows=MOST_EXAMPLES,
        others=planned.others,
    )
    return Tried(report.outcomes, SourceState(report.source, report.rows, report.engine, report.fingerprint))


def require_runnable(
    database: Database, settings: Settings, phase_id: int, rules: Sequence[Rule], *, user_id: int
) -> Tried | None:
    """Make sure that rules that a person brings can run on their phase's data, and return what they come to.

    Returns None where the data cannot be read now: then the rules wait to be tried, and nobody is kept from reviewing.

    Raises:
        RuleError: A rule cannot run on the data; the message names it and the reason.
    """
    try:
        with open_planned_source(database, settings, phase_id, user_id=user_id, reason=_REASON) as planned:
            _require_fitting(rules, planned)
            tried = try_rules(rules, planned)
    except (SourceError, NotFoundError, ConfigurationError):
        return None
    for outcome in tried.outcomes:
        if outcome.status is ExecutionStatus.ERROR:
            raise RuleError(f"Rule '{outcome.rule.name}' cannot run on the data. {outcome.error}")
    return tried


def _require_fitting(rules: Sequence[Rule], planned: PlannedSource) -> None:
    with OtherSources(planned.source, planned.others) as others:
        for rule in planned.matched(rules):
            bound = bind_rule(rule, planned.source.table, planned.source.columns, others)
            if reason := nothing_to_read(bound, planned.source):
                raise RuleError(f"Rule '{rule.name}': {reason} Choose another check.")


def try_version(database: Database, settings: Settings, version_id: UUID, user_id: int) -> int:
    """Try all rules of a version on the data as they are now, and return how many they are.

    Raises:
        NotFoundError: There is no such version or user.
        SourceError: The data cannot be read; what was known stays.
    """
    version = get_version(database, version_id)
    with open_planned_source(database, settings, version.phase_id, user_id=user_id, reason=_REASON) as planned:
        tried = try_rules([each.rule for each in version.rules], planned)
    by_id = {outcome.rule.rule_id: outcome for outcome in tried.outcomes}
    with database.session() as session:
        at = clock(session)
        rows = session.scalars(select(RuleRow).where(RuleRow.version_id == version_id).with_for_update(read=True)).all()
        # A rule that somebody changed meanwhile was tried when it changed.
        same = [row for row in rows if row.rule_id in by_id and _is_same(row, by_id[row.rule_id].rule)]
        session.execute(delete(RuleDryRunRow).where(RuleDryRunRow.rule_id.in_([row.rule_id for row in same])))
        session.add_all([dry_run_row(row.rule_id, by_id[row.rule_id], tried.source, at) for row in same])
        return len(same)


def _is_same(row: RuleRow, rule: Rule) -> bool:
    return (row.attribute_id, row.rule_code, row.rule_parameters or {}) == (
        rule.attribute_id,
        rule.check,
        rule.parameters,
    )
