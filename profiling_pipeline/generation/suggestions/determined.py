"""Rules that a value follows from those of other columns."""

from collections.abc import Iterable

from profiling_pipeline.generation.determination import Dependency
from profiling_pipeline.generation.suggestions.subject import Subject, count, portion
from profiling_pipeline.rules.rule import Rule

_MOST_MISSING = 0.4  # of the rows; a value that is missing more often need not be there
_KNOWN_SHARE = 0.75  # of the missing values that other rows tell


def suggest(subject: Subject, dependencies: Iterable[Dependency]) -> Iterable[Rule]:
    """Yield a rule for each set of columns that determines the subject's column."""
    for dependency in dependencies:
        names = " and ".join(dependency.determinants)
        yield subject.rule(
            f"follows from {names}"[:150],
            "determined_by",
            {"columns": list(dependency.determinants)},
            because=(
                f"{portion(dependency.holding, dependency.tested, 'rows')} have the most frequent {subject.label} of "
                f"their {names}, in {count(dependency.groups)} groups of two rows and more."
            ),
            holding=dependency.holding,
            tested=dependency.tested,
        )


def suggest_presence(subject: Subject, dependencies: Iterable[Dependency]) -> Iterable[Rule]:
    """Yield the rule that a value is there, where other rows tell nearly all the values that are missing."""
    for dependency in dependencies:
        if not dependency.nulls or subject.column.nulls > _MOST_MISSING * subject.column.rows:
            continue
        if dependency.known_nulls >= _KNOWN_SHARE * dependency.nulls:
            names = " and ".join(dependency.determinants)
            holding = subject.given
            yield subject.rule(
                "is present",
                "not_null",
                {},
                because=(
                    f"{portion(holding, subject.column.rows, 'rows')} have a value, and for "
                    f"{count(dependency.known_nulls)} of {count(dependency.nulls)} missing ones other rows with the "
                    f"same {names} tell it."
                ),
                holding=holding,
                tested=subject.column.rows,
            )
            return
