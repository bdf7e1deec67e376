"""A verification as JSON for programs and as a page for people."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment
from sqlalchemy import text

from profiling_pipeline.errors import ConfigurationError, NotFoundError
from profiling_pipeline.legacy_migration.migrate import VERIFIED
from profiling_pipeline.legacy_migration.verify import Verification
from profiling_pipeline.storage.database import Database


def write_report(verification: Verification, folder: Path) -> tuple[Path, Path]:
    """Write the page and the JSON into a folder and return where they are.

    Raises:
        ConfigurationError: They cannot be written there.
    """
    name = f"legacy-verification-{verification.verified_at:%Y%m%dT%H%M%S}"
    page, data = folder / f"{name}.html", folder / f"{name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        report = verification.as_json()
        page.write_text(render_page(report), encoding="utf-8")
        data.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The report cannot be written to {folder}: {error.strerror}. Make it writable, or name another folder."
        ) from error
    return page, data


def latest_report(database: Database) -> dict[str, Any]:
    """Return the latest verification as JSON values.

    Raises:
        NotFoundError: Nothing was verified here.
    """
    with database.session() as session:
        query = text("SELECT detail FROM legacy_migration_steps WHERE step = :step")
        found: dict[str, Any] | None = session.scalar(query, {"step": VERIFIED})
    if found is None:
        raise NotFoundError("No legacy migration was verified here.", "Verify it: profiling legacy verify.")
    return found


def render_page(report: Mapping[str, Any]) -> str:
    """Return one page of HTML that needs nothing else."""
    template = files("profiling_pipeline.legacy_migration").joinpath("report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    failures = [check for check in report["checks"] if not check["passed"]]
    return environment.from_string(template).render(verification=report, failures=failures)
