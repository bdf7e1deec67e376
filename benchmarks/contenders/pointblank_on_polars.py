"""Pointblank on a Polars frame."""

from typing import Any

import pointblank as pb

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.contenders.polars_by_hand import passes, scan
from benchmarks.rules import BenchmarkRule, typed


def prepare(case: Case) -> Check:
    frame = scan(case).collect()

    def check() -> Counts:
        validation = pb.Validate(data=frame)
        for rule in case.rules:
            _add(validation, rule)
        answer = validation.interrogate(collect_extracts=False).n_failed()
        return {rule.name: int(answer[number]) for number, rule in enumerate(case.rules, start=1)}

    return check


def _add(validation: Any, rule: BenchmarkRule) -> None:
    values = [typed(value) for value in rule.parameters.values()]
    ignoring: dict[str, Any] = {"columns": rule.column, "na_pass": True}
    match rule.check, values:
        case "not_null", _:
            validation.col_vals_not_null(columns=rule.column)
        case "in_range", [low, high]:
            validation.col_vals_between(left=low, right=high, **ignoring)
        case "greater_than", [low]:
            validation.col_vals_gt(value=low, **ignoring)
        case "greater_than_or_equal_to", [low]:
            validation.col_vals_ge(value=low, **ignoring)
        case "less_than", [high]:
            validation.col_vals_lt(value=high, **ignoring)
        case "less_than_or_equal_to", [high]:
            validation.col_vals_le(value=high, **ignoring)
        case "isin", [members]:
            validation.col_vals_in_set(columns=rule.column, set=members)
        case "str_matches" | "str_contains", [pattern]:
            anchor = "^" if rule.check == "str_matches" else ""
            validation.col_vals_regex(pattern=f"{anchor}(?:{pattern})", **ignoring)
        case _:
            validation.col_vals_expr(expr=passes(rule).fill_null(True))
