"""A case's file as a pandas frame with binary numbers and timestamps, as pandas reads it."""

from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

from benchmarks.cases import Case


def load(case: Case) -> pd.DataFrame:
    """Return the frame."""
    if case.file.suffix == ".csv":
        # As other readers: nothing between two commas is no text, and `""` is one.
        options = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False)
        table = csv.read_csv(case.file, convert_options=options)
    else:
        table = parquet.read_table(case.file)
    for position, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.float64()))
    return table.to_pandas(date_as_object=False, self_destruct=True)


def typed(value: Any) -> Any:
    """Return a rule's parameter as pandas compares it."""
    return pd.Timestamp(value) if isinstance(value, str) and value[4:5] == "-" else value
