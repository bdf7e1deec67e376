"""Which column of a source an attribute is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from profiling_pipeline.errors import RuleError
from profiling_pipeline.sources.column_names import nearest_names, resolve_column
from profiling_pipeline.sources.model import Attribute, ColumnMatches

_NOT_WORD = re.compile(r"[\W_]+")


def match_columns(
    attributes: Sequence[Attribute], columns: Sequence[str], column_map: Mapping[str, str] | None = None
) -> ColumnMatches:
    """Match attributes to columns.

    The attribute's `source_column` comes first, then the source's own map, the mapping of its physical data element,
    and at last names that are equal but for case, spaces and punctuation. A named column that does not exist is a
    problem to report, and the next way is tried. What two attributes claim, or what has several candidates, is reported
    and not guessed.

    Args:
        attributes: The report's attributes; their ids tell them apart.
        columns: The source's columns.
        column_map: Attribute names to columns, from the source's configuration.
    """
    names = {_plain(name): column for name, column in (column_map or {}).items()}
    by_plain: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        by_plain[_plain(column)].append(column)
    found: dict[int, tuple[str, str]] = {}
    problems: list[str] = []
    for attribute in attributes:
        match = _named(attribute, names, columns, problems) or _by_name(attribute, by_plain, problems)
        if match:
            found[attribute.attribute_id] = match
    _release_disputed(found, attributes, problems)
    taken = {column for column, _ in found.values()}
    return ColumnMatches(
        columns={key: column for key, (column, _) in found.items()},
        found_by={key: way for key, (_, way) in found.items()},
        attributes_without_column=tuple(a for a in attributes if a.attribute_id not in found),
        columns_without_attribute=tuple(column for column in columns if column not in taken),
        problems=tuple(problems),
    )


def _named(
    attribute: Attribute, names: Mapping[str, str], columns: Sequence[str], problems: list[str]
) -> tuple[str, str] | None:
    """Return the column that something names explicitly, and what named it."""
    ways = (
        ("source column", attribute.source_column),
        ("data source's columns", names.get(_plain(attribute.name))),
        ("data element mapping", attribute.mapped_column),
    )
    for way, name in ways:
        if not name:
            continue
        try:
            return resolve_column(name, columns), way
        except RuleError:
            near = nearest_names(name, columns)
            hint = f" (nearest: {', '.join(near)})" if near else ""
            problems.append(f"{attribute.name}: its {way} names '{name}', which the source does not have{hint}.")
    return None


def _by_name(attribute: Attribute, by_plain: Mapping[str, list[str]], problems: list[str]) -> tuple[str, str] | None:
    for way, name in (("attribute name", attribute.name), ("technical name", attribute.technical_name)):
        candidates = by_plain.get(_plain(name), []) if name else []
        if len(candidates) == 1:
            return candidates[0], way
        if candidates:
            problems.append(f"{attribute.name}: its {way} could be any of {', '.join(candidates)}; name one.")
            return None
    return None


def _release_disputed(found: dict[int, tuple[str, str]], attributes: Iterable[Attribute], problems: list[str]) -> None:
    """Leave a column that several attributes claim to none of them."""
    claims: dict[str, list[Attribute]] = defaultdict(list)
    for attribute in attributes:
        if attribute.attribute_id in found:
            claims[found[attribute.attribute_id][0]].append(attribute)
    for column, claimants in claims.items():
        if len(claimants) > 1:
            listed = ", ".join(attribute.name for attribute in claimants)
            problems.append(f"Column '{column}' is claimed by {listed}; give each its own source column.")
            for attribute in claimants:
                del found[attribute.attribute_id]


def _plain(name: str) -> str:
    return _NOT_WORD.sub("", name).casefold()
