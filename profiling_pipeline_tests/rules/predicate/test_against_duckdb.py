"""Random predicates mean what the same SQL means to DuckDB, and PostgreSQL agrees."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
from hypothesis import given, reject
from hypothesis import strategies as st

from profiling_pipeline.errors import PredicateError
from profiling_pipeline.rules.predicate import compile_predicate
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, Row, answers, examples


@dataclass(frozen=True)
class Said:
    """The same thing in the predicate language and in DuckDB's SQL."""

    ours: str
    sql: str


def same(text: str) -> Said:
    return Said(text, text)


def both(template: str, *parts: Said) -> Said:
    return Said(template.format(*(part.ours for part in parts)), template.format(*(part.sql for part in parts)))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


NUMBERS = st.sampled_from(["0", "1", "-1", "2.5", "-0.01", "7", ".5", "1e2", "9223372036854775807"])
TEXTS = ["", "a", "ab", "A", "É", "it's", "50%", "a_b", " a ", "\N{GRINNING FACE}"]

# Sums and products of DuckDB's integers overflow, ours do not: its side computes in 38 digits.
plain_number = (
    NUMBERS.map(same)
    | st.sampled_from([Said("i", "i::HUGEINT"), Said("j", "j::HUGEINT"), same("n")])
    | st.sampled_from(["i", "n"]).map(lambda name: Said(name.upper(), f"{name}::DECIMAL(38, 2)"))
)
small_number = st.sampled_from([same("n"), Said("j", "j::DECIMAL(12, 2)"), same("2"), same("0.5"), same("-3")])
number = st.one_of(
    plain_number,
    st.builds(lambda op, a, b: both("({0} " + op + " {1})", a, b), st.sampled_from("+-*"), small_number, small_number),
    st.builds(
        lambda a, b: Said(f"({a.ours} / {b.ours})", f"(CAST({a.sql} AS DOUBLE) / NULLIF(CAST({b.sql} AS DOUBLE), 0))"),
        small_number,
        small_number,
    ),
    st.builds(lambda a: both("ABS({0})", a), small_number),
    st.builds(lambda a: both("(- {0})", a), small_number),
    st.builds(lambda a: both("FLOOR({0})", a), small_number),
    st.builds(lambda a: both("CEIL({0})", a), small_number),
    st.builds(lambda a: both("ROUND({0}, 1)", a), small_number),
    st.builds(lambda a, b: both("COALESCE({0}, {1})", a, b), small_number, small_number),
    st.builds(lambda a, b: both("NULLIF({0}, {1})", a, b), small_number, small_number),
    st.builds(lambda a, b: both("GREATEST({0}, {1})", a, b), small_number, small_number),
    st.builds(lambda a: both("LENGTH({0})", a), st.sampled_from([same("s"), same("u")])),
    st.builds(lambda a: both("YEAR({0})", a), st.sampled_from([same("d"), same("e")])),
    st.sampled_from([Said("DATE_DIFF('day', d, e)", "(e - d)"), Said("e - d", "(e - d)")]),
)
text = st.one_of(
    st.sampled_from(TEXTS).map(lambda value: same(quoted(value))),
    st.sampled_from([same("s"), same('"u"'), Said("S", "s")]),
    st.builds(lambda a: both("UPPER({0})", a), st.sampled_from([same("s"), same("u")])),
    st.builds(lambda a: both("SUBSTRING({0}, 2, 1)", a), st.sampled_from([same("s"), same("u")])),
    st.sampled_from([same("LEFT(s, 1)"), same("RIGHT(s, 2)"), same("REPLACE(s, 'a', 'b')"), same("CONCAT(s, u)")]),
)
day = st.sampled_from([
    same("d"), same("e"), same("DATE '2024-02-29'"), Said("d + INTERVAL 1 MONTH", "(d + INTERVAL 1 MONTH)::DATE"),
])  # fmt: skip
comparison = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def compared(a: Said, op: str, b: Said) -> Said:
    return both("{0} " + op + " {1}", a, b)


