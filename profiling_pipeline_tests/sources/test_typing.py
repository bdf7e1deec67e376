"""Text read as declared types, or as the types that nearly all values have: alike in files and tables."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from profiling_pipeline.sources.model import TEXT_SUFFIX, ColumnKind, DeclaredFormat, is_unreadable, kind_of
from profiling_pipeline_tests.sources.opened import Files, Tables, rows_of, values_of

INTEGER, NUMBER = DeclaredFormat(ColumnKind.INTEGER), DeclaredFormat(ColumnKind.NUMBER)
LONG = DeclaredFormat(ColumnKind.INTEGER, max_digits=25)
BOOLEAN = DeclaredFormat(ColumnKind.BOOLEAN)
ISO_DATE, ISO_MOMENT = DeclaredFormat(ColumnKind.DATE), DeclaredFormat(ColumnKind.DATETIME)
COMPACT_DATE = DeclaredFormat(ColumnKind.DATE, date_format="%Y%m%d")
US_DATE = DeclaredFormat(ColumnKind.DATE, date_format="%m/%d/%Y")

Read = Callable[[str], Any]


def _matching(pattern: str, read: Read) -> Read:
    def read_matching(text: str) -> Any:
        try:
            return read(text) if re.fullmatch(pattern, text, re.ASCII) else None
        except ValueError:
            return None

    return read_matching


_PLAIN = r"[+-]?([0-9]{1,38}(\.[0-9]{0,38})?|\.[0-9]{1,38})([eE][+-]?[0-9]{1,2})?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
ORACLES: list[tuple[DeclaredFormat, Read]] = [
    (INTEGER, _matching(r"[+-]?[0-9]{1,18}", int)),
    (LONG, _matching(r"[+-]?[0-9]{1,38}", Decimal)),
    (NUMBER, _matching(_PLAIN, Decimal)),
    (BOOLEAN, _matching("true|false|True|False|TRUE|FALSE", lambda text: text.casefold() == "true")),
    (ISO_DATE, _matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat)),
    (ISO_MOMENT, _matching(rf"[0-9-]{{10}}([ T]{_TIME})?", datetime.fromisoformat)),
    (COMPACT_DATE, _matching(r"[0-9]{8}", lambda text: datetime.strptime(text, "%Y%m%d").date())),
    (US_DATE, _matching(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", lambda text: datetime.strptime(text, "%m/%d/%Y").date())),
]

_digits = st.text("0123456789", min_size=1, max_size=45)
_days = st.builds("{}-{:02}-{:02}".format, st.integers(1000, 9999), st.integers(0, 13), st.integers(0, 32))
_texts = st.one_of(
    _digits,
    st.builds(
        "{}{}.{}{}".format, st.sampled_from(["", "-", "+"]), _digits, _digits, st.sampled_from(["", "e5", "E-99"])
    ),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    _days,
    _days.map(lambda day: day.replace("-", "")),
    _days.map(lambda day: f"{day[5:7]}/{day[8:]}/{day[:4]}"),
    st.builds("{} {:02}:{:02}:{:02}.{}".format, _days, *[st.integers(0, 61)] * 3, st.integers(0, 9999999)),
    st.text("0123456789+-.eE:/ TtrueFalsx١\n'\"\\", min_size=1, max_size=12),
    st.sampled_from(
        ["true", "FALSE", "True", "t", "1", " 1", "1 ", "0x1F", "1_000", "1,000", "Infinity", "nan", "0000-01-01"]
    ),
)


@pytest.mark.parametrize(("declared", "read"), ORACLES, ids=lambda part: getattr(part, "kind", ""))
@given(texts=st.lists(_texts, min_size=1, max_size=25))
@example(
    texts=["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "20240230", "02/29/2024", "9999-12-31", "00000101"]
)
@example(texts=["9" * 38 + "e99", "." + "0" * 37 + "1e-99", "1" * 39, "5.", ".5", ".", "-", "1e", "1e100"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_declared_types_read_as_plain_python_reads(
    files: Files, tables: Tables, declared: DeclaredFormat, read: Read, texts: list[str]
) -> None:
    expected = [read(text) for text in texts]
    tables.texts(texts)
    quoted = "".join('"{}",x\n'.format(text.replace('"', '""')) for text in texts)
    formats = {"t": declared}
    with files.open_text("t,k\n" + quoted, formats=formats) as file, tables.open("texts", formats=formats) as table:
        for source in (file, table):
            assert [_comparable(value) for value in values_of(source, "t")] == [
                _comparable(value) for value in expected
            ]
            assert values_of(source, f"t{TEXT_SUFFIX}") == texts
            unreadable = is_unreadable(source.table, "t")
            assert unreadable is not None
            bad = source.table.filter(unreadable).count().to_pyarrow().as_py()
            assert bad == expected.count(None)


def _comparable(value: Any) -> Any:
    """Numbers may come as doubles where their digits need it."""
    return f"{float(value):.12g}" if isinstance(value, float | Decimal) else value


@pytest.mark.parametrize("text", ["1.10", "12345678901234567.89", "-0.000000000000000000000000001", "9" * 38])
def test_numbers_without_exponents_stay_exact(files: Files, tables: Tables, text: str) -> None:
    tables.texts([text])
    with files.open_text(f"t,k\n{text},x\n", formats={"t": NUMBER}) as file:
        assert values_of(file, "t") == [Decimal(text)]
    with tables.open("texts", formats={"t": NUMBER}) as table:
        assert values_of(table, "t") == [Decimal(text)]


def test_empty_text_is_missing_in_a_file_and_a_bad_value_in_a_table(files: Files, tables: Tables) -> None:
    tables.texts(["", None])
    with files.open_text('t,k\n"",x\n,x\n', formats={"t": INTEGER}) as file:
        assert values_of(file, f"t{TEXT_SUFFIX}") == [None, None]
    with tables.open("texts", formats={"t": INTEGER}) as table:
        assert rows_of(table, "t", f"t{TEXT_SUFFIX}") == [(None, ""), (None, None)]


def test_declared_text_stays_text_whatever_it_looks_like(files: Files) -> None:
    with files.open_text("t,k\n1,x\n", formats={"t": DeclaredFormat(ColumnKind.TEXT, max_length=18)}) as source:
        assert values_of(source, "t") == ["1"]
        assert f"t{TEXT_SUFFIX}" not in source.table.columns


def test_formats_may_depend_on_the_columns(files: Files) -> None:
    def formats(columns: Any) -> dict[str, DeclaredFormat]:
        assert list(columns) == ["t", "k"]
        return {"t": COMPACT_DATE}

    with files.open_text("t,k\n20240131,x\n", formats=formats) as source:
        assert values_of(source, "t") == [date(2024, 1, 31)]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2", ""], ColumnKind.INTEGER),
        (["20240131", "20240201"], ColumnKind.INTEGER),
        (["1.5", "2"], ColumnKind.NUMBER),
        (["1e5", "2"], ColumnKind.NUMBER),
        (["1" * 25, "2" * 25], ColumnKind.NUMBER),
        (["1" * 45, "2" * 45], ColumnKind.TEXT),
        (["1" * 30, "0.123456789012"], ColumnKind.TEXT),
        (["2024-01-31", "2024-02-29"], ColumnKind.DATE),
        (["2024-01-31", "2024-02-29 10:00"], ColumnKind.DATETIME),
        (["true", "False"], ColumnKind.BOOLEAN),
        (["Y", "N"], ColumnKind.TEXT),
        (["00501", "10001"], ColumnKind.TEXT),
        (["1", "x"], ColumnKind.TEXT),
        (["", ""], ColumnKind.TEXT),
        (["5"] * 199 + ["x"], ColumnKind.INTEGER),
        (["5"] * 90 + ["x"], ColumnKind.TEXT),
    ],
)
def test_undeclared_columns_get_the_type_of_nearly_all_values(files: Files, texts: list[str], kind: ColumnKind) -> None:
    with files.open_text("t,k\n" + "".join(f"{text},x\n" for text in texts)) as source:
        assert kind_of(source.table.t.type()) is kind
        assert values_of(source, f"t{TEXT_SUFFIX}" if kind is not ColumnKind.TEXT else "t") == [
            t or None for t in texts
        ]


@pytest.mark.parametrize(
    ("first", "rest", "kind"),
    [
        ("", "5", ColumnKind.INTEGER),
        ("5", "5.25", ColumnKind.NUMBER),
        ("5", "1e3", ColumnKind.NUMBER),
        ("5", "7" * 30, ColumnKind.NUMBER),
        ("5", "x", ColumnKind.TEXT),
        ("5", "00501", ColumnKind.TEXT),
        ("true", "x", ColumnKind.TEXT),
        ("2024-01-01", "2024-01-01 10:00", ColumnKind.DATETIME),
        ("1.5", "2.123456789", ColumnKind.NUMBER),
    ],
)
def test_all_rows_decide_not_only_the_first(files: Files, first: str, rest: str, kind: ColumnKind) -> None:
    texts = [first] * 21_000 + [rest] * 9_000
    with files.open_text("t,k\n" + "".join(f"{text},x\n" for text in texts)) as source:
        assert kind_of(source.table.t.type()) is kind
        as_text = f"t{TEXT_SUFFIX}" if kind is not ColumnKind.TEXT else "t"
        table = source.table
        last = table.filter(table["row number"] == 30_000)
        assert last[as_text].to_pyarrow().to_pylist() == [rest]
        assert table[as_text].count().to_pyarrow().as_py() == sum(bool(text) for text in texts)
        assert table.t.count().to_pyarrow().as_py() == sum(bool(text) for text in texts)
        assert source.columns == ("t", "k")


def test_few_bad_first_rows_do_not_make_a_long_column_text(files: Files) -> None:
    texts = ["x"] * 250 + ["5"] * 30_000
    with files.open_text("t,k\n" + "".join(f"{text},x\n" for text in texts)) as source:
        assert kind_of(source.table.t.type()) is ColumnKind.INTEGER
        assert source.table.t.sum().to_pyarrow().as_py() == 150_000
