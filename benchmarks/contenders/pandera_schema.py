"""What Pandera's three kinds of frames have in common."""

from collections.abc import Callable, Sequence
from typing import Any

from pandera.errors import SchemaErrors

from benchmarks.contenders import Counts
from benchmarks.rules import BenchmarkRule


def columns(pa: Any, rules: Sequence[BenchmarkRule], typed: Callable[[Any], Any]) -> dict[str, Any]:
    """Return Pandera columns with its built-in checks, of which the project's have names and parameters."""
    made: dict[str, Any] = {}
    for rule in rules:
        if rule.check == "expression":
            continue
        column = made.setdefault(rule.column, pa.Column(nullable=True))
        if rule.check == "not_null":
            column.nullable = False
        else:
            parameters = {name: typed(value) for name, value in rule.parameters.items()}
            column.checks.append(getattr(pa.Check, rule.check)(**parameters, name=rule.name))
    return made


def validated(schema: Any, data: Any, rules: Sequence[BenchmarkRule], failed: Callable[[Any], int]) -> Counts:
    """Return the failing rows of each rule; a null in a column that allows none is `not_null`'s."""
    counts = {rule.name: 0 for rule in rules}
    try:
        schema.validate(data, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            name = getattr(error.check, "name", None)
            if name not in counts:
                name = f"{error.schema.name} not_null"
            counts[name] = failed(error)
    return counts
