"""Great Expectations: a suite validated on a pandas frame, asked for counts only."""

import logging
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.contenders.pandas_frame import load, typed
from benchmarks.rules import BenchmarkRule


def prepare(case: Case) -> Check:
    logging.disable(logging.CRITICAL)
    frame = load(case)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("benchmark").add_dataframe_asset("data")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})

    def check() -> Counts:
        suite = gx.ExpectationSuite(name="benchmark", expectations=[_expectation(rule, frame) for rule in case.rules])
        results = batch.validate(suite, result_format="BASIC").results
        by_name = {result.expectation_config.meta["name"]: result.result for result in results}
        return {rule.name: int(by_name[rule.name]["unexpected_count"]) for rule in case.rules}

    return check


def _expectation(rule: BenchmarkRule, frame: Any) -> Any:
    values = list(rule.parameters.values())
    own: dict[str, Any] = {"column": rule.column, "meta": {"name": rule.name}}
    match rule.check, values:
        case "not_null", _:
            return gxe.ExpectColumnValuesToNotBeNull(**own)
        case "in_range", [low, high]:
            return gxe.ExpectColumnValuesToBeBetween(min_value=typed(low), max_value=typed(high), **own)
        case "greater_than" | "greater_than_or_equal_to", [low]:
            strict = rule.check == "greater_than"
            return gxe.ExpectColumnValuesToBeBetween(min_value=low, strict_min=strict, **own)
        case "less_than" | "less_than_or_equal_to", [high]:
            return gxe.ExpectColumnValuesToBeBetween(max_value=high, strict_max=rule.check == "less_than", **own)
        case "isin", [members]:
            return gxe.ExpectColumnValuesToBeInSet(value_set=members, **own)
        case "not_equal_to", [value]:
            return gxe.ExpectColumnValuesToNotBeInSet(value_set=[value], **own)
        case "str_length", [low, high]:
            return gxe.ExpectColumnValueLengthsToBeBetween(min_value=low, max_value=high, **own)
        case "str_matches" | "str_contains", [pattern]:
            anchor = "^" if rule.check == "str_matches" else ""
            return gxe.ExpectColumnValuesToMatchRegex(regex=f"{anchor}(?:{pattern})", **own)
    if "+" in rule.sql:  # it has no rule on a sum, so the sum is made a column
        summed, bound = rule.sql.split(" < ")
        frame[summed] = frame.eval(summed)
        own["column"] = summed
        return gxe.ExpectColumnValuesToBeBetween(max_value=float(bound), strict_max=True, **own)
    first, second = rule.sql.split(" < ")
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=second, column_B=first, meta={"name": rule.name})
