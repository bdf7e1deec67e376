"""What predicates mean, on both engines: T true, F false, - null, for each of five rows."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from profiling_pipeline.rules.predicate import compile_predicate
from profiling_pipeline_tests.rules.engines import COLUMNS, Engines, answers

ROWS = [
    {"i": 2**63 - 1, "j": 3, "n": Decimal("10.50"), "f": 2.5, "s": "abc", "u": "x", "d": date(2024, 2, 29),
     "e": date(2024, 1, 31), "t": datetime(2024, 2, 29, 10, 0, 1), "b": True},
    {"i": -(2**63), "j": 0, "n": Decimal("-2.50"), "f": -2.5, "s": "", "u": "", "d": date(2023, 12, 31),
     "e": date(2024, 1, 1), "t": datetime(2023, 12, 31, 23, 59, 59), "b": False},
    {},
    {"i": 0, "j": -7, "n": Decimal("0.00"), "f": float("inf"), "s": "  -12.5 ", "u": "Éa", "d": date(1, 1, 1),
     "e": date(9999, 12, 31), "t": datetime(9999, 12, 31)},
    {"i": 5, "j": 2**31 - 1, "n": Decimal("9999999999.99"), "f": 1e307, "s": "a\\b", "u": "50%",
     "d": date(2024, 1, 31), "e": date(2024, 1, 31), "t": datetime(2024, 1, 31), "b": True},
]  # fmt: skip

MEANINGS = {
    # comparison, text in quotes as dates
    "n >= 10.5": "TF-FT",
    "N = 10.5": "TF-FF",
    '"n" <> 10.50': "FT-TT",
    "i > 9223372036854775806": "TF-FF",
    "n < 1e38": "TT-TT",
    "n < 1e300": "TT-TT",
    "f > 1e300": "FF-TT",
    "s = 'it''s'": "FF-FF",
    "s > 'B'": "TF-FT",
    "'abc' = s": "TF-FF",
    "d > '2024-01-01'": "TF-FT",
    "t >= '2024-01-31'": "TF-TT",
    "t >= TIMESTAMP '2024-01-31 00:00:00'": "TF-TT",
    "d = t": "FF-FT",
    "b = TRUE": "TF--T",
    "b": "TF--T",
    # null
    "n IS NULL": "FFTFF",
    "n IS NOT NULL": "TTFTT",
    "n = NULL": "-----",
    "NOT (n = NULL)": "-----",
    "n = NULL OR n > 0": "T---T",
    "n = NULL AND n > 0": "-F-F-",
    "b IS NULL OR b": "TFTTT",
    "COALESCE(n, 0) = 0": "FFTTF",
    "NULLIF(j, 0) IS NULL": "FTTFF",
    # logic
    "NOT n > 0 AND j > 0": "FF-FF",
    "n > 0 IMPLIES i > 100": "TT-TF",
    "n > 0 IMPLIES i > 100 IMPLIES j > 3": "FT-TT",
    "n > 0 OR n < 0 AND j = 0": "TT-FT",
    # sets, ranges, patterns
    "n IN (10.5, -2.5)": "TT-FF",
    "n IN (10.5, NULL)": "T----",
    "n NOT IN (10.5, NULL)": "F----",
    "d IN ('2024-02-29', DATE '2023-12-31')": "TT-FF",
    "n BETWEEN 0 AND 10.5": "TF-TF",
    "n NOT BETWEEN 0 AND 10.5": "FT-FT",
    "s LIKE 'a%'": "TF-FT",
    r"s LIKE 'a\b'": "FF-FT",
    "s NOT LIKE '_bc'": "FT-TT",
    "s ILIKE 'AB%'": "TF-FF",
    "u LIKE '50%'": "FF-FT",
    r"REGEXP_LIKE(s, '\bab')": "TF-FF",
    # arithmetic
    "i + i > 0": "TF-FT",
    "i * 2 = i + i": "TT-TT",
    "i * i * i > 0": "TF-FT",
    "-i > 0": "FT-FF",
    "- - n > 0": "TF-FT",
    "n * 0.1 = 1.05": "TF-FF",
    "3 / j = 1": "T--FF",
    "j / 2 = 1.5": "TF-FF",
    "j % 0 = 0": "-----",
    "j % 4 = -3": "FF-TF",
    "f % 2 = 0.5": "TF--F",
    "f - f = 0": "TT--T",
    "ROUND(n) = 11": "TF-FF",
    "ROUND(n) = -3": "FT-FF",
    "ROUND(f) = 3": "TF-FF",
    "ROUND(f) = -3": "FT-FF",
    "ROUND(n, 1) = n": "TT-TF",
    "CEIL(n) > FLOOR(n)": "TT-FT",
    "CEIL(f) = 3": "TF-FF",
    "SQRT(f) > 1": "T--TT",
    "POWER(j, 2) = 9": "TF-FF",
    "POWER(j, -1) < 0": "F--TF",
    "POWER(f, 1000) > 0": "-----",
    "ABS(i) > 5": "TT-FF",
    "GREATEST(n, j) = n": "TF-TT",
    "LEAST(n, f, j) < 0": "FT-TF",
    "CASE WHEN n > 0 THEN j ELSE 0.5 END > 1": "TFFFT",
    "CASE WHEN n > 0 THEN 'more' WHEN n < 0 THEN 'less' END = 'more'": "TF--T",
    # text
    "LENGTH(u) = 2": "FF-TF",
    "UPPER(u) = 'ÉA'": "FF-TF",
    "LOWER(u) = 'éa'": "FF-TF",
    "TRIM(s) = '-12.5'": "FF-TF",
    "SUBSTRING(s, 2, 1) = 'b'": "TF-FF",
    "SUBSTRING(s, 2) = 'bc'": "TF-FF",
    "LEFT(s, 1) = 'a'": "TF-FT",
    "RIGHT(s, 1) = 'c'": "TF-FF",
    "CONCAT(s, u) = 'abcx'": "TFFFF",
    "CONCAT(s, NULL) = ''": "FTTFF",
    "REPLACE(s, 'a', 'z') = 'zbc'": "TF-FF",
    # dates
    "YEAR(d) = 2024": "TF-FT",
    "EXTRACT(SECOND FROM t) = 1": "TF-FF",
    "DAY(e) = 31 AND MONTH(e) = 1": "TF-FT",
    "DATE_DIFF('day', e, d) = 29": "TF-FF",
    "DATE_DIFF('month', e, d) = -1": "FT-FF",
    "DATE_DIFF('year', d, '2024-03-01') = 1": "FT-FF",
    "d - e = 29": "TF-FF",
    "e + INTERVAL 1 MONTH = DATE '2024-02-29'": "TF-FT",
    "d - INTERVAL '1' DAY < d": "TT-TT",
    "t + INTERVAL 3 HOURS > t": "TT-TT",
    "d <= CURRENT_DATE": "TT-TT",
    # casts give null, never an error
    "CAST(s AS DECIMAL) = -12.5": "---T-",
    "TRY_CAST(s AS INTEGER) IS NULL": "TTTTT",
    "TRY_CAST(s AS DOUBLE) < 0": "---T-",
    "CAST(n AS INTEGER) = 11": "TF-FF",
    "CAST(n AS DECIMAL(3, 1)) = 10.5": "TF-F-",
    "CAST(f AS INTEGER) = 3": "TF---",
    "CAST(f AS VARCHAR) = '2.5'": "TF-FF",
    "CAST(j AS TEXT) = '3'": "TF-FF",
    "CAST('2024-02-30' AS DATE) IS NULL AND j > 0": "TF-FT",
    "CAST(CAST(d AS VARCHAR) AS DATE) = d": "TT-TT",
    "CAST(t AS DATE) = d": "TT-FT",
    "CAST(b AS INTEGER) = 1": "TF--T",
    "CAST('Yes' AS BOOLEAN) = b": "TF--T",
}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_meaning(engines: Engines, engine: str) -> None:
    engines.fill(ROWS)

    conditions = [compile_predicate(text, engines.tables[engine], COLUMNS) for text in MEANINGS]

    found = {
        text: "".join({True: "T", False: "F", None: "-"}[value] for value in answer)
        for text, answer in zip(MEANINGS, answers(engines, engine, conditions), strict=True)
    }
    assert found == MEANINGS


def test_a_chain_of_hundreds_compiles(engines: Engines) -> None:
    engines.fill(ROWS)
    chain = " OR ".join(f"i = {number}" for number in range(300))
    condition = compile_predicate(chain, engines.tables["duckdb"], COLUMNS)

    assert answers(engines, "duckdb", [condition]) == [[False, False, None, True, True]]


def test_fifty_levels_compile(engines: Engines) -> None:
    engines.fill(ROWS)
    nested = "(" * 49 + "i = 5" + ")" * 49
    condition = compile_predicate(nested, engines.tables["duckdb"], COLUMNS)

    assert answers(engines, "duckdb", [condition]) == [[False, False, None, False, True]]
