"""Checks that a value's text is written in a known format, as a whole."""

from typing import Annotated, ClassVar, Literal

import ibis.expr.types as ir
from pydantic import AfterValidator, Field

from profiling_pipeline.plurals import counted
from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.portable import reading
from profiling_pipeline.rules.portable.reading import reads_as
from profiling_pipeline.rules.portable.text import engine_of, is_json
from profiling_pipeline.rules.rule import Dimension

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PATTERNS_OF_TYPES = {
    "integer": reading.INTEGER,
    "number": reading.NUMBER,
    "date": f"{reading.ISO_DATE}|{reading.BASIC_DATE}",
    "datetime": f"{reading.ISO_DATETIME}{reading.ZONE}",
    "boolean": reading.BOOLEAN,
    "uuid": reading.UUID,
}


class _FormatCheck(RowCheck):
    dimension: ClassVar = Dimension.VALIDITY
    reads_text: ClassVar = True
    judges_value_alone: ClassVar = True


class HasType(_FormatCheck):
    """Every value reads as a type, without any white space around it.

    Dates are `2024-02-29` or `20240229`, times `2024-02-29 13:45` with optional seconds, fraction and zone (`T` may
    stand for the space), truth is true, false, t, f, yes, no, y, n, 1 or 0 in any case.
    """

    name: ClassVar[str] = "has_type"
    example: ClassVar = {"type": "integer"}
    type: Literal["integer", "number", "date", "datetime", "boolean", "uuid", "json"] = Field(description="The type.")

    def sentence(self, column: str) -> str:
        return f"{column} reads as {self.type}."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        if self.type == "json":
            return is_json(value, engine_of(table))
        return reads_as(value, _PATTERNS_OF_TYPES[self.type], engine_of(table))


def _with_known_directives(date_format: str) -> str:
    reading.date_pattern(date_format)
    return date_format


class DateFormat(_FormatCheck):
    """Every value is a real date or time in a strptime format, each part in its full width."""

    name: ClassVar[str] = "date_format"
    example: ClassVar = {"format": "%Y%m%d"}
    format: Annotated[str, AfterValidator(_with_known_directives)] = Field(
        max_length=50, description=f"strptime text with {' '.join(reading.DIRECTIVES)}."
    )

    def sentence(self, column: str) -> str:
        return f"{column} is a date in the format {self.format}."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return reads_as(value, reading.date_pattern(self.format), engine_of(table))


class DecimalPrecision(_FormatCheck):
    """Every value is a number without exponent that needs at most so many digits.

    Zeros before the first digit and after the last decimal need none.
    """

    name: ClassVar[str] = "decimal_precision"
    example: ClassVar = {"max_digits": 10, "max_decimals": 2}
    max_digits: int = Field(ge=0, le=100, description="Digits before the point.")
    max_decimals: int = Field(ge=0, le=100, description="Digits after the point.")

    def sentence(self, column: str) -> str:
        return (
            f"{column} has at most {counted(self.max_digits, 'digit')} before and {self.max_decimals} after the point."
        )

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        whole, decimals = f"0*[0-9]{{0,{self.max_digits}}}", f"[0-9]{{0,{self.max_decimals}}}0*"
        written = reads_as(value, r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", engine_of(table))
        return written & reads_as(value, rf"[+-]?{whole}(?:\.{decimals})?", engine_of(table))


class _PatternCheck(_FormatCheck):
    """A format that one pattern describes."""

    pattern: ClassVar[str]
    format_name: ClassVar[str]

    def sentence(self, column: str) -> str:
        return f"{column} is {self.format_name}."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return reads_as(value, self.pattern, engine_of(table))


class IsEmail(_PatternCheck):
    """Every value is an e-mail address, as browsers check it, with a dot in its domain."""

    name: ClassVar[str] = "is_email"
    format_name: ClassVar = "an e-mail address"
    pattern: ClassVar = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+"


class IsUrl(_PatternCheck):
    """Every value is an http or https address."""

    name: ClassVar[str] = "is_url"
    format_name: ClassVar = "an http or https address"
    pattern: ClassVar = rf"[Hh][Tt][Tt][Pp][Ss]?://{_LABEL}(?:\.{_LABEL})*\.?(?::[0-9]{{1,5}})?(?:[/?#][^\s]*)?"


class IsUuid(_PatternCheck):
    """Every value is a UUID with its four hyphens."""

    name: ClassVar[str] = "is_uuid"
    format_name: ClassVar = "a UUID"
    pattern: ClassVar = reading.UUID


class IsIpv4(_PatternCheck):
    """Every value is an IPv4 address."""

    name: ClassVar[str] = "is_ipv4"
    format_name: ClassVar = "an IPv4 address"
    pattern: ClassVar = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
