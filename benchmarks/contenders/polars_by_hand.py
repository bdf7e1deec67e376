"""One lazy Polars query that counts tested and passing rows, with decimals as binary numbers, its faster kind."""

import polars as pl

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.rules import BenchmarkRule, typed


def scan(case: Case) -> pl.LazyFrame:
    """Return the file as a lazy frame."""
    is_csv = case.file.suffix == ".csv"
    frame = pl.scan_csv(case.file, try_parse_dates=True) if is_csv else pl.scan_parquet(case.file)
    return frame.with_columns(pl.selectors.decimal().cast(pl.Float64))


def passes(rule: BenchmarkRule) -> pl.Expr:
    """Return where a rule holds; null where there is no value."""
    column, values = pl.col(rule.column), [typed(value) for value in rule.parameters.values()]
    match rule.check, values:
        case "not_null", _:
            return column.is_not_null()
        case "in_range", [low, high]:
            return column.is_between(low, high)
        case "greater_than", [low]:
            return column > low
        case "greater_than_or_equal_to", [low]:
            return column >= low
        case "less_than", [high]:
            return column < high
        case "less_than_or_equal_to", [high]:
            return column <= high
        case "isin", [members]:
            return column.is_in(members)
        case "not_equal_to", [value]:
            return column != value
        case "str_length", [low, high]:
            return column.str.len_chars().is_between(low, high)
        case "str_matches", [pattern]:
            return column.str.contains(f"^(?:{pattern})")
        case "str_contains", [pattern]:
            return column.str.contains(pattern)
        case _:
            return pl.sql_expr(rule.sql)


def prepare(case: Case) -> Check:
    frame = scan(case)
    if case.file.suffix == ".csv":
        frame = frame.collect().lazy()
    figures = [
        figure
        for number, rule in enumerate(case.rules)
        for figure in (passes(rule).count().alias(f"tested {number}"), passes(rule).sum().alias(f"passed {number}"))
    ]

    def check() -> Counts:
        answer = frame.select(figures).collect(engine="streaming").row(0)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return {rule.name: tested - passed for rule, (tested, passed) in zip(case.rules, pairs, strict=True)}

    return check
