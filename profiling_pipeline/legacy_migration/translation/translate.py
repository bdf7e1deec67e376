"""From one rule text, whatever it is written in, to a check of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from profiling_pipeline.exchange.sql_text import name_sql
from profiling_pipeline.legacy_migration.translation.assumptions import translation_of_code
from profiling_pipeline.legacy_migration.translation.model import (
    NotRecognisedError,
    StopsError,
    Translation,
    Untranslated,
)
from profiling_pipeline.legacy_migration.translation.named_rules import is_named, translation_of_name
from profiling_pipeline.rules.predicate.tokens import LONGEST
from profiling_pipeline.sources.model import DeclaredFormat

# Stands for the rule's own column, so that a text that reads no other is followed once for all columns of a type.
_OWN = "the_rules_own_column"
_MOST_KEPT = 50_000


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
        return translation_of_code(text, column, columns, formats, asked)
    except StopsError as error:
        return Untranslated(f"it always stopped with an error: {error}")
    except NotRecognisedError as error:
        return Untranslated(str(error))
    except RecursionError:
        return Untranslated("it is nested too deeply")
    except Exception as error:  # noqa: BLE001 one text among a million, of whatever form, must not stop a migration
        return Untranslated(f"it has a form that could not be followed ({type(error).__name__})")
