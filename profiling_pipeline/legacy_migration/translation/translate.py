"""One rule text, on each assumption of what its columns hold in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from profiling_pipeline.errors import RuleError
from profiling_pipeline.legacy_migration.translation.frames import MISSING_TEXT
from profiling_pipeline.legacy_migration.translation.model import (
    Certainty,
    NotRecognisedError,
    StopsError,
    Translation,
    Untranslated,
)
from profiling_pipeline.legacy_migration.translation.named_rules import is_named, translation_of_name
from profiling_pipeline.legacy_migration.translation.outcome import Stated, stated
from profiling_pipeline.legacy_migration.translation.python_rules import verdict_of_python
from profiling_pipeline.legacy_migration.translation.source import Columns
from profiling_pipeline.legacy_migration.translation.sql_rules import is_sql, verdict_of_sql
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import DeclaredFormat

_MISSING_TEXTS = [MISSING_TEXT.format(word) for word in ("None", "nan", "NaT")]
_BY_GAPS = (
    "Whole numbers count otherwise as soon as one value of the column is missing, as pandas then holds them as binary "
    "numbers. This is kept."
)


@dataclass(frozen=True)
class _Reading:
    """What a text states, on one assumption."""

    check: Stated
    kind: str
    differences: Mapping[str, None]


def translate(
    text: str, column: str | None, columns: Sequence[str], formats: Mapping[str, DeclaredFormat] | None = None
) -> Translation | Untranslated:
    """Return the check that a rule text states.

    Args:
        text: Python, SQL or JSON as the earlier system stored it.
        column: The source column of the rule's attribute, None where it has none.
        columns: All mapped columns of the rule's data source.
        formats: What some of them are declared to hold. Of others, the text itself tells.
    """
    if "\0" in text or not text.strip():
        return Untranslated("it is empty, or has a character that texts cannot have")
    try:
        if is_named(text):
            return translation_of_name(text)
        return _translated(text, column, columns, formats or {})
    except StopsError as error:
        return Untranslated(f"it always stopped with an error: {error}")
    except NotRecognisedError as error:
        return Untranslated(str(error))
    except RecursionError:
        return Untranslated("it is nested too deeply")
    except Exception as error:  # noqa: BLE001 one text among a million, of whatever form, must not stop a migration
        return Untranslated(f"it has a form that could not be followed ({type(error).__name__})")


def _translated(
    text: str, column: str | None, columns: Sequence[str], formats: Mapping[str, DeclaredFormat]
) -> Translation:
    def read(*, has_gaps: bool, missing_text: str | None = "None") -> _Reading:
        return _read(text, column, Columns(columns, formats, has_gaps, missing_text=missing_text))

    complete, with_gaps = read(has_gaps=False), read(has_gaps=True)
    differences = {**complete.differences, **with_gaps.differences}
    if any(note in differences for note in _MISSING_TEXTS) and _same(with_gaps, read, has_gaps=True):
        for note in _MISSING_TEXTS:
            differences.pop(note, None)
    check = complete.check
    if check != with_gaps.check:
        check = _by_gaps(check, with_gaps.check)
        differences[_BY_GAPS] = None
    _validate(check, column)
    certainty = Certainty.EQUIVALENT if differences else Certainty.EXACT
    return Translation(check.check, check.parameters, complete.kind, certainty, tuple(differences))


def _same(found: _Reading, read: Callable[..., _Reading], *, has_gaps: bool) -> bool:
    """Return whether what pandas writes for a missing value makes no difference."""
    try:
        return read(has_gaps=has_gaps, missing_text=None).check == found.check
    except NotRecognisedError:
        return False


def _read(text: str, column: str | None, source: Columns) -> _Reading:
    """Return the check on one assumption; columns that turn out to be taken for numbers are read anew as such."""
    read_verdict = verdict_of_sql if is_sql(text) else verdict_of_python
    while True:
        try:
            verdict = read_verdict(text, column, source)
            check, kind = stated(verdict, column, source)
        except NotRecognisedError:
            numbers = source.numbers_found()
            if not numbers:
                raise
        else:
            numbers = source.numbers_found()
            if not numbers:
                return _Reading(check, kind, source.differences)
        source = source.taking(numbers)


def _by_gaps(complete: Stated, with_gaps: Stated) -> Stated:
    """Return one check for both assumptions."""
    where = complete.parameters.get("where")
    if complete.predicate is None or with_gaps.predicate is None or where != with_gaps.parameters.get("where"):
        raise NotRecognisedError("its counts depend on whether pandas holds whole numbers as binary ones")
    parameters = {"predicate": complete.predicate, "predicate_with_gaps": with_gaps.predicate}
    return Stated("expression", parameters | ({"where": where} if where else {}))


def _validate(check: Stated, column: str | None) -> None:
    """Let nothing through that the catalogue would refuse."""
    try:
        validate_rule(Rule(name="legacy", attribute=column or "", check=check.check, parameters=check.parameters))
    except RuleError as error:
        raise NotRecognisedError(f"its translation is refused: {error}") from error
