"""Which rows pass by a rule text, whatever it is written in."""

from dataclasses import dataclass

from profiling_pipeline.legacy_migration.translation.symbolic.conditions import EVERY_ROW, Condition


@dataclass(frozen=True)
class ShareAtMost:
    """That no value of a column makes up more than a share of the rows that have one."""

    column: str
    max_share: float
    excludes_bound: bool


@dataclass(frozen=True)
class Verdict:
    """Which rows pass: of those of `tested`, the ones of `passed`; the others fail."""

    passed: Condition | ShareAtMost
    tested: Condition = EVERY_ROW
