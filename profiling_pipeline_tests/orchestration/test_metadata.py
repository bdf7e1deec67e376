from datetime import date, datetime
from decimal import Decimal

from profiling_pipeline.orchestration.metadata import MOST_ROWS, escape, markdown_table, numbers, table
from profiling_pipeline.orchestration.trend import trend_image


def test_a_table_types_its_columns_by_their_values() -> None:
    made = table(
        ["name", "count", "rate", "mixed", "day"],
        [("a", 1, Decimal("99.50"), None, date(2026, 1, 2)), ("b", 2, 3, 4, None)],
    )
    assert made.schema is not None
    assert [column.type for column in made.schema.columns] == ["string", "int", "float", "string", "string"]
    assert made.records[0].data == {"name": "a", "count": 1, "rate": 99.5, "mixed": "", "day": "2026-01-02"}
    assert made.records[1].data == {"name": "b", "count": 2, "rate": 3.0, "mixed": "4", "day": ""}


def test_a_table_without_rows_keeps_its_columns() -> None:
    made = table(["column"], [])
    assert made.schema is not None
    assert [column.name for column in made.schema.columns] == ["column"]
    assert made.records == []


def test_a_table_is_cut_off() -> None:
    assert len(table(["n"], ((n,) for n in range(MOST_ROWS + 1))).records) == MOST_ROWS


def test_values_cannot_break_out_of_markdown() -> None:
    assert escape("<img src=x>") == "&lt;img src=x&gt;"
    assert escape("a|b\n# c") == "a\\|b \\# c"
    assert escape("![x](http://evil)") == "\\!\\[x\\](http://evil)"
    assert markdown_table(["A"], [("1|2",)]) == "| A |\n| --- |\n| 1\\|2 |"


def test_numbers_drop_what_is_missing() -> None:
    assert numbers({"a": Decimal("1.50"), "b": None, "c": 2}) == {"a": 1.5, "c": 2}


def test_a_trend_is_an_image_in_itself() -> None:
    image = trend_image([(datetime(2026, 1, 1), 90.0), (datetime(2026, 1, 2), 100.0)])
    assert image.startswith("![Overall score](data:image/svg+xml;base64,")


def test_a_flat_trend_can_be_drawn() -> None:
    flat = [(datetime(2026, 1, day), 100.0) for day in (1, 2, 3)]
    assert "nan" not in trend_image(flat)
