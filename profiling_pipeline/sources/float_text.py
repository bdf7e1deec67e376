"""Values as text: binary numbers alike on every engine."""

import ibis.expr.types as ir

_DECIMALS = "decimal(38, 21)"  # holds the digits of all numbers that are written without an exponent
_LEAST, _BOUND = 1e-4, 1e16  # from the one and below the other, numbers are written without an exponent


def value_text(value: ir.Value, engine: str) -> ir.StringValue:
    """Return values of any type as text."""
    return float_text(value, engine) if value.type().is_floating() else value.cast("string")


def float_text(value: ir.FloatingValue, engine: str) -> ir.StringValue:
    """Return numbers as PostgreSQL and DuckDB write them, but whole ones without a point: `1`, `0.5`, `1e+20`.

    Java, and so Spark, writes an exponent for others: `1.0E7`.
    """
    text = value.cast("string")
    if engine != "pyspark":
        return text.re_replace(r"\.0$", "")
    has_exponent = text.contains("E")
    size = value.abs()
    is_plain = (size >= _LEAST) & (size < _BOUND)
    plain = has_exponent.ifelse(text, "0").try_cast(_DECIMALS).cast("string").re_replace(r"\.?0+$", "")
    scientific = (
        text.re_replace(r"(\.0)?E", "e").re_replace(r"e([0-9])", "e+$1").re_replace(r"e([+-])([0-9])$", "e$10$2")
    )
    return has_exponent.ifelse(is_plain.ifelse(plain, scientific), text.re_replace(r"\.0$", ""))
