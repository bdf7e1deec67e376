"""Data files stay inside the upload folders."""

from collections.abc import Sequence
from pathlib import Path

from profiling_pipeline.errors import SourceError


def resolve_file(path: Path, allowed_folders: Sequence[Path] | None) -> Path:
    """Return the real path of a data file.

    Args:
        path: Absolute, or relative to one of the folders (to the current one where there are none).
        allowed_folders: Folders that the file must lie in once links are followed; None for any folder.

    Raises:
        SourceError: The file is missing, no regular file, unreadable, or outside the folders.
    """
    folders = [folder.resolve() for folder in allowed_folders] if allowed_folders is not None else None
    candidates = [path] if folders is None or path.is_absolute() else [folder / path for folder in folders]
    resolved = [_resolved(candidate) for candidate in candidates]
    if folders is not None:
        resolved = [file for file in resolved if any(file.is_relative_to(folder) for folder in folders)]
        if not resolved:
            raise SourceError(
                f"The file {path} lies outside the upload folders ({', '.join(map(str, folders))}). "
                "Move it there, or add its folder to PROFILING_UPLOAD_FOLDERS."
            )
    file = next((file for file in resolved if _exists(file)), None)
    if file is None:
        searched = "" if folders is None else f" in {', '.join(map(str, folders))}"
        raise SourceError(f"There is no file {path}{searched}. Check the path.")
    if not file.is_file():
        raise SourceError(f"{path} is not a regular file. Name a data file.")
    return file


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise _cannot_be_followed(path, error) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise _cannot_be_followed(path, error) from error


def _cannot_be_followed(path: Path, error: Exception) -> SourceError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SourceError(f"The path {str(path)[:200]!r} cannot be followed: {reason}. Check the path.")
