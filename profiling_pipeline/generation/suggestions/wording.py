"""Numbers, times and dates that are written with words and signs around the digits, each in one way or in several."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from profiling_pipeline.generation.statistics import FORM_SHARE, is_supported
from profiling_pipeline.generation.suggestions.patterns import escaped, one_of
from profiling_pipeline.generation.suggestions.spelling import is_near_miss
from profiling_pipeline.generation.suggestions.subject import Subject, count, portion
from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.predicate.columns import quoted
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_NUMBER_AND_UNIT = re.compile(r"([+-]?(?:[0-9]+)?\.?[0-9]+)(\D*)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?")
_MANGLED = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{1,2}|[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_DIGITS = re.compile(r"[0-9]+")
_DIGITS_AND_SIGNS = re.compile(r"[0-9]+(?:[-/.,;: ]+[0-9]+)*")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|.", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_MOST_WORDINGS = 3
_RAREST_WORDING = 0.03  # share of values that a wording must have to be part of the rule
_MOST_WORDS = 12  # that may stand at one place, as the names of months do
_TIMES_RARER = 10  # than another word that a near miss of it is
_RAREST_WORD = 0.005  # share of a wording's values that a word must have
_COMMON = 0.95  # share of a wording's values that the words make up
_MOSTLY = 0.6  # share of values in one wording that makes the others its variants, where all mean the same kind
_MOST_UNITS = 30  # ways of writing a unit
_LONGEST = 60
_LEAST_GROUPED = 0.2  # share of numbers with a comma between thousands, where they are written so
_LENGTHS_OF_YEARS = frozenset({2, 4})
_RAREST_LENGTH = 0.05  # share of a date's values that have so many digits at one place

# What is written in several ways but is of one kind, by the form of its digits and signs.
_KINDS: Mapping[str, re.Pattern[str]] = {
    "time of day": re.compile(r"9:9(:9)?( ?w(\.w\.?)?)?"),
    "date": re.compile(r"9([/.-])9\1(9|w)|9([ /.-])w\3?9|w 9, ?9|9 w 9|9([/.-])9\4?9?[T ]9:9(:9)?( ?w(\.w\.?)?)?"),
    "phone number": re.compile(r"\+?9?[ -]?\(?9\)?[ .-]9[ .-]9"),
    "number with its unit": re.compile(r"[$€£]? ?9(,9)*(\.9)? ?(w|%)\.?"),
}

_OF_FIXED_LENGTHS = tuple(_KINDS[name] for name in ("time of day", "date", "phone number"))


@dataclass(frozen=True)
class _Wording:
    """Texts alike but for their digits: an expression, the same for people, and the rows that have it."""

    shape: str
    expression: str
    picture: str
    rows: int


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield the rule on how a number, time or date is written, where the column has such with or without a unit."""
    if subject.column.kind is not ColumnKind.TEXT or subject.data is None or not subject.seen:
        return
    numbers = None if subject.is_identifier else (_grouped_numbers(subject) or _plain_numbers(subject))
    if numbers is not None:
        yield numbers
        return
    wordings, because = _chosen(_wordings(subject.texts), subject)
    if not wordings:
        return
    holding = sum(wording.rows for wording in wordings)
    own = sorted(subject.own_markers)
    pattern = one_of([*(wording.expression for wording in wordings), *map(escaped, own)])
    pictures = " or ".join(wording.picture for wording in wordings)
    yield subject.rule(
        f"is written like {pictures}",
        "str_matches",
        {"pattern": f"^{pattern}$"},
        because=f"{portion(holding, subject.seen, 'values')} are, 9 standing for any digits. {because}{_also(own)}",
        holding=holding,
        tested=subject.seen,
    )


def _also(own: Sequence[str]) -> str:
    return f" Missing values are written {' or '.join(repr(marker) for marker in own)} in this table." if own else ""


