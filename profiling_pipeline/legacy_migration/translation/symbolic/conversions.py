"""Values as Python writes them, reads them as numbers or takes them for true."""

import math
from dataclasses import replace

from profiling_pipeline.legacy_migration.translation.model import NotRecognisedError, StopsError
from profiling_pipeline.legacy_migration.translation.symbolic.cells import (
    Cell,
    Choice,
    Constant,
    Match,
    Moment,
    Number,
    Part,
    Text,
    Truth,
    each_case,
)
from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    EVERY_ROW,
    NO_ROW,
    Condition,
    Missing,
    both,
    either,
    negated,
)
from profiling_pipeline.legacy_migration.translation.symbolic.expressions import compared_with


def as_text(cell: Cell) -> Cell:
    """Return a value as Python writes it; a missing one has been replaced before."""
    match cell:
        case Choice():
            return each_case(cell, as_text)
        case Constant(value):
            return Constant(str(value))
        case Text() | Part():
            return cell
        case Number():
            return _number_text(cell)
        case Truth():
            return Choice(((cell.true, Constant("True")), (negated(cell.true), Constant("False"))))
        case Moment():
            return Text(cell.text or f"CAST({cell.sql} AS VARCHAR)", cell.missing, cell.needs)
    raise NotRecognisedError("it writes something as text that is not known here")


def _number_text(cell: Number) -> Text:
    if not cell.is_float:
        return Text(f"CAST({cell.sql} AS VARCHAR)", cell.missing, cell.needs, cell)
    if cell.is_whole:
        return Text(f"CONCAT(CAST({cell.sql} AS VARCHAR), '.0')", cell.missing, cell.needs, cell)
    binary = f"CAST(CAST({cell.sql} AS DOUBLE) AS VARCHAR)"
    sql = f"CASE WHEN {cell.sql} = FLOOR({cell.sql}) THEN CONCAT({binary}, '.0') ELSE {binary} END"
    return Text(sql, cell.missing, cell.needs, cell)


def as_number(cell: Cell) -> tuple[Cell, Condition]:
    """Return a value as a binary number, and where that stops because it is none."""
    match cell:
        case Choice():
            cases = [(condition, *as_number(each)) for condition, each in cell.cases]
            fails = either(*(both(condition, stops) for condition, _, stops in cases))
            return Choice(tuple((condition, number) for condition, number, _ in cases)), fails
        case Constant(value=bool() | int() | float() as value):
            return Constant(float(value)), NO_ROW
        case Constant(value=str() as value):
            try:
                number = float(value)
            except ValueError:
                return Constant(None), EVERY_ROW
            return Constant(None if math.isnan(number) else number), NO_ROW
        case Constant(value=None):
            return cell, NO_ROW
        case Number():
            return replace(cell, is_float=True, is_whole=cell.is_whole or not cell.is_float), NO_ROW
        case Text(of=Number() as number):
            whole = number.is_whole or not number.is_float
            return replace(number, missing=cell.missing, is_float=True, is_whole=whole), NO_ROW
        case Text():
            sql = f"TRY_CAST({cell.sql} AS DOUBLE)"
            is_none = Missing(sql)
            return Number(sql, is_none, frozenset({sql}), is_float=True), both(negated(cell.missing), is_none)
        case Truth():
            return Choice(((cell.true, Constant(1.0)), (negated(cell.true), Constant(0.0)))), NO_ROW
    raise StopsError("it reads something as a number that can be none")


def truthiness(cell: Cell) -> Condition:
    """Return where Python takes a value for true: also where it is NaN."""
    match cell:
        case Truth(true):
            return true
        case Match(found):
            return found
        case Constant(value):
            return EVERY_ROW if value else NO_ROW
        case Choice(cases):
            return either(*(both(condition, truthiness(each)) for condition, each in cases))
        case Number():
            return either(cell.missing, compared_with(cell, "!=", "0"))
        case Text():
            return both(negated(cell.missing), compared_with(cell, "!=", "''"))
    raise NotRecognisedError("it takes something for true or false that is neither")
