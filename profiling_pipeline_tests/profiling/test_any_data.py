"""Whatever the data, a file and a PostgreSQL table give the figures that plain Python gives."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from profiling_pipeline.profiling import frequencies
from profiling_pipeline.profiling.profiler import profile_source
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat
from profiling_pipeline_tests.profiling.reference import Cell, assert_profile
from profiling_pipeline_tests.sources.opened import Files, Tables

VALUES = {
    ColumnKind.TEXT: st.text("abYZ09 é-_Ω", min_size=1, max_size=60),
    ColumnKind.INTEGER: st.integers(-(10**9), 10**9) | st.integers(0, 3),
    ColumnKind.NUMBER: st.decimals(-(10**6), 10**6, places=2) | st.sampled_from([Decimal("0.5"), Decimal("2.25")]),
    ColumnKind.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    ColumnKind.DATETIME: st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
    ColumnKind.BOOLEAN: st.booleans(),
}
FORMATS = {kind.value: DeclaredFormat(kind) for kind in VALUES}


def cells(kind: ColumnKind) -> st.SearchStrategy[Cell]:
    good = VALUES[kind].map(lambda value: Cell(str(value).lower() if kind is ColumnKind.BOOLEAN else str(value), value))
    bad = st.sampled_from([Cell(None, None)] if kind is ColumnKind.TEXT else [Cell(None, None), Cell("9?", None)])
    return st.one_of(good, good, good, bad)


rows = st.lists(st.fixed_dictionaries({kind: cells(kind) for kind in VALUES}), min_size=1, max_size=40)
Rows = Sequence[Mapping[ColumnKind, Cell]]
any_data = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(rows)
@any_data
def test_a_file(files: Files, data: Rows) -> None:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerows([FORMATS, *([row[kind].text for kind in VALUES] for row in data)])
    with files.open_text(written.getvalue(), formats=FORMATS) as source, pytest.MonkeyPatch.context() as patch:
        profile = profile_source(source)
        patch.setattr(frequencies, "CELLS_AT_ONCE", 1)
        assert profile_source(source) == profile
    for kind in VALUES:
        assert_profile(profile.column(kind.value), kind, [row[kind] for row in data])


@given(rows)
@any_data
def test_a_table(tables: Tables, data: Rows) -> None:
    columns = ", ".join(f'"{name}" text' for name in FORMATS)
    tables.run(f"DROP TABLE IF EXISTS data; CREATE TABLE data ({columns})")
    with tables.connection.cursor() as cursor:
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(FORMATS))
        insert = sql.SQL("INSERT INTO data VALUES ({})").format(marks)
        cursor.executemany(insert, [[row[kind].text for kind in VALUES] for row in data])
    with tables.open("data", formats=FORMATS) as source:
        profile = profile_source(source)
    for kind in VALUES:
        assert_profile(profile.column(kind.value), kind, [row[kind] for row in data])
