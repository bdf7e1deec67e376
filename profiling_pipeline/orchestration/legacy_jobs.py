"""The legacy migration and its way back, as jobs: the same steps as the commands, with what they found in the UI."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from profiling_pipeline.legacy_migration.archive import has_begun
from profiling_pipeline.legacy_migration.backup import back_up
from profiling_pipeline.legacy_migration.inventory import take_inventory
from profiling_pipeline.legacy_migration.migrate import DEFAULT_ZONE, migrate, require_zone
from profiling_pipeline.legacy_migration.report import write_report
from profiling_pipeline.legacy_migration.rollback import rollback
from profiling_pipeline.legacy_migration.verify import Verification, verify
from profiling_pipeline.orchestration.failures import failures_for_people
from profiling_pipeline.orchestration.metadata import Metadata, table, table_if_any
from profiling_pipeline.orchestration.progress import step_logger
from profiling_pipeline.orchestration.resources import Pipeline, PipelineParam
from profiling_pipeline.orchestration.runs import legacy_report_url
from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.settings import Settings

ONE_AT_A_TIME = {"profiling/alone": "legacy migration"}  # dagster.yaml lets one such run start, the next one waits


class MigrationConfig(dg.Config):
    """What a migration is told: the whole of its run config."""

    zone: str = Field(DEFAULT_ZONE, description="Time zone of the earlier system's clock, for times without one.")
    folder: str = Field("", description="Folder of the backup and of the report; empty means PROFILING_HOME/legacy.")
    make_backup: bool = Field(True, description="Dump the tables before they move.")


class RollbackConfig(dg.Config):
    """What a rollback is told."""

    confirmed: bool = Field(description="That the migrated versions, rules and executions shall go: true.")
    export_to: str = Field("", description="File for what was done since the migration; without it, that forbids it.")


@dg.op(out=dg.Out(dg.Nothing))
def legacy_inventory(context: dg.OpExecutionContext, pipeline: PipelineParam) -> None:
    """Look at the legacy tables: rows, sizes, problems and what becomes of them; changes nothing."""
    with failures_for_people(context):
        found = take_inventory(pipeline.unchecked_database)
    tables = [(f"{t.schema}.{t.table_name}", t.rows, t.byte_count, t.shape, t.becomes) for t in found.tables]
    problems = [(t.table_name, p.rows, p.what, p.remedy) for t in found.tables for p in t.problems]
    context.add_output_metadata(
        {
            "rows": found.rows,
            **table_if_any("tables", ["table", "rows", "bytes", "shape", "becomes"], tables),
            **table_if_any("problems", ["table", "rows", "problem", "what_the_migration_does"], problems),
            "absent": ", ".join(found.absent),
        }
    )


@dg.op(ins={"looked": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def legacy_backup(context: dg.OpExecutionContext, config: MigrationConfig, pipeline: PipelineParam) -> None:
    """Dump the tables to a file with a manifest, unless they have moved already."""
    with failures_for_people(context):
        require_zone(config.zone)
        if not config.make_backup:
            context.add_output_metadata({"skipped": "The run config says make_backup: false."})
            return
        if has_begun(pipeline.unchecked_database):
            context.add_output_metadata(
                {"skipped": "The tables moved in an earlier attempt, which had its own backup."}
            )
            return
        made = back_up(pipeline.unchecked_database, _folder(config.folder, pipeline.settings))
    context.add_output_metadata(
        {
            "file": dg.MetadataValue.path(made.file),
            "manifest": dg.MetadataValue.path(made.manifest),
            "bytes": made.byte_count,
            "sha256": made.sha256,
            "rows": sum(made.tables.values()),
            "tables": table(["table", "rows"], made.tables.items()),
        }
    )


@dg.op(ins={"backed_up": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def legacy_migrate(context: dg.OpExecutionContext, config: MigrationConfig, pipeline: PipelineParam) -> None:
    """Move the tables aside and their rows over, going on where an earlier attempt stopped."""
    with failures_for_people(context):
        done = migrate(pipeline.unchecked_database, zone=config.zone, progress=step_logger(context))
    columns = ["table", "rows", "migrated", "changed", "archived", "rejected", "accounted_for"]
    ledger = [
        (t.table_name, t.found, t.migrated, t.changed, t.archived, t.rejected, t.is_accounted) for t in done.tables
    ]
    reasons = [(r.table_name, r.outcome, r.rows, r.explanation) for r in done.reasons]
    context.add_output_metadata(
        {
            "finished_at": done.finished_at.isoformat(),
            "zone": done.zone,
            "rows": sum(t.found for t in done.tables),
            "migrated": sum(t.migrated for t in done.tables),
            "archived": sum(t.archived for t in done.tables),
            "rejected": sum(t.rejected for t in done.tables),
            "ledger": table(columns, ledger),
            **table_if_any("not_migrated", ["table", "outcome", "rows", "reason"], reasons),
        }
    )


@dg.op(ins={"migrated": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def legacy_verify(context: dg.OpExecutionContext, config: MigrationConfig, pipeline: PipelineParam) -> None:
    """Compare the archive, the ledger and the new tables; fails where anything does not hold."""
    with failures_for_people(context):
        found = verify(pipeline.unchecked_database, progress=step_logger(context))
        page, _ = write_report(found, _folder(config.folder, pipeline.settings))
    metadata = _verification_metadata(found, page, pipeline)
    bad = len(found.failures)
    if not found.passed:
        raise dg.Failure(
            f"The migration is not right: {bad:,} of {counted(len(found.checks), 'check')} "
            f"{agreeing(bad, 'fails', 'fail')}. Go back: start the job legacy_rollback, or profiling legacy rollback.",
            metadata,
            allow_retries=False,
        )
    context.add_output_metadata(metadata)


def _verification_metadata(found: Verification, page: Path, pipeline: Pipeline) -> Metadata:
    failures = [(check.group, check.name, check.expected, check.found) for check in found.failures]
    return {
        "passed": found.passed,
        "checks": len(found.checks),
        "failed_checks": len(found.failures),
        "report": dg.MetadataValue.url(legacy_report_url(pipeline.settings)),
        "report_file": dg.MetadataValue.path(page),
        **table_if_any("what_does_not_hold", ["group", "check", "expected", "found"], failures),
    }


@dg.op
def legacy_move_back(context: dg.OpExecutionContext, config: RollbackConfig, pipeline: PipelineParam) -> None:
    """Put the legacy tables back as they were; this project's tables go."""
    if not config.confirmed:
        raise dg.Failure(
            "A rollback takes the migrated versions, rules and executions away, so it wants confirmed: true.",
            allow_retries=False,
        )
    with failures_for_people(context):
        done = rollback(pipeline.unchecked_database, Path(config.export_to) if config.export_to else None)
    exported = {"exported_to": dg.MetadataValue.path(done.exported_to)} if done.exported_to else {}
    context.add_output_metadata({"tables": done.tables, "exported_rows": done.exported_rows, **exported})


@dg.config_mapping
def _of_migration(config: MigrationConfig) -> dg.RunConfig:
    return dg.RunConfig(ops=dict.fromkeys(("legacy_backup", "legacy_migrate", "legacy_verify"), config))


@dg.config_mapping
def _of_rollback(config: RollbackConfig) -> dg.RunConfig:
    return dg.RunConfig(ops={"legacy_move_back": config})


@dg.job(config=_of_migration, tags=ONE_AT_A_TIME)
def legacy_migration() -> None:
    """Move the earlier system's rows over: look, back up, migrate, verify. Repeat it if anything interrupts it."""
    legacy_verify(migrated=legacy_migrate(backed_up=legacy_backup(looked=legacy_inventory())))


@dg.job(config=_of_rollback, tags=ONE_AT_A_TIME)
def legacy_rollback() -> None:
    """Put the earlier system's tables back as they were; refuses where people or runs have worked on since."""
    legacy_move_back()


def _folder(chosen: str, settings: Settings) -> Path:
    return Path(chosen) if chosen else settings.legacy_folder
