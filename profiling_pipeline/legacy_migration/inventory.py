"""What legacy tables a database has, what is wrong with their rows, and what a migration would do; changes nothing."""

from dataclasses import dataclass

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import LEGACY, Kind
from profiling_pipeline.legacy_migration.found import ARCHIVE, FoundTable, find_tables
from profiling_pipeline.legacy_migration.migrate import FINISHED
from profiling_pipeline.legacy_migration.session import LegacySession, legacy_session
from profiling_pipeline.storage.database import Database


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be, how many rows have it, and what the migration does about it."""

    rows: int
    what: str
    remedy: str


@dataclass(frozen=True)
class TableInventory:
    """One legacy table: where it is, its shape, its size, what becomes of it, and its problems."""

    table_name: str
    schema: str
    kind: str
    shape: str
    rows: int
    byte_count: int
    becomes: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Inventory:
    """The legacy tables that there are, the names of those that are absent, and whether a migration has finished."""

    tables: tuple[TableInventory, ...]
    absent: tuple[str, ...]
    is_migrated: bool

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(table.rows for table in self.tables)

    @property
    def has_tables_to_move(self) -> bool:
        """Whether there are tables of the earlier system; the access log alone is this project's, too."""
        return any(LEGACY[Kind(table.kind)].moves for table in self.tables)


_NO_RULE = "NOT EXISTS (SELECT 1 FROM {rules} r WHERE r.rule_id = t.rule_id)"
_NO_ATTRIBUTE = "NOT EXISTS (SELECT 1 FROM {attributes} a WHERE a.id = t.attribute_id)"
# Column needed, condition, what it means, what is done.
_PROBLEMS: dict[Kind, tuple[tuple[str, str, str, str], ...]] = {
    Kind.VERSIONS: (
        ("overall_quality_score", "t.overall_quality_score > 100", "a score above 100", "kept in the ledger only"),
        (
            "submitted_by_id",
            "t.submitted_by_id = t.approved_by_id",
            "submitted and approved by one person",
            "the approval stands, the submitter goes to the ledger",
        ),
    ),
    Kind.RULES: (
        ("severity", "lower(t.severity::text) = 'critical'", "severity critical", "becomes high"),
        (
            "rule_type",
            "lower(t.rule_type::text) NOT IN ('completeness', 'validity', 'accuracy', 'consistency', 'uniqueness')",
            "a rule type outside the five dimensions",
            "becomes the nearest dimension",
        ),
        ("attribute_id", _NO_ATTRIBUTE, "an attribute that planning does not have", "rejected"),
        ("is_executable", "t.is_executable IS NULL", "no word on whether it is executable", "counts as executable"),
    ),
    Kind.RESULTS: (
        ("severity", "lower(t.severity::text) = 'critical'", "severity critical", "becomes high"),
        ("rule_id", _NO_RULE, "a rule that is gone", "the rule is rebuilt from its results"),
        ("attribute_id", _NO_ATTRIBUTE, "an attribute that planning does not have", "rejected if its rule is gone"),
        (
            "total_count",
            "t.passed_count < 0 OR t.failed_count < 0 OR t.passed_count + t.failed_count > t.total_count "
            "OR t.total_count > 0 AND t.passed_count + t.failed_count = 0",
            "counts that do not add up",
            "becomes an error, with the counts as they were",
        ),
        (
            "total_count",
            "coalesce(t.total_count, 0) = 0 AND t.execution_status::text = 'success'",
            "a success that tested nothing",
            "becomes skipped, or an error by its evidence",
        ),
        (
            "pass_rate",
            "t.pass_rate > 0 AND t.pass_rate <= 1 AND t.total_count > 0",
            "a pass rate that may be a fraction",
            "computed anew from the counts",
        ),
        ("has_anomaly", "t.has_anomaly", "a mark of an anomaly", "kept with the execution"),
    ),
}


def take_inventory(database: Database) -> Inventory:
    """Return what there is, without changing anything.

    Raises:
        DatabaseUnavailableError: The server does not answer.
    """
    with legacy_session(database) as session, session.transaction():
        session.execute("SET TRANSACTION READ ONLY")
        tables = [*find_tables(session.raw, ARCHIVE), *find_tables(session.raw, database.schema)]
        found = {table.kind for table in tables}
        has_attributes, has_begun = session.rows(
            "SELECT to_regclass('cycle_report_planning_attributes') IS NOT NULL, "
            "to_regclass('legacy_migration_steps') IS NOT NULL"
        )[0]
        return Inventory(
            tables=tuple(_describe(session, table, tables, has_attributes=has_attributes) for table in tables),
            absent=tuple(kind.value for kind in LEGACY if kind not in found and kind is not Kind.RULE_HISTORY),
            is_migrated=has_begun and session.finished_at(FINISHED) is not None,
        )


def _describe(
    session: LegacySession, table: FoundTable, tables: list[FoundTable], *, has_attributes: bool
) -> TableInventory:
    rows = session.rows(sql.SQL("SELECT count(*) FROM {}").format(table.identifier))[0][0]
    size = session.rows(
        "SELECT pg_total_relation_size(%(name)s::regclass)", {"name": table.identifier.as_string(session.raw)}
    )[0][0]
    because = table.definition.kept_because
    return TableInventory(
        table_name=table.name,
        schema=table.schema,
        kind=table.kind.value,
        shape=table.shape,
        rows=rows,
        byte_count=size,
        becomes=table.definition.becomes + (f": {because}" if because else ""),
        problems=tuple(_problems(session, table, tables, has_attributes=has_attributes)) if rows else (),
    )


def _problems(
    session: LegacySession, table: FoundTable, tables: list[FoundTable], *, has_attributes: bool
) -> list[Problem]:
    rules = next(
        (
            other
            for other in tables
            if other.kind is Kind.RULES and other.columns["rule_id"] == table.columns.get("rule_id")
        ),
        None,
    )
    attributes = sql.Identifier(session.database.schema, "cycle_report_planning_attributes")
    found = []
    for column, condition, what, remedy in _PROBLEMS.get(table.kind, ()):
        if column not in table.columns or (condition is _NO_ATTRIBUTE and not has_attributes):
            continue
        if condition is _NO_RULE and rules is None:
            condition = "true"
        where = sql.SQL(condition).format(rules=rules.identifier if rules else sql.SQL(""), attributes=attributes)
        query = sql.SQL("SELECT count(*) FROM {} t WHERE {}").format(table.identifier, where)
        if count := session.rows(query)[0][0]:
            found.append(Problem(count, what, remedy))
    return found
