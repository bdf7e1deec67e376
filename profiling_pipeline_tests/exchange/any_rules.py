"""Random rules of the whole catalogue that could run."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from profiling_pipeline.errors import RuleError
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.rules.catalogue import CATALOGUE
from profiling_pipeline.rules.checks.base import Check, FigureCheck
from profiling_pipeline.rules.rule import Dimension, Rule, Severity

COLUMNS = st.sampled_from(["a", "B", "credit limit", "order", 'qu"ote', "größe", "LIMIT", "_1"])
PREDICATES = st.sampled_from([
    "a > 0", "B = 'x''y' AND a < 5.50", "a BETWEEN 1 AND 2", "a IS NULL OR B IN ('x', 'y')", "NOT (a = 1)",
    "a / B > 2", "a > 0 IMPLIES B IS NOT NULL", "LENGTH(B) > 3", "LIMIT <= \"order\"", "YEAR(a) = 2024",
    "REGEXP_LIKE(B, '^x')", "a = DATE '2024-02-29'", "a NOT IN (1, 2)", "5 >= a", "B LIKE 'a%'", "TRUE",
    "CASE WHEN a > 0 THEN B = 'x' END", "a > -1 OR (a < 5 AND B = 'x') OR a IS NOT NULL",
])  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NUMBERS = st.integers(-(10**20), 10**20) | st.decimals(-1000, 1000, places=3, allow_nan=False)
SCALARS = NUMBERS | TEXTS | st.booleans() | st.sampled_from(["2024-01-31", "NO", "1e5", "{{ x }}", "it's", "a\\b", ""])
ORDERED = NUMBERS | st.sampled_from(["2020-01-31", "2024-12-31", "A", "Z'"])
PATTERNS = st.sampled_from(["^[A-Z]+$", "[0-9]{2}", "a|b", r"\d+\.\d", "it's", r"^(?:x)", r"(?i)abc", "é"])
SETS = st.lists(SCALARS, min_size=1, max_size=4)
_OF_PARAMETERS: Mapping[str, st.SearchStrategy[Any]] = {
    "allowed_values": SETS, "forbidden_values": SETS, "values": SETS, "value": SCALARS,
    "pattern": PATTERNS, "string": TEXTS | st.sampled_from(["it's", "a.b*", "%_"]),
    "type": st.sampled_from(["integer", "number", "date", "datetime", "boolean", "uuid", "json"]),
    "format": st.sampled_from(["%Y%m%d", "%d.%m.%Y", "%Y-%m-%d %H:%M"]),
    "predicate": PREDICATES, "when": PREDICATES, "then": PREDICATES,
    "other": COLUMNS, "later": COLUMNS, "determines": COLUMNS, "column": COLUMNS, "order_by": COLUMNS, "key": COLUMNS,
    "by": COLUMNS, "with": st.lists(COLUMNS, min_size=1, max_size=2), "also": st.lists(COLUMNS, max_size=2),
    "parts": st.lists(COLUMNS, min_size=1, max_size=3), "tolerance": st.sampled_from([0, Decimal("0.01")]),
    "quantile": st.decimals(0, 1, places=3), "max_digits": st.integers(0, 20), "max_decimals": st.integers(0, 9),
    "max_zscore": st.decimals(1, 5, places=1), "factor": st.decimals(1, 5, places=1),
    "direction": st.sampled_from(["increasing", "decreasing"]),
    "reference": st.sampled_from(["currency", "country"]), "source": st.sampled_from(["customers", "raw.loans"]),
    "tolerance_days": st.integers(0, 10),
}  # fmt: skip
_BOUNDS: Mapping[str, st.SearchStrategy[Any]] = {
    "str_length": st.integers(0, 50),
    "null_rate_between": st.decimals(0, 100, places=2),
    "distinct_ratio_between": st.decimals(0, 1, places=3),
}


@st.composite
def rules(draw: st.DrawFn, check: type[Check] | None = None) -> Rule:
    """Draw a rule that could run, of any check unless one is given."""
    check = check or CATALOGUE[draw(st.sampled_from(sorted(CATALOGUE)))]
    rule = draw(
        st.builds(lambda parameters: Rule("x", "a", check.name, parameters), _parameters(check)).filter(_could_run)
    )
    tolerance = {} if issubclass(check, FigureCheck) else draw(_tolerances())
    return Rule(
        name=draw(TEXTS.filter(str.strip)),
        attribute=draw(COLUMNS),
        check=check.name,
        parameters={**rule.parameters, **tolerance},
        dimension=draw(st.none() | st.sampled_from(Dimension)),
        severity=draw(st.sampled_from(Severity)),
        column=draw(st.none() | COLUMNS),
        description=draw(st.none() | TEXTS.filter(str.strip)),
        rationale=draw(st.none() | TEXTS),
        regulatory_reference=draw(st.none() | st.just("FR Y-14M")),
        confidence=draw(st.none() | st.decimals(0, 100, places=2)),
    )


@st.composite
def _parameters(draw: st.DrawFn, check: type[Check]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, field in check.model_fields.items():
        name = field.alias or name
        if field.is_required() or draw(st.booleans()):
            default = st.booleans() if field.annotation is bool else _BOUNDS.get(check.name, ORDERED)
            said[name] = draw(_OF_PARAMETERS.get(name, default))
    return said


@st.composite
def _tolerances(draw: st.DrawFn) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if draw(st.booleans()):
        said["where"] = draw(PREDICATES)
    if draw(st.booleans()):
        said["min_pass_rate"] = draw(st.sampled_from([0, 50, Decimal("99.5"), 100]))
    if draw(st.booleans()):
        said["warn_pass_rate"] = draw(
            st.sampled_from([100, Decimal("99.9")]).filter(lambda r: r >= said.get("min_pass_rate", 100))
        )
    if draw(st.booleans()):
        said["origin"] = {"batch": "7"}
    return said


def _could_run(rule: Rule) -> bool:
    try:
        validate_rule(rule)
    except RuleError:
        return False
    return True