atom = st.one_of(
    st.builds(compared, number, comparison, number),
    st.builds(compared, text, comparison, text),
    st.builds(compared, day, comparison, day),
    st.sampled_from([same("b"), same("TRUE"), same("b IS NULL"), same("n IS NOT NULL"), same("b = FALSE")]),
    st.builds(lambda a, low, high: both("{0} BETWEEN {1} AND {2}", a, low, high), number, number, number),
    st.builds(lambda a, low, high: both("{0} NOT BETWEEN {1} AND {2}", a, low, high), text, text, text),
    st.builds(lambda a, b, c: both("{0} IN ({1}, {2})", a, b, c), plain_number, NUMBERS.map(same), NUMBERS.map(same)),
    st.builds(lambda a, b: both("{0} NOT IN ({1}, NULL)", a, b), plain_number, NUMBERS.map(same)),
    st.builds(
        lambda a, op, pattern: both("{0} " + op + " " + quoted(pattern), a),
        text,
        st.sampled_from(["LIKE", "NOT LIKE", "ILIKE"]),
        st.sampled_from(["a%", "%b", "_", "", "%%", "É", "50%"]),
    ),
)
condition = st.recursive(
    atom,
    lambda inner: st.one_of(
        st.builds(lambda a, op, b: both("({0}) " + op + " ({1})", a, b), inner, st.sampled_from(["AND", "OR"]), inner),
        st.builds(lambda a, op, b: both("{0} " + op + " {1}", a, b), atom, st.sampled_from(["AND", "OR"]), atom),
        st.builds(lambda a: both("NOT ({0})", a), inner),
        st.builds(lambda a: both("NOT {0}", a), atom),
        st.builds(lambda a, b: Said(f"({a.ours}) IMPLIES ({b.ours})", f"NOT ({a.sql}) OR ({b.sql})"), inner, inner),
        st.builds(lambda a, b, c: both("CASE WHEN {0} THEN ({1}) ELSE ({2}) END", a, b, c), inner, inner, inner),
        st.builds(lambda a, b: both("COALESCE({0}, {1})", a, b), inner, inner),
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries({
        "i": st.none() | st.sampled_from([0, 1, 7, 2**63 - 1, -(2**63)]),
        "j": st.none() | st.integers(-3, 3) | st.just(2**31 - 1),
        "n": st.none() | st.sampled_from([Decimal(0), Decimal("2.50"), Decimal("-0.01"), Decimal("9999999999.99")]),
        "s": st.none() | st.sampled_from(TEXTS),
        "u": st.none() | st.sampled_from(TEXTS),
        "d": st.none() | st.dates(date(1, 1, 1), date(9999, 11, 30)),
        "e": st.none() | st.sampled_from([date(2024, 1, 31), date(2024, 2, 29)]),
        "b": st.none() | st.booleans(),
    }),
    min_size=1,
    max_size=8,
)  # fmt: skip


@given(rows=ROWS, conditions=st.lists(condition, min_size=1, max_size=8))
@examples
def test_predicates(engines: Engines, rows: list[Row], conditions: list[Said]) -> None:
    engines.fill(rows)
    said = [both("{0} AND (b OR TRUE)", Said(f"({each.ours})", f"({each.sql})")) for each in conditions]
    selected = ", ".join(f"({each.sql}) AS c{number}" for number, each in enumerate(said))
    try:
        wanted = list(zip(*engines.fetch("duckdb", f"SELECT {selected} FROM rows ORDER BY id"), strict=True))
    except duckdb.OutOfRangeException:
        reject()  # DuckDB's own decimals overflow earlier than the language's

    for engine, table in engines.tables.items():
        try:
            compiled = [compile_predicate(each.ours, table, COLUMNS) for each in said]
        except PredicateError:
            reject()  # decimals too wide for a common type are refused
        for each, found, expected in zip(said, answers(engines, engine, compiled), wanted, strict=True):
            assert tuple(found) == expected, f"{engine}: {each.ours}"
