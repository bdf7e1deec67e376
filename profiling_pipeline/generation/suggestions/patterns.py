"""Rules on the characters of a text: the form that nearly all values have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from profiling_pipeline.generation.statistics import FORM_SHARE, is_supported
from profiling_pipeline.generation.suggestions.subject import Subject, portion
from profiling_pipeline.profiling.profile import ValueCount
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import ColumnKind

_MOST_FORMS = 3
_RAREST_FORM = 0.03  # share of values that a form must have to be part of the rule
_GAP = 20  # a pattern is an error of a form when the form's next more frequent one has so many times its rows
_LONGEST = 40  # characters of a pattern; longer texts have no form
_CLASSES: Mapping[str, str] = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
_SPECIAL = frozenset("\\.+*?()|[]{}^$")


@dataclass(frozen=True)
class Form:
    """Patterns that differ only in how often characters repeat: runs of (character, fewest, most)."""

    runs: tuple[tuple[str, int, int], ...]
    rows: int

    @property
    def longest(self) -> int:
        """Characters of its longest value."""
        return sum(most for _, _, most in self.runs)

    @property
    def expression(self) -> str:
        """The form as a regular expression of RE2 syntax, without anchors."""
        return "".join(_repeated(*run) for run in self.runs)

    @property
    def picture(self) -> str:
        """The form for people: its longest pattern."""
        return "".join(character * most for character, _, most in self.runs)


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that values have one of the few forms that nearly all of them have."""
    forms = dominant_forms(subject)
    holding = sum(form.rows for form in forms)
    if not forms or not is_supported(holding, subject.seen, FORM_SHARE):
        return
    pattern = one_of([form.expression for form in forms])
    pictures = " or ".join(form.picture for form in forms)
    yield subject.rule(
        f"has the form {pictures}",
        "str_matches",
        {"pattern": f"^{pattern}$"},
        because=(
            f"{portion(holding, subject.seen, 'values')} have it: A stands for a capital letter, a for a "
            "small one, 9 for a digit."
        ),
        holding=holding,
        tested=subject.seen,
    )


def dominant_forms(subject: Subject) -> list[Form]:
    """Return the few forms, most frequent first, that most texts or identifying numbers have; none without a form."""
    column = subject.column
    if column.kind is not ColumnKind.TEXT and not (column.kind is ColumnKind.INTEGER and subject.is_identifier):
        return []
    if column.distinct < 2:
        return []
    are_codes = subject.is_identifier or subject.declared is not None
    by_shape: dict[str, list[ValueCount]] = {}
    for pattern in sorted(subject.patterns, key=lambda pattern: -pattern.count):
        shape = _shape(str(pattern.value))
        alike = by_shape.setdefault(shape, [])
        is_number = not are_codes and set(shape) <= set("9.")  # which may have any number of digits
        if not alike or is_number or pattern.count * _GAP > alike[-1].count:
            alike.append(pattern)
    forms = sorted((_form(patterns) for patterns in by_shape.values()), key=lambda form: -form.rows)
    frequent = [form for form in forms if form.rows >= _RAREST_FORM * subject.seen][:_MOST_FORMS]
    return frequent if all(_says_something(form) for form in frequent) else []


def escaped(text: str) -> str:
    """Return a regular expression of RE2 syntax that matches the text."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def one_of(expressions: Sequence[str]) -> str:
    """Return a regular expression of RE2 syntax that matches what one of these does."""
    return expressions[0] if len(expressions) == 1 else f"(?:{'|'.join(expressions)})"


def _shape(pattern: str) -> str:
    return "".join(character for character, _ in groupby(pattern))


def _form(patterns: list[ValueCount]) -> Form:
    lengths = [[len(list(run)) for _, run in groupby(str(pattern.value))] for pattern in patterns]
    shape = _shape(str(patterns[0].value))
    runs = tuple(
        (character, min(sizes), max(sizes)) for character, sizes in zip(shape, zip(*lengths, strict=True), strict=True)
    )
    return Form(runs, sum(pattern.count for pattern in patterns))


def _says_something(form: Form) -> bool:
    """Return whether a form is more than words: short, in printable ASCII, without space, no letters of any number."""
    text = form.picture
    if text.isalpha() and any(fewest < most for _, fewest, most in form.runs):
        return False
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable() and " " not in text


def _repeated(character: str, fewest: int, most: int) -> str:
    one = _CLASSES.get(character) or escaped(character)
    if fewest == most:
        return one if most == 1 else f"{one}{{{most}}}"
    return f"{one}{{{fewest},{most}}}"
