"""One rule text, on each assumption of what its columns hold in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from profiling_pipeline.errors import RuleError
from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.checks import Stated, stated
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import (
    Certainty,
    NotRecognisedError,
    StopsError,
    Translation,
    Untranslated,
)
from profiling_pipeline.legacy_migration.translation.named_rules import is_named, translation_of_name
from profiling_pipeline.legacy_migration.translation.python.library.conversions import MISSING_TEXT
from profiling_pipeline.legacy_migration.translation.python_rules import verdict_of_python
from profiling_pipeline.legacy_migration.translation.sql_rules import is_sql, verdict_of_sql
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.predicate.tokens import LONGEST
from profiling_pipeline.rules.rule import Rule
from profiling_pipeline.sources.model import DeclaredFormat

_MISSING_TEXTS = [MISSING_TEXT.format(word) for word in ("None", "nan", "NaT")]
_BY_GAPS = (
    "Whole numbers count otherwise as soon as one value of the column is missing, as pandas then holds them as binary "
    "numbers. This is kept."
)


# Stands for the rule's own column, so that a text that reads no other is followed once for all columns of a type.
_OWN = "the_rules_own_column"
_MOST_KEPT = 50_000


@dataclass(frozen=True)
class _Reading:
    """What a text states, on one assumption."""

    check: Stated
    kind: str
    differences: Mapping[str, None]
    has_whole_numbers: bool


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
    declared = formats or {}
    if column is not None and _OWN not in text:
        found = _of_any_column(text, declared.get(column))
        if found is not None:
            return _about(found, column)
    return _followed(text, column, columns, declared, set())


@lru_cache(maxsize=_MOST_KEPT)
def _of_any_column(text: str, declared: DeclaredFormat | None) -> Translation | Untranslated | None:
    """Return the translation for any column of a type, None where the text asks for other columns too."""
    asked: set[str] = set()
    found = _followed(text, _OWN, (_OWN,), {_OWN: declared} if declared else {}, asked)
    return found if asked <= {_OWN} else None


def _about(found: Translation | Untranslated, column: str) -> Translation | Untranslated:
    """Return a translation for any column as that for one."""
    if isinstance(found, Untranslated):
        return Untranslated(found.reason.replace(_OWN, column))
    name = name_sql(column)
    parameters = {
        key: value.replace(_OWN, name) if key in ("predicate", "predicate_with_gaps", "where") else value
        for key, value in found.parameters.items()
    }
    if any(isinstance(value, str) and len(value) > LONGEST for value in parameters.values()):
        return Untranslated("the predicate for it would be too long")
    differences = tuple(difference.replace(_OWN, column) for difference in found.differences)
    return replace(found, parameters=parameters, differences=differences)


def _followed(
    text: str, column: str | None, columns: Sequence[str], formats: Mapping[str, DeclaredFormat], asked: set[str]
) -> Translation | Untranslated:
    """Translate a text, or say why not; `asked` is filled with the names of columns that it asks for."""
    if "\0" in text or not text.strip():
        return Untranslated("it is empty, or has a character that texts cannot have")
    try:
        if is_named(text):
            return translation_of_name(text)
        return _translated(text, column, columns, formats, asked)
    except StopsError as error:
        return Untranslated(f"it always stopped with an error: {error}")
    except NotRecognisedError as error:
        return Untranslated(str(error))
    except RecursionError:
        return Untranslated("it is nested too deeply")
    except Exception as error:  # noqa: BLE001 one text among a million, of whatever form, must not stop a migration
        return Untranslated(f"it has a form that could not be followed ({type(error).__name__})")


def _translated(
    text: str, column: str | None, columns: Sequence[str], formats: Mapping[str, DeclaredFormat], asked: set[str]
) -> Translation:
    def read(*, has_gaps: bool, missing_text: str | None = "None") -> _Reading:
        return _read(text, column, Columns(columns, formats, has_gaps, missing_text=missing_text, asked=asked))

    with_gaps = read(has_gaps=True)
    complete = read(has_gaps=False) if with_gaps.has_whole_numbers else with_gaps
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
                return _Reading(check, kind, source.differences, source.has_whole_numbers)
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
