"""Checksums by column: what is carried over unchanged gives the same sum on both sides.

Each value is hashed together with its row's key, so that two rows that changed places are found too. A value whose
original the ledger holds is left out on both sides, for it was changed on purpose.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from profiling_pipeline.legacy_migration.catalogue import Kind
from profiling_pipeline.legacy_migration.reading import Column, reading
from profiling_pipeline.legacy_migration.session import LegacySession
from profiling_pipeline.legacy_migration.steps.partition_results import PARTITION_RESULT_COLUMNS
from profiling_pipeline.legacy_migration.steps.profiles import PROFILE_COLUMNS
from profiling_pipeline.legacy_migration.steps.results import RESULT_COLUMNS
from profiling_pipeline.legacy_migration.steps.rule_sets import SET_COLUMNS
from profiling_pipeline.legacy_migration.steps.rules import RULE_COLUMNS
from profiling_pipeline.legacy_migration.steps.versions import VERSION_COLUMNS
from profiling_pipeline.legacy_migration.verify.checks import Check
from profiling_pipeline.services.users import SYSTEM_EMAIL


@dataclass(frozen=True)
class _Pair:
    """One carried value: how it is read from `s`, a legacy row, and from `n`, a new row, `unless` the ledger has it."""

    legacy: str
    new: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Comparison:
    columns: Mapping[str, Column]
    new_rows: str
    pairs: Mapping[str, _Pair]


def _same(*names: str, unless_changed: bool = False) -> dict[str, _Pair]:
    return {name: _Pair(f"s.{name}", f"n.{name}", (name,) if unless_changed else ()) for name in names}


def _time(name: str, legacy: str | None = None) -> dict[str, _Pair]:
    return {name: _Pair(f"extract(epoch FROM s.{legacy or name})", f"extract(epoch FROM n.{name})")}


# Where nobody was recorded, it was the system user.
_AUTHOR = _Pair(
    f"coalesce(s.created_by_id, (SELECT min(user_id) FROM users WHERE email = '{SYSTEM_EMAIL}'))",  # noqa: S608
    "n.created_by_id",
    ("created_by_id",),
)
_PROFILE = _Comparison(
    PROFILE_COLUMNS,
    "cycle_report_data_profiling_rule_executions n ON n.execution_id = l.target_id",
    {
        "total_values": _Pair("s.total_values", "n.total_records_tested", ("counts",)),
        "null_count": _Pair("s.null_count", "n.failed_records", ("counts",)),
        "overall score": _Pair("s.overall_quality_score", "(n.quality_scores #>> '{reported,overall}')::numeric"),
    },
)
# Rules of a set whose attribute is unknown are in the ledger only.
_RULES_OF_A_SET = """
(SELECT string_agg(jsonb_strip_nulls(e.rule)::text, ',' ORDER BY e.place)
 FROM jsonb_array_elements(CASE jsonb_typeof(s.rules) WHEN 'array' THEN s.rules ELSE jsonb_build_array(s.rules) END)
    WITH ORDINALITY AS e(rule, place)
 WHERE NOT coalesce(l.detail -> 'rules_of_no_attribute' @> to_jsonb(e.place), false))
