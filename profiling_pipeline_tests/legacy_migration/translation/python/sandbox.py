"""Runs rule texts as the earlier system did, on frames in Parquet files. Only tests start it, in a process of its own.

It reads a job in JSON from its input and writes the counts in JSON: for each frame and text `[passed, failed, total]`,
or null where the text stopped with an error. No network, no other files, no further processes.
"""

import json
import resource
import sys
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "shutil.")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED) or (event == "open" and str(arguments[1] or "r").strip("rbt")):
        raise PermissionError(f"{event} is not allowed here")


def _counts(text: str, column: str, frame: pd.DataFrame) -> list[int] | None:
    names = {"pd": pd, "np": np}
    try:
        exec(text, names)
        function = next(value for name, value in names.items() if name.startswith(("check", "validate")))
        result = function(frame, column) if function.__code__.co_argcount > 1 else function(frame)
    except Exception:  # noqa: BLE001 whatever a text stops with
        return None
    if isinstance(result, dict):
        return [int(result[name]) for name in ("passed", "failed", "total")]
    passed = int(pd.Series(result).astype("boolean").fillna(value=False).sum())
    return [passed, len(result) - passed, len(result)]


def _frame(table: pa.Table) -> pd.DataFrame:
    """Return a table as the earlier system had it from its database: missing texts and days are None."""
    objects = [pa.types.is_string(field.type) or pa.types.is_date(field.type) for field in table.schema]
    columns = {
        name: pd.Series(column.to_pylist(), dtype=object) if is_object else column.to_pandas()
        for name, column, is_object in zip(table.column_names, table.columns, objects, strict=True)
    }
    return pd.DataFrame(columns)


def main() -> None:
    """Do the job."""
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    warnings.simplefilter("ignore")
    pd.set_option("future.infer_string", False)  # as pandas 2: text in columns of objects
    job = json.load(sys.stdin)
    frames = [_frame(pq.read_table(path)) for path in job["frames"]]
    sys.addaudithook(_refuse)
    found = [[_counts(text, column, frame.copy()) for text, column in job["texts"]] for frame in frames]
    json.dump(found, sys.stdout)


main()
