"""Checks of identifiers that carry check digits."""

from functools import reduce
from operator import add
from string import ascii_uppercase, digits
from typing import ClassVar

import ibis
import ibis.expr.types as ir

from profiling_pipeline.rules.checks.base import RowCheck
from profiling_pipeline.rules.portable.reading import reads_as
from profiling_pipeline.rules.portable.text import engine_of
from profiling_pipeline.rules.rule import Dimension

_LONGEST_LUHN = 19
_DOUBLED = "0516273849"  # a digit stands where the digit sum of its double is counted
_CHUNK = 8  # digits that are divided at a time
_LONGEST_IBAN = 34


class _IdentifierCheck(RowCheck):
    dimension: ClassVar = Dimension.VALIDITY
    reads_text: ClassVar = True
    pattern: ClassVar[str]

    def holds(self, value: ir.StringColumn, table: ir.Table) -> ir.BooleanValue:
        written = reads_as(value, self.pattern, engine_of(table))
        return written & self._adds_up(ibis.ifelse(written, value, ibis.null("string"))).coalesce(False)

    def _adds_up(self, text: ir.StringValue) -> ir.BooleanValue:
        """Return where the check digits are right; `text` is null where the pattern is not met."""
        raise NotImplementedError


class Luhn(_IdentifierCheck):
    """Every value is of digits (2 to 19) of which the last is right by Luhn's formula, as in card numbers."""

    name: ClassVar[str] = "luhn"
    pattern: ClassVar = f"[0-9]{{2,{_LONGEST_LUHN}}}"

    def sentence(self, column: str) -> str:
        return f"{column} has a right check digit (Luhn)."

    def _adds_up(self, text: ir.StringValue) -> ir.BooleanValue:
        padded = text.lpad(_LONGEST_LUHN, "0")
        counts = (
            ibis.literal(digits if place % 2 == 0 else _DOUBLED).find(padded.substr(_LONGEST_LUHN - 1 - place, 1))
            for place in range(_LONGEST_LUHN)
        )
        return reduce(add, counts) % 10 == 0


class Iban(_IdentifierCheck):
    """Every value is an IBAN without spaces whose check digits are right; lengths of countries are not looked at."""

    name: ClassVar[str] = "iban"
    pattern: ClassVar = f"[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{11,{_LONGEST_IBAN - 4}}}"

    def sentence(self, column: str) -> str:
        return f"{column} is an IBAN with right check digits."

    def _adds_up(self, text: ir.StringValue) -> ir.BooleanValue:
        return _remainder_of_97(text.substr(4) + text.substr(0, 4)) == 1


class Lei(_IdentifierCheck):
    """Every value is a legal entity identifier (ISO 17442) whose check digits are right."""

    name: ClassVar[str] = "lei"
    pattern: ClassVar = "[A-Z0-9]{18}[0-9]{2}"

    def sentence(self, column: str) -> str:
        return f"{column} is a legal entity identifier with right check digits."

    def _adds_up(self, text: ir.StringValue) -> ir.BooleanValue:
        return _remainder_of_97(text) == 1


def _remainder_of_97(text: ir.StringValue) -> ir.IntegerValue:
    """Return the number that a text stands for (A is 10, Z is 35) modulo 97."""
    for value, letter in enumerate(ascii_uppercase, start=10):
        text = text.replace(letter, str(value))
    length = -(-2 * _LONGEST_IBAN // _CHUNK) * _CHUNK
    padded = text.lpad(length, "0")
    chunks = (
        padded.substr(start, _CHUNK).cast("int64") * pow(10, length - start - _CHUNK, 97)
        for start in range(0, length, _CHUNK)
    )
    return reduce(add, chunks) % 97
