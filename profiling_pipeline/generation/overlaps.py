"""Rules of one attribute that say the same, that another one implies, or that no value can satisfy together."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import combinations
from typing import Any

from profiling_pipeline.rules.rule import Rule

_EVERYTHING = Decimal(100)
_Bound = Decimal | str


class OverlapKind(StrEnum):
    """How two rules stand to each other."""

    SAME = "same"
    IMPLIED = "implied"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True)
class Overlap:
    """Two rules by their places in the sequence; of an implied rule, `first` is the one that implies it."""

    kind: OverlapKind
    first: int
    second: int


def find_overlaps(rules: Sequence[Rule]) -> list[Overlap]:
    """Compare the rules of each attribute, two by two."""
    by_subject: dict[object, list[int]] = defaultdict(list)
    for place, rule in enumerate(rules):
        subject = rule.attribute_id if rule.attribute_id is not None else (rule.column or rule.attribute).casefold()
        by_subject[subject].append(place)
    return [
        overlap
        for places in by_subject.values()
        for first, second in combinations(places, 2)
        if (overlap := _overlap(rules, first, second)) is not None
    ]


def findings(rules: Sequence[Rule]) -> list[tuple[str, ...]]:
    """Return what a reviewer should know of each rule in the light of the others, in words."""
    found: list[list[str]] = [[] for _ in rules]
    for overlap in find_overlaps(rules):
        first, second = rules[overlap.first].name, rules[overlap.second].name
        match overlap.kind:
            case OverlapKind.SAME:
                found[overlap.first].append(f"Says the same as '{second}'.")
                found[overlap.second].append(f"Says the same as '{first}'.")
            case OverlapKind.IMPLIED:
                found[overlap.second].append(f"'{first}' demands this already.")
            case OverlapKind.CONTRADICTION:
                found[overlap.first].append(f"Contradicts '{second}': no value can satisfy both.")
                found[overlap.second].append(f"Contradicts '{first}': no value can satisfy both.")
    return [tuple(each) for each in found]


def own_parameters(rule: Rule) -> str:
    """Return what the rule's parameters say, whatever their order and origin."""
    parameters = {key: value for key, value in rule.parameters.items() if key != "origin"}
    return json.dumps({key: _plain(value) for key, value in parameters.items()}, sort_keys=True, default=str)


def _overlap(rules: Sequence[Rule], first: int, second: int) -> Overlap | None:
    one, other = rules[first], rules[second]
    if one.check == other.check and own_parameters(one) == own_parameters(other):
        return Overlap(OverlapKind.SAME, first, second)
    regions = _region(one), _region(other)
    if regions[0] is None or regions[1] is None or regions[0].axis != regions[1].axis:
        return None
    mine, theirs = regions[0], regions[1]
    if not _comparable([*mine.marks(), *theirs.marks()]):
        return None
    if mine.holds_all_of(theirs) and theirs.holds_all_of(mine) and _reaches(one, other) and _reaches(other, one):
        return Overlap(OverlapKind.SAME, first, second)
    if mine.holds_all_of(theirs) and _reaches(other, one):
        return Overlap(OverlapKind.IMPLIED, second, first)
    if theirs.holds_all_of(mine) and _reaches(one, other):
        return Overlap(OverlapKind.IMPLIED, first, second)
    if mine.is_apart_from(theirs) and _meet(one, other):
        return Overlap(OverlapKind.CONTRADICTION, first, second)
    return None