def _plain_numbers(subject: Subject) -> Rule | None:
    """Return the rule that values are numbers without a unit, where most are, or where units are a muddle."""
    plain: Counter[bool] = Counter()  # by whether it is whole
    units: Counter[str] = Counter()
    for text, rows in subject.texts:
        match = _NUMBER_AND_UNIT.fullmatch(text.strip())
        if match is None or (len(match[1]) > 1 and match[1][0] == "0" and match[1][1].isdigit()):
            continue
        if match[2]:
            units[match[2]] += rows
        else:
            plain["." not in match[1]] += rows
    bare, with_unit = plain.total(), units.total()
    if subject.own_markers or not is_supported(bare + with_unit, subject.seen, FORM_SHARE):
        return None
    shown = ", ".join(f"'{subject.quote(unit.strip())}' ({count(rows)})" for unit, rows in units.most_common(5))
    if 2 * bare > subject.seen:
        because = "Most values are plain numbers" + (f"; units follow some: {shown}." if units else ".")
        type_name = "integer" if not plain[False] and not any("." in t for t, _ in subject.texts) else "number"
        return _type(subject, type_name, bare, because)
    if bare + units.most_common(1)[0][1] >= 0.9 * subject.seen or not _are_one_unit(units):
        return None
    because = (
        f"The unit is written in {len(units)} ways: {shown}. Such values neither sort nor add up; the unit "
        "belongs into the column's name."
    )
    return _type(subject, "number", bare, because)


def _grouped_numbers(subject: Subject) -> Rule | None:
    """Return the rule that numbers have commas between thousands, where nearly all large ones do."""
    grouped = [(text, rows) for text, rows in subject.texts if _GROUPED.fullmatch(text)]
    with_commas = sum(rows for text, rows in grouped if "," in text)
    holding = sum(rows for _, rows in grouped)
    if (
        with_commas < _LEAST_GROUPED * subject.seen
        or not is_supported(holding, subject.seen, FORM_SHARE)
        or subject.own_markers
    ):
        return None
    return subject.rule(
        "has commas between thousands",
        "str_matches",
        {"pattern": f"^{_GROUPED.pattern}$"},
        because=(
            f"{portion(holding, subject.seen, 'values')} are numbers written so, {count(with_commas)} of them "
            "with a comma."
        ),
        holding=holding,
        tested=subject.seen,
    )


def _are_one_unit(units: Counter[str]) -> bool:
    """Return whether what follows the numbers is one unit in several spellings: words with the same first letter."""
    if len(units) > _MOST_UNITS:
        return False
    first: Counter[str] = Counter()
    for unit, rows in units.items():
        first[unit.strip(" .-")[:1].casefold()] += rows
    return first.most_common(1)[0][1] >= _COMMON * units.total()


def _type(subject: Subject, type_name: str, holding: int, because: str) -> Rule:
    return subject.rule(
        f"reads as {'an' if type_name == 'integer' else 'a'} {type_name}",
        "has_type",
        {"type": type_name},
        because=f"{portion(holding, subject.seen, 'values')} do. {because}",
        holding=holding,
        tested=subject.seen,
    )


def _chosen(wordings: Sequence[_Wording], subject: Subject) -> tuple[list[_Wording], str]:
    """Return the wordings to demand and why: the ones that nearly all values have, or the usual one of its kind."""
    if not wordings:
        return [], ""
    first = wordings[0]
    kind = next((name for name, form in _KINDS.items() if form.fullmatch(first.shape)), None)
    if kind and first.rows >= _MOSTLY * subject.seen:
        others = [(text, rows) for text, rows in subject.texts if not re.fullmatch(first.expression, text)]
        odd = sum(rows for text, rows in others if not _DIGITS.search(text))
        if odd <= 0.1 * subject.seen:
            return [first], f"The others write a {kind} in another way." if others else f"Each is a {kind}."
    frequent = [wording for wording in wordings if wording.rows >= _RAREST_WORDING * subject.seen][:_MOST_WORDINGS]
    if is_supported(sum(wording.rows for wording in frequent), subject.seen, FORM_SHARE):
        return frequent, "The words are the same but for a few values."
    return [], ""


def _wordings(texts: Sequence[tuple[str, int]]) -> list[_Wording]:
    """Return the wordings with digits and the same few words, most frequent first."""
    by_shape: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for text, rows in texts:
        if len(text) <= _LONGEST and text.isascii() and text.isprintable():
            by_shape[_WORD.sub("w", _DIGITS.sub("9", text))].append((text, rows))
    worded = (
        _wording(shape, members) for shape, members in by_shape.items() if "9" in shape and len(set(shape) - {"9"})
    )
    return sorted((wording for wording in worded if wording), key=lambda wording: -wording.rows)


