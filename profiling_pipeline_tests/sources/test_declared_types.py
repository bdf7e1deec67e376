"""What data types and format codes declare."""

import pytest

from profiling_pipeline.sources.declared_types import declared_format
from profiling_pipeline.sources.model import ColumnKind, DeclaredFormat

TEXT, INTEGER, NUMBER = ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.NUMBER
DATE, DATETIME, BOOLEAN = ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.BOOLEAN


@pytest.mark.parametrize(
    ("data_type", "code", "declared"),
    [
        ("String", "C18", DeclaredFormat(TEXT, max_length=18)),
        (None, " c18 ", DeclaredFormat(TEXT, max_length=18)),
        ("Decimal", "N6.5", DeclaredFormat(NUMBER, max_digits=6, max_decimals=5)),
        (None, "N6.5", DeclaredFormat(NUMBER, max_digits=6, max_decimals=5)),
        ("Integer", "N12", DeclaredFormat(INTEGER, max_digits=12, max_decimals=0)),
        (None, "N12", DeclaredFormat(INTEGER, max_digits=12, max_decimals=0)),
        ("Decimal", "N12", DeclaredFormat(NUMBER, max_digits=12, max_decimals=0)),
        ("Date", "Date YYYYMMDD", DeclaredFormat(DATE, date_format="%Y%m%d")),
        ("Date", "YYYY-MM-DD", DeclaredFormat(DATE, date_format="%Y-%m-%d")),
        (None, "Date  MM/DD/YYYY", DeclaredFormat(DATE, date_format="%m/%d/%Y")),
        (None, "YYYYMM", DeclaredFormat(DATE, date_format="%Y%m")),
        ("DateTime", "YYYY-MM-DD HH:MM:SS", DeclaredFormat(DATETIME, date_format="%Y-%m-%d %H:%M:%S")),
        (None, "YYYYMMDD HHMM", DeclaredFormat(DATETIME, date_format="%Y%m%d %H%M")),
        ("String", "Date YYYYMMDD", DeclaredFormat(TEXT, date_format="%Y%m%d")),
        ("Integer", "Date YYYYMMDD", DeclaredFormat(INTEGER)),
        ("Boolean", None, DeclaredFormat(BOOLEAN)),
        (" datetime ", "", DeclaredFormat(DATETIME)),
        ("JSON", None, DeclaredFormat(TEXT)),
        ("String", "see the manual", DeclaredFormat(TEXT)),
        (None, "see the manual", None),
        ("Blob", None, None),
        (None, None, None),
    ],
)
def test_types_and_codes(data_type: str | None, code: str | None, declared: DeclaredFormat | None) -> None:
    assert declared_format(data_type, code) == declared
