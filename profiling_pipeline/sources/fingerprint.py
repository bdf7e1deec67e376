"""Which state of the data was read."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WHOLE_LIMIT = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


def file_fingerprint(path: Path) -> dict[str, Any]:
    """Return a file's size in bytes, time of modification (UTC) and SHA-256.

    The hash is that of the whole file up to 256 MB, else of its first and last 128 MB, which `hash_of` says.
    """
    facts = path.stat()
    return {
        "size": facts.st_size,
        "modified_at": datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(),
        "sha256": _hash(path, facts.st_size),
        "hash_of": "whole" if facts.st_size <= WHOLE_LIMIT else "first and last 128 MB",
    }


def _hash(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    parts = [(0, size)] if size <= WHOLE_LIMIT else [(0, WHOLE_LIMIT // 2), (size - WHOLE_LIMIT // 2, WHOLE_LIMIT // 2)]
    with path.open("rb") as file:
        for start, length in parts:
            file.seek(start)
            while length > 0 and (chunk := file.read(min(_CHUNK, length))):
                digest.update(chunk)
                length -= len(chunk)
    return digest.hexdigest()
