"""A planned loan file, people to review its rules, and the definitions on a real database."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import pytest

from profiling_pipeline.approval.lifecycle import Decision
from profiling_pipeline.orchestration.build import build_definitions
from profiling_pipeline.orchestration.home import prepare_dagster_home
from profiling_pipeline.orchestration.partitions import PARTITIONS
from profiling_pipeline.orchestration.resources import Pipeline
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.services.drafts import create_draft_from_rules
from profiling_pipeline.services.planning import plan_phase
from profiling_pipeline.services.review import ReviewService
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.model import Attribute
from profiling_pipeline.storage.connect import ensure_environment
from profiling_pipeline.storage.database import Database
from profiling_pipeline_tests.builders import a_report_owner, a_tester

RULES = (
    Rule("Loan number is present", "LOAN_NUMBER", "not_null", severity=Severity.HIGH),
    Rule("Loan number is unique", "LOAN_NUMBER", "unique"),
    Rule("Score is between 300 and 850", "CREDIT_SCORE", "in_range", {"min_value": 300, "max_value": 850}),
    Rule("Holder is present", "HOLDER", "not_null"),
)
ROWS = 40
BAD_SCORES = 3


@dataclass
class Review:
    """A phase with a planned file, and what two people, known by their ids, do with its versions."""

    database: Database
    settings: Settings
    tester: int
    owner: int
    file: Path
    phase_id: int

    @property
    def service(self) -> ReviewService:
        return ReviewService(self.database)

    @property
    def key(self) -> str:
        return str(self.phase_id)

    def draft(self, *rules: Rule) -> UUID:
        made = create_draft_from_rules(self.database, self.phase_id, rules or RULES, created_by_id=self.tester)
        return made.version_id

    def submitted(self, *rules: Rule) -> UUID:
        version_id = self.draft(*rules)
        self.submit(version_id)
        return version_id

    def submit(self, version_id: UUID) -> None:
        self.service.decide_all(version_id, self.tester, Decision.APPROVE)
        self.service.submit(version_id, self.tester)

    def approved(self, *rules: Rule) -> UUID:
        version_id = self.submitted(*rules)
        self.service.approve(version_id, self.owner)
        return version_id


@pytest.fixture
def settings(home: Path, database: Database) -> Settings:
    return Settings(home=home, upload_folders=(home / "uploads",), database_url=database.url.render_as_string(False))


@pytest.fixture
def dagster_home(home: Path, empty_database: Database, settings: Settings) -> Iterator[dict[str, str]]:
    """A Dagster instance of its own in PostgreSQL, named by the environment; yields that environment."""
    before = dict(os.environ)
    os.environ.pop("DAGSTER_HOME", None)
    os.environ["PROFILING_HOME"] = str(home)
    os.environ["PROFILING_UPLOAD_FOLDERS"] = ":".join(map(str, settings.upload_folders))
    os.environ["PROFILING_DAGSTER_DATABASE_URL"] = empty_database.url.set(drivername="postgresql").render_as_string(
        False
    )
    ensure_environment(Settings(database_url=settings.database_url))
    prepare_dagster_home(settings)
    yield dict(os.environ)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def review(database: Database, settings: Settings) -> Review:
    with database.session() as session:
        tester, owner = a_tester(session).user_id, a_report_owner(session).user_id
    file, phase_id = plan_loans(database, settings, "loans.csv")
    return Review(database, settings, tester, owner, file, phase_id)


@pytest.fixture
def pipeline(database: Database, settings: Settings) -> Pipeline:
    return Pipeline(settings, database)


@pytest.fixture
def definitions(pipeline: Pipeline) -> dg.Definitions:
    return build_definitions({"pipeline": pipeline})


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def partitions(instance: dg.DagsterInstance, review: Review) -> None:
    """The phase is a partition already."""
    instance.add_dynamic_partitions(PARTITIONS, [review.key])


def plan_loans(database: Database, settings: Settings, name: str) -> tuple[Path, int]:
    """Write a small loan file and plan it; return the file and the Data Profiling phase."""
    file = settings.allowed_folders[0] / name
    file.parent.mkdir(parents=True, exist_ok=True)
    write_loans(file)
    attributes = [
        Attribute(0, "Loan number", "LOAN_NUMBER", mandatory="Mandatory", is_primary_key=True, classification="Public"),
        Attribute(0, "Credit score", "CREDIT_SCORE", data_type="Integer", format_code="N3", classification="Internal"),
        Attribute(0, "Holder", "HOLDER", classification="Confidential"),
        Attribute(0, "Branch", "BRANCH_CODE", classification="Public"),
    ]
    planned = plan_phase(
        database,
        source_name=name,
        source_type="FILE",
        connection_config={"file_path": str(file)},
        attributes=attributes,
    )
    return file, planned.phase_id


def write_loans(file: Path, rows: int = ROWS, bad_scores: int = BAD_SCORES) -> None:
    """Write loans of which the first few have an impossible credit score, and the first no holder."""
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["LOAN_NUMBER", "CREDIT_SCORE", "HOLDER", "EXTRA"])
        for number in range(1, rows + 1):
            score = 999 if number <= bad_scores else 300 + number
            writer.writerow([f"L{number:05}", score, "" if number == 1 else f"Holder {number % 9}", "x"])


def execute(
    definitions: dg.Definitions, instance: dg.DagsterInstance, job: str, key: str, **options: Any
) -> dg.ExecuteInProcessResult:
    """Execute a job on a partition."""
    return definitions.resolve_job_def(job).execute_in_process(instance=instance, partition_key=key, **options)


def tick(sensor: dg.SensorDefinition, definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.SensorResult:
    """Let a sensor look once, and do what the daemon does with new partitions."""
    with dg.build_sensor_context(instance, resources=definitions.resources, sensor_name=sensor.name) as context:
        result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(PARTITIONS, list(request.partition_keys))
    return result


def run_as_asked(
    result: dg.SensorResult, job: str, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> list[dg.ExecuteInProcessResult]:
    """Execute what a tick asked for, with the tags and configuration it asked for."""
    return [
        execute(
            definitions,
            instance,
            job,
            request.partition_key or "",
            tags=dict(request.tags),
            run_config=request.run_config,
            raise_on_error=False,
        )
        for request in result.run_requests or []
    ]


def metadata_of(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """Return the plain metadata of the asset's materialisation in a run."""
    (event,) = (e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(asset))
    return {name: getattr(value, "value", value) for name, value in event.materialization.metadata.items()}


def rows_of(table: Any) -> list[dict[str, Any]]:
    """Return the records of a table in metadata."""
    return [dict(record.data) for record in table]


def checks_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the check evaluations of a run by name."""
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}
