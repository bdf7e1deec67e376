"""dataframely: a schema with one rule for each, filtering a Polars frame."""

import dataframely as dy

from benchmarks.cases import Case
from benchmarks.contenders import Check, Counts
from benchmarks.contenders.polars_by_hand import passes, scan


def prepare(case: Case) -> Check:
    frame = scan(case).collect()
    members: dict[str, object] = {name: dy.Any() for name in frame.columns}
    for number, rule in enumerate(case.rules):
        members[f"rule_{number}"] = dy.rule()(_rule(rule))
    schema = type("Benchmark", (dy.Schema,), members)

    def check() -> Counts:
        failed = schema.filter(frame).failure.counts()
        return {rule.name: failed.get(f"rule_{number}", 0) for number, rule in enumerate(case.rules)}

    return check


def _rule(rule):  # type: ignore[no-untyped-def]  # what dataframely takes
    return lambda cls: passes(rule)
