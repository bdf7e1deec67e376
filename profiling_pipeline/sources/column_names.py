"""Names of columns and tables: which are usable, and which one is meant."""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from profiling_pipeline.errors import RuleError, SourceError
from profiling_pipeline.sources.model import ROW_NUMBER, TEXT_SUFFIX


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


def require_usable_names(names: Sequence[str], path: Path) -> None:
    """Refuse names that cannot tell columns apart.

    Raises:
        SourceError: A name is blank, stands twice (whatever its case), or is one that this project uses itself.
    """
    blank = [str(place) for place, name in enumerate(names, 1) if not name.strip()]
    if blank:
        raise SourceError(
            f"{path.name} has no name for column {', '.join(blank[:5])}. Name every column in the header."
        )
    repeated = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if repeated:
        listed = ", ".join(f"'{name}'" for name in names if name.casefold() in repeated[:5])
        raise SourceError(f"{path.name} has columns of the same name: {listed}. Give each its own name.")
    reserved = [name for name in names if name.casefold().endswith(TEXT_SUFFIX) or name.casefold() == ROW_NUMBER]
    if reserved:
        raise SourceError(f"{path.name} has a column '{reserved[0]}', a name with another meaning here. Rename it.")


def require_same_names(names: Sequence[str], path: Path, first_names: Sequence[str], first: Path) -> None:
    """Refuse a file whose columns are not those of the first file of its source, in whatever order.

    Raises:
        SourceError: One has a column that the other lacks; the message says which.
    """
    missing = [name for name in first_names if name not in names]
    more = [name for name in names if name not in first_names]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing[:5])
        raise SourceError(
            f"{path.name} has no column {listed}, which {first.name} has. Give all files the same columns."
        )
    if more:
        listed = ", ".join(f"'{name}'" for name in more[:5])
        raise SourceError(
            f"{path.name} has a column {listed}, which {first.name} lacks. Give all files the same columns."
        )
