"""Parquet files of rows: complete under their name, or not there."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from profiling_pipeline.errors import InvalidInputError, ProfilingError

_ROW_GROUP_BYTES = 64 * 1024 * 1024


class RowFile:
    """A Parquet file that is written beside its place, and put there when all is well."""

    def __init__(self, target: Path, schema: pa.Schema) -> None:
        self._target, self._schema = target, schema
        self._part = target.with_name(f".{target.name}.{uuid4().hex}.part")
        self._new_folders = [folder for folder in target.parents if not folder.exists()]  # the innermost first
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.RecordBatch] = []

    def open(self) -> None:
        """Make the file and the folders that it needs.

        Raises:
            InvalidInputError: It cannot be made there.
        """
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._part, self._schema, compression="zstd")
        except OSError as error:
            raise cannot_be_written(self._target, error) from error

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; they are kept until there are enough for one row group."""
        self._waiting.append(batch)
        if sum(each.nbytes for each in self._waiting) >= _ROW_GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        """Write what is kept, and close."""
        self._flush()
        self._close()

    def publish(self) -> None:
        """Put the finished file in its place."""
        os.replace(self._part, self._target)  # noqa: PTH105 - replaces on every system, in one step

    def discard(self) -> None:
        """Remove what has been made, unless the file is in its place."""
        with suppress(Exception):
            self._close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
            for folder in self._new_folders:
                folder.rmdir()

    def _flush(self) -> None:
        if self._writer and self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema))
            self._waiting.clear()

    def _close(self) -> None:
        if self._writer:
            self._writer.close()


def cannot_be_written(target: Path, error: OSError) -> ProfilingError:
    """Say that a file cannot be written, and why."""
    return InvalidInputError(
        f"{target} cannot be written: {error.strerror or error}. Name another place, or make room."
    )
