"""Checks of identifiers that carry check digits."""

from functools import reduce
from operator import add
from string import ascii_uppercase, digits
from typing import ClassVar

import ibis
import ibis.expr.types as ir

from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.portable.reading import reads_as
from profiling_pipeline.rules.portable.text import engine_of, pad_left, substring
from profiling_pipeline.rules.rule import Dimension

_LONGEST_LUHN = 19
_DOUBLED = "0516273849"  # a digit stands where the digit sum of its double is counted
_LONGEST_IBAN = 34
_HALF = 34  # of the digits that an IBAN of letters turns into


class _IdentifierCheck(RowCheck):
    """An identifier of a pattern, with check digits."""

    dimension: ClassVar = Dimension.VALIDITY
    reads_text: ClassVar = True
    judges_value_alone: ClassVar = True


class Luhn(_IdentifierCheck):
    """Every value is of digits (2 to 19) of which the last is right by Luhn's formula, as in card numbers."""

    name: ClassVar[str] = "luhn"

    def sentence(self, column: str) -> str:
        return f"{column} has a right check digit (Luhn)."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        padded = pad_left(value, _LONGEST_LUHN, "0")
        counts = (
            ibis.literal(digits if place % 2 == 0 else _DOUBLED).find(substring(padded, _LONGEST_LUHN - place, 1))
            for place in range(_LONGEST_LUHN)
        )
        return reads_as(value, f"[0-9]{{2,{_LONGEST_LUHN}}}", engine_of(table)) & (reduce(add, counts) % 10 == 0)


class Iban(_IdentifierCheck):
    """Every value is an IBAN without spaces whose check digits are right; lengths of countries are not looked at."""

    name: ClassVar[str] = "iban"

    def sentence(self, column: str) -> str:
        return f"{column} is an IBAN with right check digits."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        written = reads_as(value, f"[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{11,{_LONGEST_IBAN - 4}}}", engine_of(table))
        return _leaves_one(written, substring(value, 5, _LONGEST_IBAN) + substring(value, 1, 4))


class Lei(_IdentifierCheck):
    """Every value is a legal entity identifier (ISO 17442) whose check digits are right."""

    name: ClassVar[str] = "lei"

    def sentence(self, column: str) -> str:
        return f"{column} is a legal entity identifier with right check digits."

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        return _leaves_one(reads_as(value, "[A-Z0-9]{18}[0-9]{2}", engine_of(table)), value)


def _leaves_one(written: ir.BooleanValue, text: ir.StringValue) -> ir.BooleanValue:
    """Return where `written` holds and the number that a text stands for (A is 10, Z is 35) leaves 1 modulo 97."""
    number = ibis.ifelse(written, text, ibis.null("string"))
    for value, letter in enumerate(ascii_uppercase, start=10):
        number = number.replace(letter, str(value))
    padded = pad_left(number, 2 * _HALF, "0")
    high, low = (substring(padded, start, _HALF).cast("decimal(38, 0)") % 97 for start in (1, _HALF + 1))
    remainder = (high * pow(10, _HALF, 97) + low) % 97
    return written & (remainder == 1).coalesce(True)
