"""What a verification finds."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from profiling_pipeline.legacy_migration.migrate import MigrationReport
from profiling_pipeline.results.json_values import json_value


@dataclass(frozen=True)
class Check:
    """One comparison: of what, what was expected, and what was found."""

    group: str
    name: str
    expected: str
    found: str

    @property
    def passed(self) -> bool:
        """Whether it holds."""
        return self.expected == self.found


@dataclass(frozen=True)
class Verification:
    """All comparisons of a migration."""

    verified_at: datetime
    migration: MigrationReport
    checks: tuple[Check, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def passed(self) -> bool:
        """Whether all of it holds."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """Return JSON values, with what is derived."""
        tables, reasons = self.migration.tables, self.migration.reasons
        value: dict[str, Any] = json_value(
            {
                "passed": self.passed,
                "verified_at": self.verified_at,
                "migration": {
                    **asdict(self.migration),
                    "tables": [{**asdict(table), "is_accounted": table.is_accounted} for table in tables],
                    "reasons": [{**asdict(reason), "explanation": reason.explanation} for reason in reasons],
                    "is_accounted": self.migration.is_accounted,
                },
                "checks": [{**asdict(check), "passed": check.passed} for check in self.checks],
            }
        )
        return value


def nothing(group: str, name: str, count: int) -> Check:
    """Return a check that something is never so."""
    return Check(group, name, "0", str(count))