"""
_RULES_OF_SETS = """
SELECT split_part(rule_parameters #>> '{origin,legacy_rule_id}', '.', 1) AS legacy_key,
    string_agg(rule_parameters #>> '{origin,definition}', ',' ORDER BY rule_parameters #>> '{origin,legacy_rule_id}')
        AS definitions
FROM cycle_report_data_profiling_rules WHERE rule_parameters #> '{origin,definition}' IS NOT NULL GROUP BY 1
"""
_COUNTED = "coalesce(s.passed_count, 0) + coalesce(s.failed_count, 0)"
_COMPARISONS: Mapping[Kind, _Comparison] = {
    Kind.VERSIONS: _Comparison(
        VERSION_COLUMNS,
        "cycle_report_data_profiling_rule_versions n ON n.version_id = l.target_id",
        {
            **_same("version_id", "phase_id", "rejection_reason", "workflow_execution_id"),
            **_same(
                "version_number", "version_status", "parent_version_id", "submitted_by_id", "approved_by_id",
                unless_changed=True,
            ),
            "created_by_id": _AUTHOR,
            **_time("created_at"), **_time("submitted_at"), **_time("approved_at"),
        },
    ),
    Kind.RULES: _Comparison(
        RULE_COLUMNS,
        "cycle_report_data_profiling_rules n ON n.rule_id = l.target_id "
        "LEFT JOIN legacy_rule_texts t ON t.text_id = (n.rule_parameters #>> '{origin,text_id}')::uuid",
        {
            **_same("attribute_id", "rule_description", "llm_rationale", "llm_confidence_score",
                "regulatory_reference"),
            **_same("rule_name", unless_changed=True),
            "severity": _Pair("pg_temp.severity(s.severity)", "n.severity"),
            "created_by_id": _AUTHOR,
            "rule_type": _Pair("pg_temp.dimension(s.rule_type)", "n.rule_type"),
            "rule_code": _Pair("s.rule_code", "coalesce(t.rule_text, n.rule_code)"),
            **_time("created_at"),
        },
    ),
    Kind.RESULTS: _Comparison(
        RESULT_COLUMNS,
        "cycle_report_data_profiling_rule_executions n ON n.execution_id = l.target_id",
        {
            "execution_time_ms": _Pair("s.execution_time_ms", "n.execution_time_ms", ("execution_time_ms",)),
            "total_records_tested": _Pair(_COUNTED, "n.total_records_tested", ("counts",)),
            "passed_records": _Pair("coalesce(s.passed_count, 0)", "n.passed_records", ("counts",)),
            "failed_records": _Pair("coalesce(s.failed_count, 0)", "n.failed_records", ("counts",)),
            "total_count": _Pair(
                "s.total_count",
                "coalesce((n.result_summary ->> 'rows')::bigint, 0)",
                ("counts", "execution_status"),
            ),
            "pass_rate": _Pair(
                "coalesce(round(s.pass_rate, 2), pg_temp.pass_rate(s.passed_count, s.failed_count), 0.00)",
                "coalesce(n.pass_rate, 0.00)",
                ("counts", "pass_rate"),
            ),
            "quality_impact": _Pair("s.quality_impact", "(n.result_summary #>> '{reported,quality_impact}')::numeric"),
            "legacy counts": _Pair(
                "CASE WHEN l.detail ? 'counts' AND {counted} = 0 THEN concat_ws(',', s.passed_count, s.failed_count, "
                "s.total_count) END".replace("{counted}", _COUNTED),
                "CASE WHEN l.detail ? 'counts' AND n.execution_status = 'error' AND (n.result_summary #>> "
                "'{legacy_counts,passed}')::bigint + (n.result_summary #>> '{legacy_counts,failed}')::bigint = 0 THEN "
                "concat_ws(',', n.result_summary #>> '{legacy_counts,passed}', "
                "n.result_summary #>> '{legacy_counts,failed}', n.result_summary #>> '{legacy_counts,total}') END",
            ),
            "created_by_id": _AUTHOR,
            **_time("executed_at"), **_time("created_at"),
        },
    ),
    Kind.ATTRIBUTE_RESULTS: _PROFILE,
    Kind.ATTRIBUTE_SCORES: _PROFILE,
    Kind.RULE_SETS: _Comparison(
        SET_COLUMNS,
        "cycle_report_data_profiling_rules n ON n.rule_id = l.target_id LEFT JOIN (" + _RULES_OF_SETS
        + ") d ON d.legacy_key = l.legacy_key",
        {
            "rule_set_name": _Pair("s.rule_set_name", "n.rule_parameters #>> '{origin,rule_set}'"),
            "rules": _Pair(_RULES_OF_A_SET, "d.definitions"),
            **_time("created_at"),
        },
    ),
    Kind.PARTITION_RESULTS: _Comparison(
        PARTITION_RESULT_COLUMNS,
        "cycle_report_data_profiling_rule_executions n ON n.execution_id = l.target_id",
        {
            "records_evaluated": _Pair(
                "s.records_evaluated", "coalesce((n.result_summary ->> 'rows')::bigint, 0)", ("counts",)
            ),
            "records_passed": _Pair("s.records_passed", "n.passed_records", ("counts",)),
            "records_failed": _Pair("s.records_failed", "n.failed_records", ("counts",)),
            "partition_id": _Pair("s.partition_id", "n.result_summary ->> 'partition'"),
            "execution_time_ms": _Pair(
                "CASE WHEN s.execution_time_ms >= 0 THEN s.execution_time_ms END", "n.execution_time_ms"
            ),
            "memory_used_mb": _Pair("s.memory_used_mb", "(n.result_summary ->> 'memory_mb')::bigint"),
        },
    ),
}  # fmt: skip
_SUM = (
    "sum(CASE WHEN NOT coalesce(l.detail ?| {unless}, false) THEN "
    "hashtextextended(concat(l.legacy_key, ':', {value}), 0)::numeric ELSE 0 END)"
)
_LEGACY_SIDE = """
SELECT {sums} FROM {reading} s
JOIN legacy_migration_ledger l ON l.table_id = {id} AND l.legacy_key = s.legacy_key
WHERE l.outcome = 'migrated'
"""
_NEW_SIDE = """
SELECT {sums} FROM legacy_migration_ledger l LEFT JOIN {rows}
WHERE l.table_id = {id} AND l.outcome = 'migrated'
"""


def check_sums(session: LegacySession) -> list[Check]:
    """Compare the sums of every carried column of every table that has a row for a row."""
    checks = []
    for kind, comparison in _COMPARISONS.items():
        for table in session.of_kind(kind):
            pairs = {name: pair for name, pair in comparison.pairs.items() if _is_read(pair, comparison, table.columns)}
            identifier = sql.Literal(table.table_id)
            legacy = sql.SQL(_LEGACY_SIDE).format(
                sums=_sums([(pair.legacy, pair.unless) for pair in pairs.values()]),
                reading=reading(table, comparison.columns, session.zone),
                id=identifier,
            )
            new = sql.SQL(_NEW_SIDE).format(
                sums=_sums([(pair.new, pair.unless) for pair in pairs.values()]),
                rows=sql.SQL(comparison.new_rows),
                id=identifier,
            )
            for name, expected, found in zip(pairs, session.rows(legacy)[0], session.rows(new)[0], strict=True):
                checks.append(Check("checksums", f"{table.name}: {name}", str(expected or 0), str(found or 0)))
    return checks


def _is_read(pair: _Pair, comparison: _Comparison, found: Mapping[str, str]) -> bool:
    """Whether this shape of the table has a column that the value is read from."""
    read = [name for name in comparison.columns if f"s.{name}" in pair.legacy]
    return any(source in found for name in read for source in (comparison.columns[name].names or (name,)))


def _sums(values: list[tuple[str, tuple[str, ...]]]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL(_SUM).format(value=sql.SQL(value), unless=sql.SQL("{}::text[]").format(sql.Literal(list(unless))))
        for value, unless in values
    )
