"""Rules and foreign checks, one at a time: what every notation of checks has in common."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.facts import KEY, facts_of, with_facts
from profiling_pipeline.exchange.mapping import titled
from profiling_pipeline.exchange.model import Imported, LeftOut, NotCarriedError, Note, plain
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule

_LONGEST_NAME = 255


def silently(what: str, why: str) -> None:
    """Note nothing."""


@dataclass(frozen=True)
class Item:
    """One check of a foreign file: its text as plain values, and the column under which it stands, if it does."""

    body: dict[str, Any]
    column: str | None = None


@dataclass(frozen=True)
class Found:
    """A check as it was found; `what` names it, `place` says where."""

    item: Item
    what: str
    place: str


@dataclass(frozen=True)
class Notation:
    """How another tool writes one check.

    `write` and `read` leave our own facts aside (NotCarriedError, where there is no counterpart); `keep` puts facts
    into a check, `take` returns a check without them, and them.
    """

    write: Callable[[Rule, Note], Item]
    read: Callable[[Item, Note], list[Rule]]
    keep: Callable[[Item, dict[str, Any]], Item]
    take: Callable[[Item], tuple[Item, object]]


def write_items(rules: Iterable[Rule], notation: Notation) -> tuple[list[Item], list[LeftOut]]:
    """Return the checks that rules become, with our own facts in them, and what is left out."""
    items: list[Item] = []
    left_out: list[LeftOut] = []
    for each in rules:
        rule = replace(each, parameters=plain(each.parameters))
        place = f"rule '{rule.name}'"
        try:
            _require_check(rule)
            notes: list[LeftOut] = []
            item = notation.write(rule, _noting(notes, place))
        except NotCarriedError as error:
            left_out.append(LeftOut(f"check {rule.check}", _sentence(error), place))
            continue
        facts = facts_of(rule, _visible(item, notation))
        items.append(notation.keep(item, facts) if facts else item)
        left_out += notes
    return items, left_out


def read_items(found: Iterable[Found], notation: Notation) -> Imported:
    """Return the rules that checks become, named apart and in order, and what is left out."""
    rules: list[Rule] = []
    left_out: list[LeftOut] = []
    for each in found:
        notes: list[LeftOut] = []
        try:
            rules += read_item(each, notation, notes)
            left_out += notes
        except NotCarriedError as error:
            left_out.append(LeftOut(each.what, _sentence(error), each.place))
    return Imported(named_apart(rules), tuple(left_out))


def read_item(found: Found, notation: Notation, notes: list[LeftOut]) -> list[Rule]:
    """Return the rules that one check becomes; what of it is left out is added to `notes`.

    Raises:
        NotCarriedError: It has no counterpart.
    """
    item, facts = notation.take(found.item)
    visible: list[Rule] = []
    problem = None
    try:
        visible = notation.read(item, _noting(notes, found.place))
    except NotCarriedError as error:
        problem = error
    if facts is None or len(visible) > 1:
        if problem is not None:
            raise problem
        return visible

    def leads_back(rule: Rule) -> bool:
        try:
            return bool(plain(notation.write(rule, silently).body) == plain(item.body))
        except NotCarriedError:
            return False

    try:
        return [with_facts(facts, visible[0] if visible else None, leads_back, found.place)]
    except NotCarriedError as error:
        raise problem or error from error


def named_apart(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules in order, with names that differ for each attribute."""
    taken: set[tuple[str, str]] = set()
    apart: list[Rule] = []
    for rule in rules:
        named = rule if rule.name else titled(rule)
        name = named.name
        number = 1
        while (named.attribute, name) in taken:
            number += 1
            name = f"{named.name[: _LONGEST_NAME - 10]} ({number})"
        taken.add((named.attribute, name))
        apart.append(replace(named, name=name, execution_order=len(apart) + 1))
    return tuple(apart)


def facts_in(*path: str) -> tuple[Callable[[Item, dict[str, Any]], Item], Callable[[Item], tuple[Item, object]]]:
    """Return `keep` and `take` of a notation that has its place for what it does not know in mappings under `path`."""

    def keep(item: Item, facts: dict[str, Any]) -> Item:
        return replace(item, body=_put(item.body, path, facts))

    def take(item: Item) -> tuple[Item, object]:
        body, facts = _taken(item.body, path)
        return replace(item, body=body), facts

    return keep, take


def _put(body: dict[str, Any], path: tuple[str, ...], facts: dict[str, Any]) -> dict[str, Any]:
    if not path:
        return {**body, KEY: facts}
    return {**body, path[0]: _put(body.get(path[0], {}), path[1:], facts)}


def _taken(body: dict[str, Any], path: tuple[str, ...]) -> tuple[dict[str, Any], object]:
    """Return a mapping without our facts, and without the mappings that held nothing else."""
    if not path:
        return {name: value for name, value in body.items() if name != KEY}, body.get(KEY)
    inner = body.get(path[0])
    if not isinstance(inner, dict):
        return body, None
    rest, facts = _taken(inner, path[1:])
    others = {name: value for name, value in body.items() if name != path[0]}
    return others | ({path[0]: rest} if rest else {}), facts


def _noting(notes: list[LeftOut], place: str) -> Note:
    return lambda what, why: notes.append(LeftOut(what, f"{why}.", place))


def _require_check(rule: Rule) -> None:
    if not rule.is_executable:
        raise NotCarriedError("it is no check of the catalogue and cannot run here either")
    try:
        validate_rule(rule)
    except RuleError as error:
        raise NotCarriedError(str(error)) from error


def _visible(item: Item, notation: Notation) -> Rule | None:
    try:
        rules = notation.read(item, silently)
    except NotCarriedError:
        return None
    return named_apart(rules)[0] if len(rules) == 1 else None


def _sentence(error: NotCarriedError) -> str:
    reason = str(error).rstrip(".")
    starts_with_word = reason.partition(" ")[0].isalpha()
    return f"{reason[:1].upper() if starts_with_word else reason[:1]}{reason[1:]}."
