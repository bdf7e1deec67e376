"""Conditions are simplified as they are joined; whatever comes out means the same, and is never null."""

from hypothesis import given, settings
from hypothesis import strategies as st

from profiling_pipeline.legacy_migration.translation.symbolic.conditions import (
    Condition,
    Missing,
    Present,
    both,
    comparison,
    either,
    negated,
    written,
)
from profiling_pipeline.rules.predicate import compile_predicate
from profiling_pipeline_tests.execution.data import duckdb_source

_COLUMNS = ("a", "b")
_VALUES = (None, -1, 0, 1)
_ATOMS = [each for c in _COLUMNS for each in (Missing(c), Present(c), comparison(f"{c} > 0", f"{c} <= 0", {c}),
          comparison(f"{c} = 0", f"{c} <> 0", {c}), negated(comparison(f"{c} >= 0", f"{c} < 0", {c})))] + [
          comparison("a < b", "a >= b", {"a", "b"})]  # fmt: skip
Row = tuple[int | None, int | None]
trees = st.recursive(
    st.sampled_from(range(len(_ATOMS))),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR", "NOT"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=10,
)


def built(tree: object) -> Condition:
    if isinstance(tree, int):
        return _ATOMS[tree]
    assert isinstance(tree, tuple)
    parts = [built(each) for each in tree[1]]
    return negated(parts[0]) if tree[0] == "NOT" else (both if tree[0] == "AND" else either)(*parts)


def meant(tree: object, row: Row) -> bool:
    if isinstance(tree, int):
        value = row[tree // 5] if tree < 10 else None
        if tree == 10:
            return None not in row and row[0] < row[1]  # type: ignore[operator]
        known = value is not None
        return (not known, known, known and value > 0, value == 0, not known or value < 0)[tree % 5]  # type: ignore[operator]
    assert isinstance(tree, tuple)
    parts = [meant(each, row) for each in tree[1]]
    return not parts[0] if tree[0] == "NOT" else (all if tree[0] == "AND" else any)(parts)


@given(st.lists(trees, min_size=1, max_size=20))
@settings(max_examples=12, deadline=None)
def test_conditions_mean_what_they_were_made_of(made: list[object]) -> None:
    rows: list[Row] = [(a, b) for a in _VALUES for b in _VALUES]
    with duckdb_source({"a": "bigint", "b": "bigint"}, rows) as source:
        columns = {
            str(n): compile_predicate(written(built(tree), "a"), source.table, ["a", "b"])
            for n, tree in enumerate(made)
        }
        found = source.table.select("a", "b", **columns).to_pyarrow().to_pylist()
    for row in found:
        for n, tree in enumerate(made):
            assert row[str(n)] is meant(tree, (row["a"], row["b"])), written(built(tree), "a")
