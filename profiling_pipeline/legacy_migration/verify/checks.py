"""What a verification finds."""

from dataclasses import dataclass
from datetime import datetime

from profiling_pipeline.legacy_migration.migrate import MigrationReport


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


def nothing(group: str, name: str, count: int) -> Check:
    """Return a check that something is never so."""
    return Check(group, name, "0", str(count))
