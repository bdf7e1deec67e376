"""What a person names on the command line, as the data source of a plan."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from profiling_pipeline.errors import InvalidInputError
from profiling_pipeline.settings import Settings


@dataclass(frozen=True)
class PlannedData:
    """A data source as it is planned, and what it is called where nobody gives it a name."""

    name: str
    source_type: str
    connection_config: dict[str, str]
    auth_config: dict[str, str] | None = None


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
            path = _uploaded(path, settings, copy=copy)
            return PlannedData(path.name, "FILE", {"file_path": str(path)})
        case SparkTable(place, table):
            return PlannedData(table, "SPARK", {**_spark(place), "table": table})
        case SparkFiles(place, path):
            if "://" in path:
                return PlannedData(path.rstrip("/").rpartition("/")[2], "SPARK", {**_spark(place), "path": path})
            file = _uploaded(Path(path), settings, copy=copy)
            return PlannedData(file.name, "SPARK", {**_spark(place), "path": str(file)})
    url, _, table = data.rpartition("::")
    scheme = urlsplit(url).scheme.casefold()
    if scheme in FILES:
        url = f"{scheme}://{quote(str(_uploaded(files_named(url)[0], settings, copy=copy)))}"
    auth = {"password_env": password_env} if password_env else None
    return PlannedData(table, scheme.upper(), {"url": url, "table": table}, auth)


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
    target = folder / data.name
    if target.exists():
        raise InvalidInputError(f"{target} exists already. Rename the file, or plan that one.")
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(resolved, target))
