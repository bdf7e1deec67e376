"""Finding the column, or table, that a name means."""

from collections.abc import Sequence
from difflib import get_close_matches

from profiling_pipeline.errors import RuleError, SourceError


def resolve_column(name: str, columns: Sequence[str]) -> str:
    """Return the column that `name` means: the exact name first, then ignoring case where that is unambiguous.

    Raises:
        RuleError: No column, or several, have that name; the message lists the nearest ones.
    """
    if name in columns:
        return name
    candidates = [column for column in columns if column.casefold() == name.casefold()]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise RuleError(f"Column '{name}' could be any of {', '.join(candidates)}. Write the name with its exact case.")
    near = nearest_names(name, columns)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check the name against the source's columns."
    raise RuleError(f"The source has no column '{name}'. {hint}")


def nearest_names(name: str, names: Sequence[str]) -> list[str]:
    """Return at most three of `names` that look most like `name`, best first."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    return [by_folded[near] for near in get_close_matches(name.casefold(), by_folded, n=3)]


def no_table(name: str, database: str, known: Sequence[str]) -> SourceError:
    """Return the error for a table that a database does not have."""
    near = nearest_names(name, known)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {', '.join(sorted(known)[:10]) or 'no tables'}."
    return SourceError(f"There is no table {name} in {database}. {hint}")
