"""A verification as a page for people and as JSON for programs."""

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment

from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.legacy_migration.verify import Verification
from profiling_pipeline.results.json_values import json_value


def write_report(verification: Verification, folder: Path) -> tuple[Path, Path]:
    """Write the page and the JSON into a folder and return where they are.

    Raises:
        ConfigurationError: They cannot be written there.
    """
    name = f"legacy-verification-{verification.verified_at:%Y%m%dT%H%M%S}"
    page, data = folder / f"{name}.html", folder / f"{name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(render_page(verification), encoding="utf-8")
        data.write_text(json.dumps(report_data(verification), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The report cannot be written to {folder}: {error.strerror}. Make it writable, or name another folder."
        ) from error
    return page, data


def report_data(verification: Verification) -> dict[str, Any]:
    """Return the verification as JSON values, with what is derived."""
    value: dict[str, Any] = json_value(
        {
            "passed": verification.passed,
            "verified_at": verification.verified_at,
            "migration": {
                **asdict(verification.migration),
                "is_accounted": verification.migration.is_accounted,
            },
            "checks": [{**asdict(check), "passed": check.passed} for check in verification.checks],
        }
    )
    return value


def render_page(verification: Verification) -> str:
    """Return one page of HTML that needs nothing else."""
    template = files("profiling_pipeline.legacy_migration").joinpath("report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(verification=verification)
