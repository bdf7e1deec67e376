"""What comes of asking a language model for rules."""

from dataclasses import dataclass, field

from profiling_pipeline.generation.vetting import DroppedRule
from profiling_pipeline.rules.rule import Rule


@dataclass(frozen=True)
class Failure:
    """Attributes that the model proposed nothing usable for, and why."""

    attributes: tuple[str, ...]
    reason: str


@dataclass
class Proposed:
    """What came of some requests."""

    rules: list[Rule] = field(default_factory=list)
    dropped: list[DroppedRule] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: "Proposed") -> None:
        """Add what came of others."""
        self.rules += other.rules
        self.dropped += other.dropped
        self.failures += other.failures
