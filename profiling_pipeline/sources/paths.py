"""Data files stay inside the upload folders; a folder or a pattern of files is all its files."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from profiling_pipeline.errors import SourceError

_COMPRESSED = re.compile(r"\.(gz|zst)$")


@dataclass(frozen=True)
class DataFile:
    """A data file: the name that people know it by within its source, and its real path."""

    name: str
    path: Path


def resolve_file(path: Path, allowed_folders: Sequence[Path] | None) -> Path:
    """Return the real path of a file.

    Args:
        path: Absolute, or relative to one of the folders (to the current one where there are none).
        allowed_folders: Folders that the file must lie in once links are followed; None for any folder.

    Raises:
        SourceError: The file is missing, no regular file, unreadable, or outside the folders.
    """
    file = _existing(path, allowed_folders)[0]
    if not file.is_file():
        raise SourceError(f"{path} is not a regular file. Name a data file.")
    return file


def resolve_files(path: Path, allowed_folders: Sequence[Path] | None) -> list[DataFile]:
    """Return the data files that a path means: itself, those of the folder, or those that match the pattern, by name.

    In folders, names that begin with a dot or an underscore are passed over, as the programs that write such folders
    mean it. Within a pattern `*`, `?` and `[...]` stand for characters of a name, `**` for folders.

    Args:
        path: A file, a folder or a pattern; absolute, or relative to one of the folders.
        allowed_folders: Folders that each file must lie in once links are followed; None for any folder.

    Raises:
        SourceError: There is no such file, they are of several formats, or one is empty or may not be read.
    """
    if has_magic(str(path)) and not any(_exists(candidate) for candidate in _candidates(path, allowed_folders)):
        folder, found = _matching(path, allowed_folders)
    else:
        folder = _existing(path, allowed_folders)[0]
        if not folder.is_dir():
            file = DataFile(path.name, resolve_file(path, allowed_folders))
            _require_content([file])
            return [file]
        found = [file for file in sorted(folder.iterdir()) if not file.name.startswith((".", "_"))]
        if not found:
            raise SourceError(f"The folder {path} has no data files. Put files in it, or name another folder.")
    files = [DataFile(str(file.relative_to(folder)), resolve_file(file, allowed_folders)) for file in found]
    _require_one_format(files, path)
    _require_content(files)
    return files


def is_meant(file: Path, path: Path) -> bool:
    """Return whether a file, there or yet to be written, is among what a file, folder or pattern means."""
    place = file.resolve()
    if not has_magic(str(path)) or path.exists():
        return place == path.resolve() or (path.is_dir() and place.is_relative_to(path.resolve()))
    start, pattern = _split(path)
    if not place.is_relative_to(start.resolve()):
        return False
    below = place.relative_to(start.resolve())
    if "**" in pattern:  # which stands for any number of folders, also none
        return below.match(Path(pattern).name)
    return len(below.parts) == len(Path(pattern).parts) and below.match(pattern)


def format_of(name: str) -> str:
    """Return the ending that says how a file is written, without that of its compression."""
    return Path(_COMPRESSED.sub("", name.casefold())).suffix


def _require_one_format(files: Sequence[DataFile], path: Path) -> None:
    first = files[0]
    other = next((file for file in files if format_of(file.name) != format_of(first.name)), None)
    if other:
        raise SourceError(
            f"{path} has files of different formats, such as {first.name} and {other.name}. "
            f"Name those of one format by a pattern, such as *{format_of(first.name)}."
        )


def _require_content(files: Iterable[DataFile]) -> None:
    for file in files:
        if file.path.stat().st_size == 0:
            raise SourceError(f"{file.name} is empty. It needs a header and rows.")


def _split(path: Path) -> tuple[Path, str]:
    """Return the part of a pattern that is a folder's path, and the pattern within that folder."""
    parts = path.parts
    place = next(number for number, part in enumerate(parts) if has_magic(part))
    return Path(*parts[:place]), str(Path(*parts[place:]))


def _matching(path: Path, allowed_folders: Sequence[Path] | None) -> tuple[Path, list[Path]]:
    """Return the files that match a pattern, and the folder that their names are told from."""
    start, pattern = _split(path)
    for folder in _existing(start, allowed_folders):
        try:
            found = [file for file in sorted(folder.glob(pattern)) if not file.is_dir()]
        except (OSError, ValueError) as error:
            raise _cannot_be_followed(path, error) from error
        if found:
            return folder, found
    raise SourceError(f"No file matches {path}. Check the pattern, and that the files are there.")


def _existing(path: Path, allowed_folders: Sequence[Path] | None) -> list[Path]:
    """Return the real paths, at least one, of files or folders that are there and inside the folders."""
    folders = [folder.resolve() for folder in allowed_folders] if allowed_folders is not None else None
    resolved = [_resolved(candidate) for candidate in _candidates(path, folders)]
    if folders is not None:
        resolved = [file for file in resolved if any(file.is_relative_to(folder) for folder in folders)]
        if not resolved:
            raise SourceError(
                f"The file {path} lies outside the upload folders ({', '.join(map(str, folders))}). "
                "Move it there, or add its folder to PROFILING_UPLOAD_FOLDERS."
            )
    existing = [file for file in resolved if _exists(file)]
    if not existing:
        searched = "" if folders is None else f" in {', '.join(map(str, folders))}"
        raise SourceError(f"There is no file {path}{searched}. Check the path.")
    return existing


def _candidates(path: Path, folders: Sequence[Path] | None) -> Iterator[Path]:
    if folders is None or path.is_absolute():
        yield path
    else:
        yield from (folder / path for folder in folders)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise _cannot_be_followed(path, error) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise _cannot_be_followed(path, error) from error


def _cannot_be_followed(path: Path, error: Exception) -> SourceError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SourceError(f"The path {str(path)[:200]!r} cannot be followed: {reason}. Check the path.")
