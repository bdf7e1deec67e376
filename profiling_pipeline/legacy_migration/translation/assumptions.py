"""A rule text on each assumption of what pandas holds in memory, and one check for all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from profiling_pipeline.errors import RuleError
from profiling_pipeline.legacy_migration.translation.checks import StatedCheck, check_of
from profiling_pipeline.legacy_migration.translation.columns import Columns
from profiling_pipeline.legacy_migration.translation.model import Certainty, NotRecognisedError, Translation
from profiling_pipeline.legacy_migration.translation.python.library.conversions import MISSING_TEXT
from profiling_pipeline.legacy_migration.translation.python_rules import verdict_of_python
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

    check: StatedCheck
    kind: str
    differences: Mapping[str, None]
    has_whole_numbers: bool


def translation_of_code(
    text: str, column: str | None, columns: Sequence[str], formats: Mapping[str, DeclaredFormat], asked: set[str]
) -> Translation:
    """Return the check that a text in Python or SQL states, with columns that have gaps as well as without.

    Args:
        text: The rule text.
        column: The source column of the rule's attribute, None where it has none.
        columns: All mapped columns of the rule's data source.
        formats: What some of them are declared to hold.
        asked: Is filled with the names of columns that the text asks for.

    Raises:
        NotRecognisedError: The text does something that is not known here, or no check does the same.
    """

    def read(*, has_gaps: bool, missing_text: str | None = "None") -> _Reading:
        return _read(text, column, Columns(columns, formats, has_gaps, missing_text=missing_text, asked=asked))

    with_gaps = read(has_gaps=True)
    complete = read(has_gaps=False) if with_gaps.has_whole_numbers else with_gaps
    differences = {**complete.differences, **with_gaps.differences}
    if any(note in differences for note in _MISSING_TEXTS) and _same(with_gaps, read):
        for note in _MISSING_TEXTS:
            differences.pop(note, None)
    check = complete.check
    if check != with_gaps.check:
        check = _by_gaps(check, with_gaps.check)
        differences[_BY_GAPS] = None
    _validate(check, column)
    certainty = Certainty.EQUIVALENT if differences else Certainty.EXACT
    return Translation(check.check, check.parameters, complete.kind, certainty, tuple(differences))


def _same(with_gaps: _Reading, read: Callable[..., _Reading]) -> bool:
    """Return whether what pandas writes for a missing value makes no difference."""
    try:
        return read(has_gaps=True, missing_text=None).check == with_gaps.check
    except NotRecognisedError:
        return False


def _read(text: str, column: str | None, source: Columns) -> _Reading:
    """Return the check on one assumption; columns that turn out to be taken for numbers are read anew as such."""
    read_verdict = verdict_of_sql if is_sql(text) else verdict_of_python
    while True:
        try:
            verdict = read_verdict(text, column, source)
            check, kind = check_of(verdict, column, source)
        except NotRecognisedError:
            numbers = source.numbers_found()
            if not numbers:
                raise
        else:
            numbers = source.numbers_found()
            if not numbers:
                return _Reading(check, kind, source.differences, source.has_whole_numbers)
        source = source.taking(numbers)


def _by_gaps(complete: StatedCheck, with_gaps: StatedCheck) -> StatedCheck:
    """Return one check for both assumptions."""
    where = complete.parameters.get("where")
    if complete.predicate is None or with_gaps.predicate is None or where != with_gaps.parameters.get("where"):
        raise NotRecognisedError("its counts depend on whether pandas holds whole numbers as binary ones")
    parameters = {"predicate": complete.predicate, "predicate_with_gaps": with_gaps.predicate}
    return StatedCheck("expression", parameters | ({"where": where} if where else {}))


def _validate(check: StatedCheck, column: str | None) -> None:
    """Let nothing through that the catalogue would refuse."""
    try:
        validate_rule(Rule(name="legacy", attribute=column or "", check=check.check, parameters=check.parameters))
    except RuleError as error:
        raise NotRecognisedError(f"its translation is refused: {error}") from error
