"""Arithmetic that gives the same figures on every engine, and null instead of an error.

Whole and decimal numbers are exact as long as 38 digits hold the result; beyond, and wherever a binary number takes
part, results are binary numbers of 64 bits. Division always is binary. One difference remains: where a binary result
is too large for 64 bits, DuckDB says infinity and PostgreSQL stops, so that the rule ends in an error there.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

MOST_DIGITS = 38
_FAST_DIGITS = 18  # up to here DuckDB computes in 64 bits, and keeps to them even where a result needs more
_INTEGER_DIGITS = {1: 3, 2: 5, 4: 10, 8: 19}
_EXACT_FLOATS = 1e15  # above, a binary number has no decimals worth rounding
_NAN = ibis.literal(float("nan"), "float64")
_LARGEST_EXPONENT = 700.0  # e to this power still is a binary number


@ibis.udf.scalar.builtin(name="floor")  # type: ignore[untyped-decorator]  # Ibis is untyped
def _floor(value: float) -> float:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Round down, without turning the result into an integer that may overflow."""


@ibis.udf.scalar.builtin(name="ceil")  # type: ignore[untyped-decorator]  # Ibis is untyped
def _ceil(value: float) -> float:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Round up."""


@ibis.udf.scalar.builtin(name="trunc")  # type: ignore[untyped-decorator]  # Ibis is untyped
def _truncate(value: float) -> float:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Round towards zero."""


def as_float(value: ir.NumericValue) -> ir.FloatingValue:
    """Return a number in 64-bit binary."""
    operation = value.op()
    if isinstance(operation, ops.Literal):
        return ibis.literal(float(operation.value), "float64")
    return value.cast("float64")


def alike(values: Sequence[ir.NumericValue]) -> list[ir.NumericValue]:
    """Return numbers of different types in one type that holds them all."""
    types = {value.type() for value in values}
    if len(types) <= 1:
        return list(values)
    if any(dtype.is_floating() for dtype in types):
        return [as_float(value) for value in values]
    if all(dtype.is_integer() for dtype in types):
        return [value.cast("int64") for value in values]
    sizes = [_size(value) for value in values]
    decimals = max(size[1] for size in sizes)
    digits = max(size[0] - size[1] for size in sizes) + decimals
    if digits > MOST_DIGITS:
        return [as_float(value) for value in values]
    return [value.cast(dt.Decimal(digits, decimals)) for value in values]


def comparable(values: Sequence[ir.Value]) -> list[ir.Value]:
    """Return numbers (nulls among them) in types that engines compare without losing a digit where it counts."""
    if any(value.type().is_floating() for value in values):
        return [as_float(value) if value.type().is_numeric() else value for value in values]
    decimals = iter(alike([value for value in values if value.type().is_decimal()]))
    return [next(decimals) if value.type().is_decimal() else value for value in values]


def total(values: ir.NumericColumn, engine: str) -> ir.NumericScalar:
    """Return the sum of all values; that of whole numbers may need more than 64 bits."""
    if values.type().is_floating():
        return as_float(values).sum()
    if not values.type().is_integer():
        return values.sum()
    whole = dt.Decimal(MOST_DIGITS, 0)
    # Spark would add in 64 bits; the others would add decimals more slowly.
    return values.cast(whole).sum() if engine == "pyspark" else values.sum().cast(whole)


def add(left: ir.NumericValue, right: ir.NumericValue) -> ir.NumericValue:
    """Return the sum."""
    exact = _sum_type(left, right)
    if exact is None:
        return _number(_maybe_nan(left) + _maybe_nan(right))
    return (left.cast(exact) + right).cast(exact)


def subtract(left: ir.NumericValue, right: ir.NumericValue) -> ir.NumericValue:
    """Return the difference."""
    exact = _sum_type(left, right)
    if exact is None:
        return _number(_maybe_nan(left) - _maybe_nan(right))
    return (left.cast(exact) - right).cast(exact)


def multiply(left: ir.NumericValue, right: ir.NumericValue) -> ir.NumericValue:
    """Return the product."""
    if _is_unbounded(left, right):
        return left.cast("decimal") * right
    (left_digits, left_decimals), (right_digits, right_decimals) = _size(left), _size(right)
    digits = left_digits + right_digits
    if _has_float(left, right) or digits > MOST_DIGITS:
        return _number(_maybe_nan(left) * _maybe_nan(right))
    if digits > _FAST_DIGITS >= max(left_digits, right_digits):
        left_digits = _FAST_DIGITS + 1
    product = left.cast(dt.Decimal(left_digits, left_decimals)) * right
    return product.cast(dt.Decimal(digits, left_decimals + right_decimals))


def divide(left: ir.NumericValue, right: ir.NumericValue) -> ir.FloatingValue:
    """Return the quotient with its fraction, null for a zero divisor."""
    return _number(_maybe_nan(left) / _maybe_nan(right).nullif(0.0))


def remainder(left: ir.NumericValue, right: ir.NumericValue) -> ir.NumericValue:
    """Return what division towards zero leaves (with the sign of `left`), null for a zero divisor."""
    if _has_float(left, right):
        left, right = _maybe_nan(left), _maybe_nan(right).nullif(0.0)
        return _number(left - right * _truncate(left / right))
    left, right = alike([left, right])
    return left % right.nullif(ibis.literal(0, "int64"))


