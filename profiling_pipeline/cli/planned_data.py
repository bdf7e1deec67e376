"""What a person names on the command line, as the data source of a plan."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.settings import Settings


@dataclass(frozen=True)
class PlannedData:
    """A data source as it is planned, what it is called where nobody gives it a name, and the copy made for it."""

    name: str
    source_type: str
    connection_config: dict[str, str]
    auth_config: dict[str, str] | None = None
    copy: Path | None = field(default=None, compare=False)


def data_to_plan(
    data: str, engine: str | None, password_env: str | None, settings: Settings, *, copy: bool
) -> PlannedData:
    """Return the data source that a file, a table of a database or what Spark reads is planned as.

    Args:
        data: What was named: see `parse_address`.
        engine: Where Spark runs, if it is to read the data.
        password_env: The variable that holds the password of a database; only its name is planned.
        settings: The upload folders.
        copy: Whether a file outside of the upload folders is copied into the first one.

    Raises:
        ProfilingError: It cannot be understood, is not there, or lies outside of the upload folders.
    """
    from profiling_pipeline.sources.databases import FILES, files_named
    from profiling_pipeline.sources.location import FileLocation, SparkFiles, SparkTable, parse_address

    location = parse_address(data, engine=engine, password_env=password_env, environment=os.environ)
    match location:
        case FileLocation(path):
            place = _uploaded(path, settings, copy=copy)
            return PlannedData(place.name, "FILE", {"file_path": str(place)}, copy=_copy_of(path, place))
        case SparkTable(place, table):
            return PlannedData(table, "SPARK", {**_spark(place), "table": table})
        case SparkFiles(place, path):
            if "://" in path:
                return PlannedData(path.rstrip("/").rpartition("/")[2], "SPARK", {**_spark(place), "path": path})
            file = _uploaded(Path(path), settings, copy=copy)
            config = {**_spark(place), "path": str(file)}
            return PlannedData(file.name, "SPARK", config, copy=_copy_of(Path(path), file))
    url, _, table = data.rpartition("::")
    scheme = urlsplit(url).scheme.casefold()
    copied = None
    if scheme in FILES:
        named = files_named(url)[0]
        file = _uploaded(named, settings, copy=copy)
        url, copied = f"{scheme}://{quote(str(file))}", _copy_of(named, file)
    auth = {"password_env": password_env} if password_env else None
    return PlannedData(table, scheme.upper(), {"url": url, "table": table}, auth, copied)


@contextmanager
def copy_kept_if_planned(data: PlannedData) -> Iterator[None]:
    """Plan the data in the block; where it fails, a copy that was made for it is removed again."""
    try:
        yield
    except BaseException:
        if data.copy:
            data.copy.unlink(missing_ok=True)
        raise


def _copy_of(named: Path, place: Path) -> Path | None:
    """Return the place of a file where it is not that of the file which was named."""
    return None if named.resolve() == place.resolve() else place


def _spark(place: str) -> dict[str, str]:
    return {"remote" if place.startswith("sc://") else "master": place}


def _uploaded(data: Path, settings: Settings, *, copy: bool) -> Path:
    """Return the place inside an upload folder, after copying a file there when asked to."""
    if not data.exists():
        raise InvalidInputError(f"There is no file {data}. Check the path.")
    resolved = data.resolve()
    if any(resolved.is_relative_to(folder.resolve()) for folder in settings.allowed_folders):
        return resolved
    folder = settings.allowed_folders[0]
    if data.is_dir() or not copy:
        way = "Copy it there yourself" if data.is_dir() else "Pass --copy to copy it there"
        raise InvalidInputError(
            f"{data} is outside the upload folders ({', '.join(map(str, settings.allowed_folders))}). "
            f"{way}, or add its folder to PROFILING_UPLOAD_FOLDERS."
        )
    return _copied(resolved, folder / data.name)


def _copied(file: Path, target: Path) -> Path:
    """Copy a file to a place where there is none; where that fails, nothing is left there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as source, target.open("xb") as copy:
            try:
                shutil.copyfileobj(source, copy)
            except BaseException:
                target.unlink()
                raise
    except FileExistsError as error:
        raise InvalidInputError(f"{target} exists already. Rename the file, or plan that one.") from error
    except OSError as error:
        raise InvalidInputError(
            f"{file} cannot be copied to {target.parent}: {error.strerror}. Make room, or check the permissions."
        ) from error
    return target
