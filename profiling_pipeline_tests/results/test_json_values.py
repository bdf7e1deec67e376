import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.rules.rule import Severity


@dataclass
class Pair:
    first: Decimal
    second: str = field(repr=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Decimal("-2500.0"), -2500),
        (Decimal("99.20"), 99.2),
        (Decimal("1E+3"), 1000),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), "Infinity"),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), "-Infinity"),
        ("é", "é"),
        (date(2020, 2, 29), "2020-02-29"),
        (datetime(2020, 2, 29, 1, 2, 3, tzinfo=UTC), "2020-02-29T01:02:03+00:00"),
        (time(1, 2), "01:02:00"),
        (timedelta(minutes=1), 60.0),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("a/b"), "a/b"),
        (b"\x00\xff", "00ff"),
        (Severity.HIGH, "high"),
        ({Severity.LOW: (1, Decimal(2))}, {"low": [1, 2]}),
        (Pair(Decimal("0.5"), "secret"), {"first": 0.5}),
    ],
)
def test_values_become_those_of_json(value: object, expected: object) -> None:
    assert json_value(value) == expected
    assert json.loads(json.dumps(json_value(value), allow_nan=False)) == expected


def test_whole_numbers_stay_exact_however_large() -> None:
    assert json_value(Decimal("12345678901234567890123")) == 12345678901234567890123
