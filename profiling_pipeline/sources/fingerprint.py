"""Which state of the data was read."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiling_pipeline.plurals import counted
from profiling_pipeline.sources.faults import faults_of
from profiling_pipeline.sources.paths import DataFile

WHOLE_LIMIT = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


class FilesFingerprint(Mapping[str, Any]):
    """The fingerprint of files, taken by a thread of its own while they are opened; whoever looks at it waits for it.

    Raises:
        SourceError: When it is looked at: a file could not be read.
    """

    def __init__(self, files: Sequence[DataFile]) -> None:
        executor = ThreadPoolExecutor(max_workers=1)
        self._taken = executor.submit(_taken, files)
        executor.shutdown(wait=False)

    def __getitem__(self, name: str) -> Any:
        return self._taken.result()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._taken.result())

    def __len__(self) -> int:
        return len(self._taken.result())


def _taken(files: Sequence[DataFile]) -> dict[str, Any]:
    with faults_of(files[0].path):
        return files_fingerprint(files)


def files_fingerprint(files: Sequence[DataFile]) -> dict[str, Any]:
    """Return what tells one state of a source's files from another: that of its one file, or of all together.

    Of several files that is their number, their size, the latest modification, and a hash of their names and hashes.
    """
    if len(files) == 1:
        return file_fingerprint(files[0].path)
    limit = WHOLE_LIMIT // len(files)
    each = [file_fingerprint(file.path, limit) for file in files]
    listed = "".join(f"{one['sha256']} {file.name}\n" for file, one in zip(files, each, strict=True))
    return {
        "files": len(files),
        "size": sum(one["size"] for one in each),
        "modified_at": max(one["modified_at"] for one in each),
        "sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "hash_of": f"names and hashes of all files, each {max((one['hash_of'] for one in each), key=len)}",
    }


def file_fingerprint(path: Path, whole_limit: int | None = None) -> dict[str, Any]:
    """Return a file's size in bytes, time of modification (UTC) and SHA-256.

    The hash is that of the whole file up to 256 MB (or the limit given), else of its first and last half of that, which
    `hash_of` says.
    """
    limit = WHOLE_LIMIT if whole_limit is None else whole_limit
    facts = path.stat()
    return {
        "size": facts.st_size,
        "modified_at": datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(),
        "sha256": _hash(path, facts.st_size, limit),
        "hash_of": "whole" if facts.st_size <= limit else f"first and last {_shown(limit // 2)}",
    }


def _hash(path: Path, size: int, limit: int) -> str:
    digest = hashlib.sha256()
    parts = [(0, size)] if size <= limit else [(0, limit // 2), (size - limit // 2, limit // 2)]
    with path.open("rb") as file:
        for start, length in parts:
            file.seek(start)
            while length > 0 and (chunk := file.read(min(_CHUNK, length))):
                digest.update(chunk)
                length -= len(chunk)
    return digest.hexdigest()


def _shown(size: int) -> str:
    return f"{size // _CHUNK} MB" if size >= _CHUNK else counted(size, "byte")
