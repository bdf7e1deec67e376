"""Rules on how a value is written: the attribute's format code, or dates and numbers recognised in the data."""

import re
from collections import Counter
from collections.abc import Iterable

from profiling_pipeline.generation.statistics import FORM_SHARE, HOLDING_SHARE, is_supported
from profiling_pipeline.generation.suggestions.subject import Subject, portion
from profiling_pipeline.generation.suggestions.values import as_json, as_number, date_format_of
from profiling_pipeline.plurals import counted
from profiling_pipeline.profiling.profile import ColumnProfile
from profiling_pipeline.rules.rule import Rule, Severity
from profiling_pipeline.sources.model import ColumnKind

_FIRST_DAY, _LAST_DAY = 19000101, 21001231
_LOOKED_AT = 10  # of a column's values, to tell whether they are days
_FEWEST_DAYS = 2  # different days that must be seen before a column is taken for one of days
_NUMERIC = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_DECIMALS = re.compile(r"[+-]?([0-9]*)\.?([0-9]*)")
_TOO_MANY_DECIMALS = 3  # more than nearly all values have: no one writes so by hand
_ANY_DIGITS = 38
_NEEDLESS = re.compile(r"[+-]?[0-9]+\.0+")
_WRITTEN = {"%Y%m%d": "YYYYMMDD", "%Y-%m-%d": "YYYY-MM-DD", "%Y/%m/%d": "YYYY/MM/DD", "%Y.%m.%d": "YYYY.MM.DD"}


def suggest(subject: Subject) -> Iterable[Rule]:
    """Yield the rules of the declared format, or without one of the format that nearly all values have.

    A bare type tells nothing of days that are written as whole numbers or texts.
    """
    declared = subject.declared
    if declared is None:
        yield from _observed(subject)
    elif declared.date_format is not None:
        yield _date(
            subject, declared.date_format, f"Declared as {subject.attribute.format_code}", subject.column.present
        )
    elif declared.kind in _NUMERIC and declared.max_digits is not None:
        yield _digits(subject, declared.max_digits, declared.max_decimals or 0)
    elif declared.kind is ColumnKind.TEXT and declared.max_length is not None:
        yield _length(subject, declared.max_length)
    else:
        yield from _observed_days(subject)


