"""Every function and operator, on values at the ends of their types, means what the same SQL means to DuckDB."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiling_pipeline.rules.predicate import compile_predicate
from profiling_pipeline.sources.typed_tables import nan_as_null
from profiling_pipeline_tests.rules.predicate.test_against_duckdb import Said, both, quoted, same

SCHEMA = {
    "f": "double", "g": "double", "i": "bigint", "j": "bigint", "m": "decimal(18, 2)", "w": "decimal(38, 10)",
    "s": "varchar", "u": "varchar", "d": "date", "e": "date", "t": "timestamp", "b": "boolean", "c": "boolean",
    'Odd "name"': "bigint",
}  # fmt: skip
ODD = '"Odd ""name"""'
TEXTS = [
    "", " ", "a", "A", "ab", "Ab%", "a_b", "it's", 'a"b', "a\\b", "\ta\n", "e\u0301", "\u00e9", "\u00c9", "\u1e9e",
    "\u00df", "\u0130", "\u0131", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627",
    "\U0001f926\U0001f3fc\u200d\u2642\ufe0f", "\U00020000", "\ufeffa", "a\u200bb", "a\0b", "\U0010ffff", "NULL",
    "null", "TRUE", "-12.50", "1e3", "2024-02-29", "2024-02-30", "x" * 300,
]  # fmt: skip
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e308, -1e308, 5e-324, 1e15, 2.0**53, float("inf"), float("-inf"), float("nan")]
INTEGERS = [0, 1, -1, 7, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
DATES = [
    date(1, 1, 1),
    date(1582, 10, 15),
    date(1900, 2, 28),
    date(2024, 2, 29),
    date(2024, 12, 31),
    date(9999, 11, 30),
]
DECIMALS = [
    Decimal(0),
    Decimal("0.01"),
    Decimal("-2.50"),
    Decimal("9999999999999999.99"),
    Decimal("-9999999999999999.99"),
]
WIDE = [Decimal(0), Decimal("1e-10"), Decimal("9" * 28 + "." + "9" * 10), Decimal("-" + "9" * 28 + "." + "9" * 10)]


def values(options: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(options)


ROWS = st.lists(
    st.tuples(
        values(FLOATS), values(FLOATS), values(INTEGERS), values(INTEGERS), values(DECIMALS), values(WIDE),
        values(TEXTS), values(TEXTS), values(DATES), values(DATES),
        values([datetime(1, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 999999), datetime(9999, 11, 30, 12)]),
        st.none() | st.booleans(), st.none() | st.booleans(), values(INTEGERS),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip

real = st.sampled_from([same("f"), same("g"), same("1e308"), same("-0.5")]).map(
    lambda each: Said(each.ours, f"({each.sql})::DOUBLE")
)
whole = st.sampled_from([
    same("i"), same("J"), same(ODD), same("0"), same("7"), same("9223372036854775807"), same("-9223372036854775808"),
])  # fmt: skip
exact = st.sampled_from([same("m"), same("w"), same("M"), same("2.5"), same("-0.01"), same("9999999999999999.99")])
number = st.one_of(
    real,
    whole,
    exact,
    st.builds(lambda a: both("ABS({0})", a), st.just(same("m"))),
    st.builds(
        lambda op, a, b: Said(f"({a.ours} {op} {b.ours})", f"nullif({a.sql} {op} {b.sql}, 'nan'::DOUBLE)"),
        st.sampled_from("+-*"), real, real,
    ),
    st.builds(
        lambda a, b: Said(f"({a.ours} / {b.ours})", f"nullif({a.sql} / nullif({b.sql}, 0), 'nan'::DOUBLE)"), real, real
    ),
    st.sampled_from([
        Said("(i + j)", "(i::HUGEINT + j)"), Said("(i - j)", "(i::HUGEINT - j)"),
        Said("(i * 3)", "(i::HUGEINT * 3)"), Said("- i", "(- i::HUGEINT)"), Said("ABS(i)", "abs(i::HUGEINT)"),
        Said("(i % 7)", "(i % 7)"), Said("(i % 0)", "NULL::BIGINT"),
        Said("(j % NULLIF(i, 0))", "CASE WHEN i <> 0 THEN (j::HUGEINT % i::HUGEINT) END"),
        Said("(m % 3)", "(m % 3)"), Said("SQRT(f)", "CASE WHEN f >= 0 THEN sqrt(f) END"),
        Said("POWER(2, 10)", "1024"), Said("POWER(f, 0)", "CASE WHEN f IS NOT NULL THEN 1 END"), same("ROUND(m, 1)"),
        same("ROUND(m)"), same("CEIL(m)"), same("FLOOR(m)"), same("FLOOR(f)"), same("CEIL(f)"),
        same("GREATEST(i, j)"), same("LEAST(m, 2.5)"), same("GREATEST(f, g)"), same("COALESCE(i, j, 0)"),
        same("NULLIF(i, j)"), same("LENGTH(s)"), same("LENGTH(CONCAT(s, u))"), same("YEAR(d)"), same("MONTH(t)"),
        same("DAY(e)"), same("EXTRACT(QUARTER FROM d)"), same("EXTRACT(HOUR FROM t)"),
        Said("EXTRACT(SECOND FROM t)", "second(t)"), Said("DATE_DIFF('day', d, e)", "date_diff('day', d, e)"),
        Said("DATE_DIFF('month', d, e)", "date_diff('month', d, e)"),
        Said("DATE_DIFF('year', d, t)", "date_diff('year', d, t::DATE)"),
        Said("TRY_CAST(s AS INTEGER)", "CASE WHEN regexp_full_match(trim(s), '[+-]?[0-9]+') THEN s::BIGINT END"),
        Said("CAST(i AS DOUBLE)", "i::DOUBLE"), Said("CAST(b AS INTEGER)", "b::INTEGER"),
        Said("CASE WHEN b THEN i WHEN c THEN 0 END", "CASE WHEN b THEN i WHEN c THEN 0 END"),
    ]),
)  # fmt: skip
text = st.one_of(
    st.sampled_from([same("s"), same("u"), Said("S", "s"), same('"u"')]),
    st.sampled_from([each for each in TEXTS if "\0" not in each]).map(lambda each: same(quoted(each))),
    st.builds(lambda name, a: both(name + "({0})", a), st.sampled_from(["UPPER", "LOWER"]), st.just(same("s"))),
    st.builds(
        lambda name, count: same(f"{name}(s, {count})"), st.sampled_from(["LEFT", "RIGHT"]), st.integers(0, 4)
    ),
    st.sampled_from([
        Said("TRIM(s)", "trim(s, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))"), same("SUBSTRING(s, 2)"),
        same("SUBSTRING(s, 1, 1)"), same("REPLACE(s, 'a', '')"), same("REPLACE(s, '', 'x')"), same("COALESCE(s, u)"),
        same("CONCAT(s, NULL, u)"), Said("NULLIF(s, '')", "nullif(s, '')"), Said("CAST(d AS VARCHAR)", "d::VARCHAR"),
    ]),
)  # fmt: skip
day = st.sampled_from([
    same("d"), same("E"), same("DATE '0001-01-01'"), same("DATE '9999-12-31'"), Said("CAST(t AS DATE)", "t::DATE"),
    Said("d + INTERVAL 1 MONTH", "(d + INTERVAL 1 MONTH)::DATE"), Said("TRY_CAST(s AS DATE)", "try_cast(s AS DATE)"),
    Said("e + INTERVAL '2' WEEKS", "(e + INTERVAL 14 DAY)::DATE"),
    Said("DATE '2024-01-31' + INTERVAL '1 quarter'", "(DATE '2024-01-31' + INTERVAL 3 MONTH)::DATE"),
])  # fmt: skip
moment = st.sampled_from([
    same("t"), same("TIMESTAMP '2024-02-29 23:59:59'"), Said("t + INTERVAL 90 MINUTES", "t + INTERVAL 90 MINUTE"),
    Said("d + INTERVAL 1 SECOND", "d + INTERVAL 1 SECOND"), Said("t + INTERVAL 3 HOUR", "t + INTERVAL 3 HOUR"),
])  # fmt: skip
compare = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def compared(a: Said, op: str, b: Said) -> Said:
    return both("({0} " + op + " {1})", a, b)


like = st.builds(
    lambda a, op, pattern: both("({0} " + op + " " + quoted(pattern) + ")", a),
    text,
    st.sampled_from(["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"]),
    st.sampled_from(["%", "_", "", "a%", "%B", "\u00c9%", "_\u0301", "%\\%", "%_%_%", "\U0001f926%"]),
)
atom = st.one_of(
    st.builds(compared, st.one_of(real, whole), compare, st.one_of(real, whole)),
    st.builds(compared, st.one_of(whole, exact), compare, st.one_of(whole, exact)),
    st.builds(compared, number, compare, st.sampled_from([same("0"), same("1"), same("m"), same("f")])),
    st.builds(compared, text, compare, text),
    st.builds(compared, day, compare, day),
    st.builds(compared, moment, compare, st.one_of(moment, day)),
    like,
    st.builds(
        lambda a, pattern: Said(f"REGEXP_LIKE({a.ours}, '{pattern}')", f"regexp_matches({a.sql}, '{pattern}')"),
        text,
        st.sampled_from(["^a", "b$", r"\d", "^.$", "[A-Z]", "^$", r"\x{1F926}", "(?i)AB"]),
    ),
    st.builds(lambda a: both("({0} IN ('a', '\u00e9', '', 'it''s'))", a), text),
    st.builds(lambda a: both("({0} NOT IN (0, 7, 9223372036854775807, NULL))", a), whole),
    st.builds(lambda a: both("({0} IN ('2024-02-29', DATE '0001-01-01'))", a), day),
    st.builds(lambda a, low, high: both("({0} NOT BETWEEN {1} AND {2})", a, low, high), exact, exact, exact),
    st.builds(lambda a, low, high: both("({0} BETWEEN {1} AND {2})", a, low, high), text, text, text),
    st.builds(lambda a: both("({0} IS NULL)", a), st.one_of(number, text, day)),
    st.sampled_from([same("b"), same("(b = c)"), same("(b <> TRUE)"), same("COALESCE(b, c)"), same("(NULL = b)")]),
)
condition = st.recursive(
    atom,
    lambda inner: st.one_of(
        st.builds(lambda op, a, b: both("({0} " + op + " {1})", a, b), st.sampled_from(["AND", "OR"]), inner, inner),
        st.builds(lambda a: both("(NOT {0})", a), inner),
        st.builds(
            lambda a, b, c: Said(
                f"({a.ours} IMPLIES {b.ours} IMPLIES {c.ours})", f"(NOT {a.sql} OR (NOT {b.sql} OR {c.sql}))"
            ),
            inner, inner, inner,
        ),
        st.builds(lambda a, b, c: both("CASE WHEN {0} THEN {1} ELSE {2} END", a, b, c), inner, inner, inner),
    ),
    max_leaves=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def stored() -> Iterator[ir.Table]:
    connection = ibis.duckdb.connect()
    columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" {kind}' for name, kind in SCHEMA.items())
    connection.con.execute(f"CREATE TABLE stored (id integer, {columns})")
    connection.con.execute(
        "CREATE VIEW seen AS SELECT * REPLACE (CASE WHEN isnan(f) THEN NULL ELSE f END AS f, "
        "CASE WHEN isnan(g) THEN NULL ELSE g END AS g) FROM stored"
    )
    yield connection.table("stored")
    connection.disconnect()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rows=ROWS, conditions=st.lists(condition, min_size=4, max_size=16))
def test_extreme_values(stored: ir.Table, rows: list[tuple[Any, ...]], conditions: list[Said]) -> None:
    connection = stored.get_backend().con
    connection.execute("DELETE FROM stored")
    marks = ", ".join(["?"] * (len(SCHEMA) + 1))
    for number, row in enumerate(rows):
        connection.execute(f"INSERT INTO stored VALUES ({marks})", [number, *row])
    table = stored.select(**{name: nan_as_null(stored[name]) for name in stored.columns})
    ours = {
        f"c{number}": compile_predicate(f"({each.ours}) AND (b OR TRUE)", table, tuple(SCHEMA))
        for number, each in enumerate(conditions)
    }
    found = connection.execute(ibis.to_sql(table.select("id", **ours).order_by("id"), dialect="duckdb")).fetchall()
    for number, each in enumerate(conditions):
        try:
            wanted = connection.execute(f"SELECT {each.sql} FROM seen ORDER BY id").fetchall()
        except duckdb.OutOfRangeException:
            continue  # DuckDB's own arithmetic overflows where the language's does not
        assert [row[number + 1] for row in found] == [value for (value,) in wanted], each.ours
