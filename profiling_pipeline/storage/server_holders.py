"""The processes that keep the embedded server running, listed in a file beside its data."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil


class ServerHolders:
    """The listed processes that still live; whoever asks for them or changes them has the server's lock."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, pid: int) -> None:
        """List a process; one that has ended holds nothing."""
        with suppress(psutil.NoSuchProcess):
            self._write([*self._living(), _identify(pid)])

    def remove(self, pid: int) -> bool:
        """Take a process off the list; return whether another one is left."""
        others = [holder for holder in self._living() if holder["pid"] != pid]
        self._write(others)
        return bool(others)

    def clear(self) -> None:
        """Take all processes off the list."""
        self._write([])

    def _living(self) -> list[dict[str, Any]]:
        try:
            recorded = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [holder for holder in recorded if _is_alive(holder)]

    def _write(self, holders: list[dict[str, Any]]) -> None:
        by_pid = {holder["pid"]: holder for holder in holders}
        unfinished = self._file.with_name(self._file.name + ".new")
        unfinished.write_text(json.dumps(list(by_pid.values())))
        unfinished.replace(self._file)


def _identify(pid: int) -> dict[str, Any]:
    """Return what tells a process from a later one with the same number."""
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def _is_alive(holder: Mapping[str, Any]) -> bool:
    try:
        process = psutil.Process(holder["pid"])
        # The clock that start times are told by is adjusted now and then.
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - holder["started"]) < 2
    except psutil.NoSuchProcess:
        return False
