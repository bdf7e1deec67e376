"""Versions that rules without one go into."""

from psycopg import sql

from profiling_pipeline.legacy_migration.session import LegacySession

RECONSTRUCTED = "legacy_migration:reconstructed"
_RECONSTRUCT = """
WITH wanted AS (
    SELECT phase_id, min(slot) AS slot, min(created_at) AS created_at, version_id, min(version_number) AS version_number
    FROM ({wanted}) slots WHERE phase_id IS NOT NULL GROUP BY phase_id, version_id
), taken AS (
    SELECT phase_id, max(version_number) AS highest, array_agg(version_number) AS numbers
    FROM cycle_report_data_profiling_rule_versions GROUP BY phase_id
), missing AS (
    SELECT w.*, coalesce(t.highest, 0) AS highest,
        w.version_number IS NOT NULL AND NOT w.version_number = ANY (coalesce(t.numbers, '{{}}')) AS is_free,
        row_number() OVER (PARTITION BY w.phase_id, w.version_number ORDER BY w.slot) AS place
    FROM wanted w LEFT JOIN taken t USING (phase_id)
    WHERE NOT EXISTS (SELECT 1 FROM cycle_report_data_profiling_rule_versions v WHERE v.version_id = w.version_id)
), kept AS (
    SELECT *, max(CASE WHEN is_free AND place = 1 THEN version_number END) OVER (PARTITION BY phase_id) AS highest_kept
    FROM missing
)
INSERT INTO cycle_report_data_profiling_rule_versions (version_id, phase_id, version_number, version_status,
    workflow_execution_id, created_at, created_by_id, updated_at, updated_by_id)
SELECT version_id, phase_id,
    CASE WHEN is_free AND place = 1 THEN version_number
        ELSE greatest(highest, highest_kept) + row_number() OVER (
            PARTITION BY phase_id, is_free AND place = 1 ORDER BY slot) END,
    CASE slot WHEN 'draft' THEN 'draft' ELSE 'superseded' END, %(mark)s,
    coalesce(created_at, now()), %(system)s, coalesce(created_at, now()), %(system)s
FROM kept
"""


def ensure_reconstructed(session: LegacySession, wanted: sql.Composable) -> None:
    """Add the reconstructed versions that rules without a version go into, unless they are there.

    Args:
        session: The migration, in a transaction.
        wanted: A query of `phase_id, slot, version_id, version_number, created_at`; slot `draft` makes a draft, any
            other a superseded version that keeps its number where it is free.
    """
    session.execute(
        sql.SQL(_RECONSTRUCT).format(wanted=wanted), {"mark": RECONSTRUCTED, "system": session.system_user_id}
    )
