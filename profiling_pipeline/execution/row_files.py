"""Where failed and passed rows are written, and what was."""

from dataclasses import dataclass
from pathlib import Path

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.sources.files import is_parquet
from profiling_pipeline.sources.paths import is_meant

FAILED_FILE = "failed_rows.parquet"


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