def suggest_type(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that values read as the column's type, where some do not and no other rule would tell."""
    column = subject.column
    if column.unreadable and column.kind in {
        ColumnKind.INTEGER,
        ColumnKind.NUMBER,
        ColumnKind.DATE,
        ColumnKind.DATETIME,
    }:
        because = f"{counted(column.unreadable, 'value does', 'values do')} not read as one"
        yield _type(subject, str(column.kind), column.present, because)


def suggest_whole(subject: Subject) -> Iterable[Rule]:
    """Yield the rule that values are whole, where nearly all are and the others are whole but for a needless `.0`."""
    if subject.column.kind is not ColumnKind.NUMBER or subject.data is None or subject.declared is not None:
        return
    whole = sum(rows for text, rows in subject.texts if text.lstrip("+-").isdigit())
    needless = sum(rows for text, rows in subject.texts if _NEEDLESS.fullmatch(text))
    if needless and is_supported(whole, subject.seen, FORM_SHARE) and whole + needless >= 0.99 * subject.seen:
        because = f"{counted(needless, 'whole number has', 'whole numbers have')} needless decimals"
        yield _type(subject, "integer", whole, because)


def suggest_decimals(subject: Subject) -> Iterable[Rule]:
    """Yield the rule on how many decimals a number has, where a few values have far more than nearly all others."""
    if subject.column.kind is not ColumnKind.NUMBER or subject.data is None or subject.declared is not None:
        return
    rows: Counter[int] = Counter()
    for text, number in subject.texts:
        if match := _DECIMALS.fullmatch(text):
            rows[len(match[2] or "")] += number
    total = rows.total()
    enough = (d for d in sorted(rows) if sum(n for k, n in rows.items() if k <= d) >= HOLDING_SHARE * subject.seen)
    most = next(enough, None)
    if most is None or max(rows) < most + _TOO_MANY_DECIMALS:
        return
    holding = sum(number for decimals, number in rows.items() if decimals <= most)
    yield subject.rule(
        f"has at most {counted(most, 'decimal')}",
        "decimal_precision",
        {"max_digits": _ANY_DIGITS, "max_decimals": most},
        because=(
            f"{portion(holding, total, 'values')} have no more, the others up to {max(rows)}: they were "
            "computed and not rounded, as the others were."
        ),
        holding=holding,
        tested=subject.seen,
        severity=Severity.LOW,
    )


def observed_date_format(subject: Subject) -> str | None:
    """Return the strptime format in which all frequent values of a text or integer column are days, None where none."""
    if subject.column.kind not in {ColumnKind.TEXT, ColumnKind.INTEGER} or not _is_in_day_range(subject.column):
        return None
    values = _usual(subject)
    formats = {date_format_of(str(as_json(value))) for value in values}
    return formats.pop() if len(values) >= _FEWEST_DAYS and len(formats) == 1 else None


def _is_in_day_range(column: ColumnProfile) -> bool:
    """Return whether the quantiles of numbers lie where days written YYYYMMDD do; they need not be days themselves."""
    quantiles = [as_number(value) for value in (column.quantiles or {}).values()]
    return all(value is not None and _FIRST_DAY <= value <= _LAST_DAY for value in quantiles)


def _usual(subject: Subject) -> list[object]:
    """Return the most frequent values without those that are rare beside the first."""
    tops = subject.values[:_LOOKED_AT]
    most = max((top.count for top in tops), default=0)
    return [top.value for top in tops if 20 * top.count > most]


def _observed(subject: Subject) -> Iterable[Rule]:
    column = subject.column
    if observed_date_format(subject):
        yield from _observed_days(subject)
    elif column.kind is ColumnKind.TEXT and not subject.is_identifier:  # an identifier has a form, not a size
        numeric = [top for top in column.patterns if _is_numeric(str(top.value))]
        holding = sum(top.count for top in numeric)
        if is_supported(holding, subject.given, FORM_SHARE):
            whole = all(set(str(top.value)) <= set("-+9") for top in numeric)
            yield _type(subject, "integer" if whole else "number", holding, "The other values are text")


def _observed_days(subject: Subject) -> Iterable[Rule]:
    if day_format := observed_date_format(subject):
        holding = _dated(subject.column)
        if is_supported(holding, subject.given, FORM_SHARE):
            yield _date(subject, day_format, "The most frequent values are such days", holding)


def _dated(column: ColumnProfile) -> int:
    """Return the rows whose pattern is that of a date; integers have no patterns and are all taken for dates."""
    if not column.patterns:
        return column.present
    return sum(
        top.count for top in column.patterns if str(top.value) in {"99999999", "9999-99-99", "9999/99/99", "9999.99.99"}
    )


def _is_numeric(pattern: str) -> bool:
    digits = pattern.lstrip("+-")
    return bool(digits) and set(digits) <= set("9.") and digits.count(".") <= 1 and "9" in digits


def _date(subject: Subject, day_format: str, because: str, holding: int) -> Rule:
    written = _WRITTEN.get(day_format, day_format)
    return subject.rule(
        f"is a day written {written}",
        "date_format",
        {"format": day_format},
        because=f"{because}. {_readable(subject, holding)}.",
        holding=holding,
        tested=subject.given,
    )


def _type(subject: Subject, type_name: str, holding: int, because: str) -> Rule:
    return subject.rule(
        f"reads as {'an' if type_name == 'integer' else 'a'} {type_name}",
        "has_type",
        {"type": type_name},
        because=f"{_readable(subject, holding)}. {because}.",
        holding=holding,
        tested=subject.given,
    )


def _digits(subject: Subject, max_digits: int, max_decimals: int) -> Rule:
    column = subject.column
    if max_decimals:
        name = f"has at most {counted(max_digits, 'digit')} before the point and {max_decimals} after it"
    else:
        name = f"is a whole number of at most {counted(max_digits, 'digit')}"
    return subject.rule(
        name,
        "decimal_precision",
        {"max_digits": max_digits, "max_decimals": max_decimals},
        because=(
            f"Declared as {subject.attribute.format_code}. {_readable(subject, column.present)}, "
            f"from {subject.quote(column.minimum)} to {subject.quote(column.maximum)}."
        ),
        holding=column.present,
        tested=subject.given,
    )


def _length(subject: Subject, max_length: int) -> Rule:
    column = subject.column
    seen = (
        f"Lengths go from {column.shortest} to {counted(column.longest, 'character')} in "
        f"{counted(subject.given, 'value')}"
        if column.longest is not None
        else "No value was seen"
    )
    too_long = 1 if column.longest is not None and column.longest > max_length else 0
    return subject.rule(
        f"has at most {counted(max_length, 'character')}",
        "str_length",
        {"max_value": max_length},
        because=f"Declared as {subject.attribute.format_code}. {seen}.",
        holding=max(0, subject.given - too_long),
        tested=subject.given,
    )


def _readable(subject: Subject, holding: int) -> str:
    return f"{portion(holding, subject.given, 'values')} read so"