def negate(value: ir.NumericValue) -> ir.NumericValue:
    """Return the number with the other sign."""
    return -value if value.type().is_floating() else subtract(ibis.literal(0, dt.Decimal(1, 0)), value)


def absolute(value: ir.NumericValue) -> ir.NumericValue:
    """Return the number without its sign."""
    return (value.cast(dt.Decimal(*_size(value))) if value.type().is_integer() else value).abs()


def floor(value: ir.NumericValue) -> ir.NumericValue:
    """Return the largest whole number up to `value`."""
    if value.type().is_floating():
        return _floor(as_float(value))
    return value if value.type().is_integer() else _roomy(value).floor()


def ceil(value: ir.NumericValue) -> ir.NumericValue:
    """Return the smallest whole number from `value` on."""
    if value.type().is_floating():
        return _ceil(as_float(value))
    return value if value.type().is_integer() else _roomy(value).ceil()


def round_half_away(value: ir.NumericValue, decimals: int) -> ir.NumericValue:
    """Return the number with at most so many decimals; a half is rounded away from zero."""
    dtype = value.type()
    if dtype.is_integer() or (dtype.is_decimal() and dtype.scale is not None and dtype.scale <= decimals):
        return value
    if dtype.is_decimal():
        return _roomy(value).round(decimals)
    value = as_float(value)
    factor = ibis.literal(10.0**decimals, "float64")
    rounded = value.sign().cast("float64") * _floor(value.abs() * factor + 0.5) / factor
    return ibis.ifelse(value.abs() < _EXACT_FLOATS, rounded, value)


def square_root(value: ir.NumericValue) -> ir.FloatingValue:
    """Return the square root, null for a negative number."""
    value = as_float(value)
    return ibis.ifelse(value >= 0.0, value, ibis.null("float64")).sqrt()


def power(base: ir.NumericValue, exponent: ir.NumericValue) -> ir.FloatingValue:
    """Return the power, null where it is undefined or larger than a binary number can be."""
    base, exponent = as_float(base), as_float(exponent)
    undefined = ibis.null("float64")
    return ibis.cases(
        (base.isnull() | exponent.isnull(), undefined),
        (exponent == 0.0, 1.0),
        (base == 0.0, ibis.ifelse(exponent > 0.0, 0.0, undefined)),
        ((base < 0.0) & (exponent != _floor(exponent)), undefined),
        (exponent.abs() > _EXACT_FLOATS, undefined),
        ((exponent * base.abs().ln()).abs() > _LARGEST_EXPONENT, undefined),
        else_=base**exponent,
    )


def _number(value: ir.FloatingValue) -> ir.FloatingValue:
    """Return null for what is not a number."""
    return value.nullif(_NAN)


def _maybe_nan(value: ir.NumericValue) -> ir.FloatingValue:
    """Return a number in 64-bit binary; NaN in place of null where it is the result of `_number`.

    For operands this is the same, as either spreads to the result, where `_number` looks once. To DuckDB `nullif` is a
    macro that writes its argument twice: looking at each step would double the query with each.
    """
    operation = value.op()
    if isinstance(operation, ops.NullIf) and operation.null_if_expr is _NAN.op():
        return operation.arg.to_expr()
    return as_float(value)


def _has_float(*values: ir.NumericValue) -> bool:
    return any(value.type().is_floating() for value in values)


def _is_unbounded(*values: ir.NumericValue) -> bool:
    """Return whether all are exact and one is PostgreSQL's `numeric` of any length."""
    types = [value.type() for value in values]
    return not _has_float(*values) and any(dtype.is_decimal() and dtype.precision is None for dtype in types)


def _size(value: ir.NumericValue) -> tuple[int, int]:
    """Return the digits and decimals of an exact number; those of a number of any length are as good as unlimited."""
    dtype = value.type()
    if dtype.is_decimal():
        return (dtype.precision, dtype.scale) if dtype.precision is not None else (MOST_DIGITS, MOST_DIGITS // 2)
    return (_INTEGER_DIGITS[dtype.nbytes] + dtype.is_unsigned_integer(), 0) if dtype.is_integer() else (0, 0)


def _sum_type(left: ir.NumericValue, right: ir.NumericValue) -> dt.Decimal | None:
    """Return the type that holds the sum of two numbers exactly, None where there is none."""
    if _is_unbounded(left, right):
        return dt.Decimal()
    (left_digits, left_decimals), (right_digits, right_decimals) = _size(left), _size(right)
    decimals = max(left_decimals, right_decimals)
    digits = max(left_digits - left_decimals, right_digits - right_decimals) + decimals + 1
    return None if _has_float(left, right) or digits > MOST_DIGITS else dt.Decimal(digits, decimals)


def _roomy(value: ir.DecimalValue) -> ir.DecimalValue:
    """Return a decimal number with room for the digit that rounding up may add."""
    dtype = value.type()
    if dtype.precision is None or dtype.precision >= MOST_DIGITS:
        return value
    return value.cast(dt.Decimal(dtype.precision + 1, dtype.scale))
