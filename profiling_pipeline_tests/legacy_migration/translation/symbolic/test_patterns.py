"""Regular expressions of Python in RE2 syntax."""

import pytest

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError
from profiling_pipeline.legacy_migration.translation.symbolic.patterns import re2_pattern


@pytest.mark.parametrize(
    ("pattern", "flags", "expected"),
    [
        ("abc", 0, "^(?:abc)"),
        ("^a|b", 0, "^(?:^a|b)"),
        ("^[A-Z]+$", 0, "^[A-Z]+$"),
        ("a", 2, "(?i)^(?:a)"),
        (r"a\Z", 0, r"^(?:a\z)"),
    ],
)
def test_patterns(pattern: str, flags: int, expected: str) -> None:
    assert re2_pattern(pattern, flags, "match") == expected


@pytest.mark.parametrize("pattern", ["(?<=a)b", "(?!a)", r"(a)\1", "(?x) a", "(", "a" * 600, r"\N{DIGIT ONE}"])
def test_patterns_that_rules_cannot_have(pattern: str) -> None:
    with pytest.raises(NotRecognisedError, match="pattern"):
        re2_pattern(pattern, 0, "contains")
