"""The first sheet of an Excel file, every value as text."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.column_names import require_usable_names


def first_sheet(path: Path) -> pa.Table:
    """Return the rows of a workbook's first sheet below its header.

    Raises:
        SourceError: It is no workbook, has no rows, or names that cannot tell columns apart.
    """
    try:
        sheet = pd.read_excel(path, engine="calamine", header=None, dtype=object, keep_default_na=False)
    except Exception as error:
        raise SourceError(f"{path.name} cannot be read as an Excel file: {error}. Save it again as .xlsx.") from error
    rows = [[_cell_text(cell) for cell in row] for row in sheet.itertuples(index=False)]
    if not rows:
        raise SourceError(f"{path.name} is empty. Its first sheet needs a header and rows.")
    names = [name or "" for name in rows[0]]
    require_usable_names(names, path)
    columns = list(zip(*rows[1:], strict=True)) or [() for _ in names]
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})


def _cell_text(cell: Any) -> str | None:
    """Return a cell as text: days without a time as dates, whole numbers without a point."""
    if cell is None or cell == "" or pd.isna(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    return text.removesuffix(" 00:00:00") if hasattr(cell, "year") else text
