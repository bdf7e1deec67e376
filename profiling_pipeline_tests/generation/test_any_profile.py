"""Whatever a profile holds, suggesting neither fails nor proposes what can never run."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profiling_pipeline.profiling.profile import ColumnProfile, ValueCount
from profiling_pipeline.rules.binding import validate_rule
from profiling_pipeline.sources.model import ColumnKind
from profiling_pipeline_tests.generation.subjects import LEVELS, an_attribute, suggested

_NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.decimals(allow_nan=False),
    st.sampled_from([0, 1, -1, Decimal("0.00"), 5e-324, 1.7e308, -1.7e308, 2**63]),
)
_TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from(["", " ", "20240229", "20240230", "2024-02-29", "a|b", "\\", "9" * 60])
)
_DAYS = st.one_of(st.dates(), st.sampled_from([date.min, date.max]))
_MOMENTS = st.one_of(st.datetimes(), st.sampled_from([datetime.min, datetime.max]))
_VALUES = {
    ColumnKind.TEXT: _TEXTS,
    ColumnKind.INTEGER: st.integers(-(10**20), 10**20),
    ColumnKind.NUMBER: _NUMBERS,
    ColumnKind.DATE: _DAYS,
    ColumnKind.DATETIME: _MOMENTS,
    ColumnKind.BOOLEAN: st.booleans(),
    ColumnKind.OTHER: st.binary(max_size=5),
}
_ROWS = st.one_of(st.integers(0, 300), st.integers(0, 10**10))


@st.composite
def columns(draw: st.DrawFn) -> ColumnProfile:
    """Profiles of any kind, also ones that contradict themselves."""
    kind = draw(st.sampled_from(ColumnKind))
    values = st.one_of(st.none(), _VALUES[kind])
    rows = draw(_ROWS)
    nulls = draw(st.one_of(st.sampled_from([0, rows]), st.integers(0, rows)))
    unreadable = draw(st.one_of(st.just(0), st.integers(0, rows - nulls)))
    present = rows - nulls - unreadable
    figures = draw(st.lists(_VALUES[kind], min_size=9, max_size=9))
    if draw(st.booleans()):
        figures = sorted(figures, key=_order)
    counts = st.builds(ValueCount, values, st.integers(0, max(1, present)))
    return ColumnProfile(
        name=draw(st.sampled_from(["A", "ACCOUNT_ID", "zip code", "DUE_DATE", "__", "x" * 400])),
        kind=kind,
        rows=rows,
        nulls=nulls,
        blanks=draw(st.integers(0, present)),
        unreadable=unreadable,
        distinct=draw(st.one_of(st.just(present), st.integers(0, 2 * present + 1))),
        distinct_is_exact=draw(st.booleans()),
        minimum=figures[0],
        maximum=figures[-1],
        quantiles=draw(st.sampled_from([None, dict(zip(LEVELS, figures[1:-1], strict=True)), {"0.5": figures[4]}])),
        top_values=tuple(draw(st.lists(counts, max_size=10))),
        shortest=draw(st.sampled_from([None, 0, 3])),
        longest=draw(st.sampled_from([None, 0, 3, 10**6])),
        patterns=tuple(draw(st.lists(st.builds(ValueCount, _TEXTS, st.integers(0, max(1, present))), max_size=10))),
    )


def _order(value: Any) -> tuple[bool, Any]:
    is_nan = isinstance(value, float | Decimal) and value != value  # NaN alone is not itself
    return is_nan, 0 if is_nan else value


@settings(max_examples=400, deadline=None)
@given(
    columns(),
    st.sampled_from([None, "C3", "N6.5", "N12", "Date YYYYMMDD", "???"]),
    st.sampled_from([None, "Mandatory", "Optional", ""]),
    st.booleans(),
    st.sampled_from([None, "Internal", "HRCI"]),
)
def test_any_profile_gives_rules_that_can_be_stored(
    column: ColumnProfile, format_code: str | None, mandatory: str | None, is_key: bool, classification: str | None
) -> None:
    attribute = an_attribute(
        name=column.name,
        format_code=format_code,
        mandatory=mandatory,
        is_primary_key=is_key,
        classification=classification,
    )
    rules = suggested(column, attributes=[attribute])
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        validate_rule(rule)
        json.dumps(rule.parameters, allow_nan=False)
        assert len(rule.name) <= 255
        assert rule.confidence is None or 0 <= rule.confidence <= 100