def _wording(shape: str, members: Sequence[tuple[str, int]]) -> _Wording | None:
    """Return the wording of texts of one shape; None where a place has more words than a few."""
    total = sum(rows for _, rows in members)
    parts = [(_PART.findall(text), rows) for text, rows in members]
    usual: list[frozenset[str] | None] = []
    for place, example in enumerate(parts[0][0]):
        if example.isdigit() or not example.isascii() or not example.isalpha():
            usual.append(None)
            continue
        counted: Counter[str] = Counter()
        for words, rows in parts:
            counted[words[place]] += rows
        frequent = _usual(counted, total)
        if not frequent or len(frequent) > _MOST_WORDS or sum(frequent.values()) < _COMMON * total:
            return None
        usual.append(frozenset(frequent))
    fitting = [
        (words, rows)
        for words, rows in parts
        if all(choice is None or word in choice for word, choice in zip(words, usual, strict=True))
    ]
    lengths = _lengths(fitting) if any(form.fullmatch(shape) for form in _OF_FIXED_LENGTHS) else {}
    fitting = [pair for pair in fitting if all(len(pair[0][place]) in some for place, some in lengths.items())]
    if not fitting:
        return None
    rows = sum(rows for _, rows in fitting)
    first = fitting[0][0]
    return _Wording(
        shape,
        "".join(_expression(word, usual[place], lengths.get(place)) for place, word in enumerate(first)),
        "".join("9" if word.isdigit() else word for word in first),
        rows,
    )


def _usual(words: Counter[str], total: int) -> dict[str, int]:
    """Return the words that are frequent enough to be meant, without near misses of far more frequent ones."""
    frequent = {word: rows for word, rows in words.items() if rows >= max(2, _RAREST_WORD * total)}
    return {
        word: rows
        for word, rows in frequent.items()
        if not any(_TIMES_RARER * rows <= other and _may_be_meant(usual, word) for usual, other in frequent.items())
    }


def _may_be_meant(usual: str, word: str) -> bool:
    """Return whether a word may be a misspelt usual one, also one of two letters of which one is lost or doubled."""
    if len(usual) != 2:
        return is_near_miss(word, usual)
    return word in {usual[0], usual[1], usual[0] + usual, usual + usual[1]}


def _lengths(parts: Sequence[tuple[list[str], int]]) -> dict[int, frozenset[int]]:
    """Return how many digits may stand at each place that has digits: the numbers that are not rare."""
    total = sum(rows for _, rows in parts)
    lengths: dict[int, frozenset[int]] = {}
    for place, example in enumerate(parts[0][0]):
        if example.isdigit():
            counted: Counter[int] = Counter()
            for words, rows in parts:
                counted[len(words[place])] += rows
            usual = {length: rows for length, rows in counted.items() if rows >= _RAREST_LENGTH * total}
            if usual.keys() >= _LENGTHS_OF_YEARS:  # a year is written in one of two ways
                del usual[min(_LENGTHS_OF_YEARS, key=lambda length: usual[length])]
            lengths[place] = frozenset(usual)
    return lengths


def _expression(part: str, words: frozenset[str] | None, lengths: frozenset[int] | None) -> str:
    if part.isdigit():
        return "[0-9]+" if not lengths else _digits(min(lengths), max(lengths))
    if words is None:
        return escaped(part)
    return one_of(sorted(words))


def _digits(fewest: int, most: int) -> str:
    return f"[0-9]{{{fewest}}}" if fewest == most else f"[0-9]{{{fewest},{most}}}"


def suggest_unmangled(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that no value is what a spreadsheet makes of "6-70", where a column of numbers has such values."""
    if subject.column.kind is not ColumnKind.TEXT or not subject.texts:
        return
    mangled = sum(rows for text, rows in subject.texts if _MANGLED.fullmatch(text))
    others = sum(rows for text, rows in subject.texts if _DIGITS_AND_SIGNS.fullmatch(text))
    if not mangled or mangled > 0.3 * subject.seen or others < 0.6 * subject.seen:
        return
    holding = subject.seen - mangled
    yield subject.rule(
        "was not turned into a month by a spreadsheet",
        "expression",
        {"predicate": f"NOT REGEXP_LIKE({quoted(subject.column.name)}, '^(?:{_MANGLED.pattern})$')"},
        because=(
            f"Months such as Jun-70 stand in {counted(mangled, 'row')}, {count(others)} of {count(subject.seen)} "
            "values are of digits and signs: a spreadsheet takes 6-70 for a month."
        ),
        holding=holding,
        tested=subject.seen,
    )
