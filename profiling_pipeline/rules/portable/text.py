"""Expressions that mean the same on every engine, where Ibis alone would compile to different meanings."""

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from profiling_pipeline.rules.portable.patterns import pattern_for


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis is untyped
def convert_to(text: str, encoding: str) -> bytes:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Return the bytes of a text (PostgreSQL)."""


@ibis.udf.scalar.builtin(name="substr")  # type: ignore[untyped-decorator]  # Ibis is untyped
def substring(text: str, start: int, length: int) -> str:  # type: ignore[empty-body]  # as above
    """Return characters of a text; the first one is 1. Ibis's own `substr` writes the text twice."""


@ibis.udf.scalar.builtin(name="lpad")  # type: ignore[untyped-decorator]  # Ibis is untyped
def pad_left(text: str, length: int, padding: str) -> str:  # type: ignore[empty-body]  # as above
    """Return a text filled from the left, or cut, to a length."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis is untyped
def json_valid(text: str) -> bool:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Return whether a text is JSON (DuckDB)."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis is untyped
def pg_input_is_valid(text: str, type_name: str) -> bool:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Return whether a text reads as a type (PostgreSQL)."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis is untyped
def get_json_object(text: str, path: str) -> str:  # type: ignore[empty-body]  # Ibis takes the name and types only
    """Return what lies at a path of a JSON text (Spark)."""


_JSON_STRING = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_LAST = "the last value"


def is_json(text: ir.StringValue, engine: str) -> ir.BooleanValue:
    """Return where `text` is JSON, and nothing else besides."""
    if engine == "postgres":
        return pg_input_is_valid(text, "json")
    bare = text.re_replace(_JSON_STRING, "0")
    if engine != "pyspark":
        return json_valid(text) & ~bare.lower().re_search("nan|inf")  # DuckDB takes NaN for a number
    # Spark reads no further than it must, and takes single quotes: so it has to find what stands behind the text.
    found = get_json_object(ibis.literal("[") + text + f',"{_LAST}"]', "$[1]") == _LAST
    return ibis.ifelse(text.isnull(), ibis.null("boolean"), found.coalesce(False) & ~bare.re_search("[\"']"))


def engine_of(table: ir.Table) -> str:
    """Return the name of the Ibis backend that a table belongs to.

    Every rule asks, and `get_backend` looks through all values of all columns: here only through the tables.
    """
    for found in table.op().find((ops.DatabaseTable, ops.SQLQueryResult), filter=ops.Relation):
        return str(found.source.name)
    return str(table.get_backend().name)


def sortable(value: ir.Value, engine: str) -> ir.Value:
    """Return `value` in a form that `<` orders alike everywhere: text by code points, not by a database's collation."""
    return convert_to(value, "UTF8") if engine == "postgres" and value.type().is_string() else value


def matches(text: ir.StringValue, pattern: str, engine: str, *, at_start: bool = False) -> ir.BooleanValue:
    """Return where an RE2 pattern is found in `text`, anywhere or from its first character on."""
    return text.re_search(pattern_for(pattern, engine, at_start=at_start))


def like(text: ir.StringValue, pattern: str, engine: str, *, ignore_case: bool = False) -> ir.BooleanValue:
    r"""Return where `text` is like a pattern in which only `%` and `_` are special (some engines add `\`)."""
    plain = pattern.replace("\\", r"\\") if engine in {"postgres", "pyspark"} else pattern
    return text.ilike(plain) if ignore_case else text.like(plain)
