"""A credit-card loan file made up in code: realistic, consistent in itself, the same for the same seed."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from profiling_pipeline.demo.clean_loans import clean_loans
from profiling_pipeline.demo.loan_columns import LOAN_COLUMNS, LoanColumn
from profiling_pipeline.demo.planted_errors import PlantedError, plant_errors

__all__ = ["LOAN_COLUMNS", "LoanColumn", "PlantedError", "make_loans", "write_loans"]

_SEED = 20250630


def make_loans(rows: int = 20_000, seed: int = _SEED) -> tuple[pd.DataFrame, list[PlantedError]]:
    """Return loans as the texts that stand in the file (None: empty), and the errors planted in them.

    A file of fewer than 2,000 rows has fewer errors of each kind, so that errors stay rare.
    """
    clean = clean_loans(rows, seed)
    texts = pd.DataFrame({column.technical_name: _texts(clean, column) for column in LOAN_COLUMNS})
    return texts, plant_errors(texts, seed)


def write_loans(loans: pd.DataFrame, path: Path) -> None:
    """Write loans as a CSV file with a header."""
    pyarrow.csv.write_csv(pa.Table.from_pandas(loans, preserve_index=False), path)


def _texts(clean: pd.DataFrame, column: LoanColumn) -> pd.Series:
    """Return a column's values as texts, numbers and dates written in the declared format."""
    values = clean[column.technical_name]
    if column.data_type == "Date":
        days = values.dt
        values = days.year * 10_000 + days.month * 100 + days.day
    if column.data_type == "String":
        return values.astype(object).where(values.notna(), None)
    numbers = pa.Array.from_pandas(values.astype("float64"))
    written = numbers.cast(pa.decimal128(18, column.decimals)).cast(pa.string())
    return pd.Series(written.to_pylist(), index=values.index, dtype=object)
