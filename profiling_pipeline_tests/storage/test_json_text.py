import json
import math
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.json_text import to_json

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.decimals() | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(value=_values)
def test_postgresql_accepts_whatever_a_source_holds(database: Database, value: Any) -> None:
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT CAST(:json AS jsonb) IS NOT NULL"), {"json": to_json(value)})


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"a": [1, 2.5, True, None, "ü"]}, {"a": [1, 2.5, True, None, "ü"]}),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (date(2025, 1, 31), "2025-01-31"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("a\x00b", "a\ufffdb"),
        ({1: {2}}, {"1": [2]}),
    ],
)
def test_values_are_kept_as_json_can(value: Any, stored: Any) -> None:
    assert json.loads(to_json(value)) == stored