@dataclass(frozen=True)
class _Region:
    """The values that a check accepts: between bounds, of a set, or all but some; None where there is no limit."""

    axis: str
    low: _Bound | None = None
    high: _Bound | None = None
    has_low: bool = True
    has_high: bool = True
    values: frozenset[_Bound] | None = None
    excluded: frozenset[_Bound] = frozenset()

    def marks(self) -> Iterator[_Bound]:
        """Yield every value that the region is described by."""
        yield from (each for each in (self.low, self.high) if each is not None)
        yield from self.values or ()
        yield from self.excluded

    def accepts(self, value: Any) -> bool:
        """Return whether the value lies in the region."""
        if self.values is not None and value not in self.values:
            return False
        above = self.low is None or value > self.low or (value == self.low and self.has_low)
        below = self.high is None or value < self.high or (value == self.high and self.has_high)
        return above and below and value not in self.excluded

    def holds_all_of(self, inner: "_Region") -> bool:
        """Return whether every value of the other region lies in this one."""
        if inner.values is not None:
            return all(self.accepts(value) for value in inner.values if inner.accepts(value))
        if self.values is not None or any(inner.accepts(value) for value in self.excluded):
            return False
        return self._starts_before(inner) and self._ends_after(inner)

    def is_apart_from(self, other: "_Region") -> bool:
        """Return whether no value lies in both regions."""
        for one, two in ((self, other), (other, self)):
            if one.values is not None:
                return not any(one.accepts(value) and two.accepts(value) for value in one.values)
        return _is_above(self, other) or _is_above(other, self)

    def _starts_before(self, inner: "_Region") -> bool:
        if self.low is None or inner.low is None:
            return self.low is None
        return _less(self.low, inner.low) or (self.low == inner.low and (self.has_low or not inner.has_low))

    def _ends_after(self, inner: "_Region") -> bool:
        if self.high is None or inner.high is None:
            return self.high is None
        return _less(inner.high, self.high) or (self.high == inner.high and (self.has_high or not inner.has_high))


def _is_above(one: _Region, other: _Region) -> bool:
    if one.low is None or other.high is None:
        return False
    return _less(other.high, one.low) or (other.high == one.low and not (one.has_low and other.has_high))


def _less(one: _Bound, other: _Bound) -> bool:
    return one < other  # type: ignore[operator]  # both are numbers, or both texts


def _region(rule: Rule) -> _Region | None:
    """Return the values that a rule accepts, None for a check that is not about single values."""
    values = {name: _plain(value) for name, value in rule.parameters.items()}
    low, high = values.get("min_value"), values.get("max_value")
    match rule.check:
        case "in_range":
            has_low, has_high = values.get("include_min", True) is True, values.get("include_max", True) is True
            return _Region("value", low, high, has_low, has_high)
        case "greater_than_or_equal_to" | "greater_than":
            return _Region("value", low=low, has_low=rule.check.endswith("to"))
        case "less_than_or_equal_to" | "less_than":
            return _Region("value", high=high, has_high=rule.check.endswith("to"))
        case "equal_to":
            return _Region("value", values=_set([values.get("value")]))
        case "not_equal_to":
            return _Region("value", excluded=_set([values.get("value")]))
        case "isin" if not values.get("ignore_case"):
            return _Region("value", values=_set(rule.parameters.get("allowed_values")))
        case "notin" if not values.get("ignore_case"):
            return _Region("value", excluded=_set(rule.parameters.get("forbidden_values")))
        case "str_length":
            return _Region("length", low, high)
        case "not_null":
            return _Region("presence", high=Decimal(1))
        case "not_blank":
            return _Region("presence", high=Decimal(0))
    return None


def _set(values: Any) -> frozenset[Any]:
    return frozenset(_plain(value) for value in values) if isinstance(values, list | tuple) else frozenset()


def _plain(value: Any) -> Any:
    """Return a number as an exact one, whatever type it came in; other values as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return value


def _comparable(marks: Iterable[Any]) -> bool:
    """Return whether values can be compared with each other: all numbers, or all texts such as ISO dates."""
    kinds = {type(mark) for mark in marks}
    return len(kinds) == 1 and kinds <= {Decimal, str}


def _reaches(rule: Rule, other: Rule) -> bool:
    """Return whether the rule tests all rows that the other one does, at least as strictly."""
    where, others = rule.parameters.get("where"), other.parameters.get("where")
    return where in (None, others) and _pass_rate(rule.parameters) >= _pass_rate(other.parameters)


def _meet(one: Rule, other: Rule) -> bool:
    """Return whether there must be rows that both rules demand something of."""
    wheres = {one.parameters.get("where"), other.parameters.get("where")} - {None}
    return len(wheres) < 2 and _pass_rate(one.parameters) + _pass_rate(other.parameters) > _EVERYTHING


def _pass_rate(parameters: Mapping[str, Any]) -> Decimal:
    rate = _plain(parameters.get("min_pass_rate", _EVERYTHING))
    return rate if isinstance(rate, Decimal) else _EVERYTHING
