"""Parquet files of rows: complete under their name, or not there."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
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


@dataclass
class RowFile:
    """A Parquet file that is written beside its place, and put there when all is well."""

    target: Path
    schema: pa.Schema
    rows: int = 0
    _waiting: list[pa.RecordBatch] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._part = self.target.with_name(f".{self.target.name}.{uuid4().hex}.part")
            self._writer = pq.ParquetWriter(self._part, self.schema, compression="zstd")
        except OSError as error:
            raise cannot_be_written(self.target, error) from error

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; they are kept until there are enough for one row group."""
        self.rows += batch.num_rows
        self._waiting.append(batch)
        if sum(each.nbytes for each in self._waiting) >= _ROW_GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        """Write what is kept, and close."""
        self._flush()
        self._writer.close()

    def publish(self) -> None:
        """Put the finished file in its place."""
        os.replace(self._part, self.target)  # noqa: PTH105 - replaces on every system, in one step

    def discard(self) -> None:
        """Remove what has been written, unless it is in its place."""
        with suppress(Exception):
            self._writer.close()
        self._part.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self.schema))
            self._waiting.clear()


def cannot_be_written(target: Path, error: OSError) -> ProfilingError:
    """Say that a file cannot be written, and why."""
    return InvalidInputError(
        f"{target} cannot be written: {error.strerror or error}. Name another place, or make room."
    )
