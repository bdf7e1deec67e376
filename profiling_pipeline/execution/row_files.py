"""Parquet files of rows: complete under their name, or not there."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from profiling_pipeline.errors import InvalidInputError, ProfilingError
from profiling_pipeline.sources.files import is_parquet
from profiling_pipeline.sources.paths import is_meant

FAILED_FILE = "failed_rows.parquet"
_ROW_GROUP_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class RowFiles:
    """Where failed rows go (a folder, in which they become `failed_rows.parquet`), and passed rows (a file)."""

    failed_folder: Path | None = None
    passed: Path | None = None
    overwrite: bool = False

    @property
    def failed(self) -> Path | None:
        """The file of failed rows."""
        return self.failed_folder / FAILED_FILE if self.failed_folder else None

    def require_free(self, data: Path) -> None:
        """Refuse targets that cannot be written, before any work is done.

        Args:
            data: The file, folder or pattern that is read, none of which may be written over.

        Raises:
            InvalidInputError: A target exists, is a folder, is not named like a Parquet file, or lies where the
                data lie or the other target goes.
        """
        if self.failed_folder and self.failed_folder.exists() and not self.failed_folder.is_dir():
            raise InvalidInputError(f"{self.failed_folder} is a file. Name a folder for the failed rows.")
        if self.failed_folder and self.passed and self.passed.resolve().is_relative_to(self.failed_folder.resolve()):
            raise InvalidInputError(
                f"{self.passed} lies where the failed rows go. Name a place outside of that folder."
            )
        for target in (self.failed, self.passed):
            if target is not None:
                self._require_free(target, data)

    def _require_free(self, target: Path, data: Path) -> None:
        if target.is_dir():
            raise InvalidInputError(f"{target} is a folder. Name a file.")
        if is_meant(target, data):
            raise InvalidInputError(f"{target} belongs to the data that are checked. Name another place.")
        if not is_parquet(target.name):
            raise InvalidInputError(f"{target} would be a Parquet file. Name a file that ends in .parquet.")
        if target.exists() and not self.overwrite:
            raise InvalidInputError(f"{target} exists already. Name another one, or pass --overwrite to replace it.")


@dataclass(frozen=True)
class SeparatedRows:
    """How many rows fail a rule and how many fail none, and the files they are in where they were asked for."""

    failed_rows: int
    passed_rows: int
    failed_file: Path | None
    passed_file: Path | None


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
