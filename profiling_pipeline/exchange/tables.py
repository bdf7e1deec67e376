"""Files that hold checks of several tables, of which one becomes rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.sources.column_names import nearest_names


def chosen_table(
    tables: Sequence[dict[str, Any]], has_checks: Callable[[Mapping[str, Any]], bool], source: str, name: str | None
) -> dict[str, Any]:
    """Return the table that is chosen by name, or the only one that has checks.

    Raises:
        InvalidInputError: There is none of that name, or no single one that has checks.
    """
    names = [str(table["name"]) for table in tables]
    if name is not None:
        if name in names:
            return tables[names.index(name)]
        near = nearest_names(name, names)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
        raise InvalidInputError(f"{source} has no table '{name}'. {hint}")
    checked = [table for table in tables if has_checks(table)]
    if len(checked) > 1:
        raise InvalidInputError(
            f"{source} has checks of several tables: {', '.join(str(table['name']) for table in checked)}. "
            "Choose one with --table."
        )
    return checked[0] if checked else tables[0]
