"""A dump of the schema before anything moves, with a manifest to check it by."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from profiling_pipeline.errors import ConfigurationError, DatabaseSchemaError
from profiling_pipeline.legacy_migration.found import ARCHIVE, find_tables
from profiling_pipeline.legacy_migration.session import legacy_session
from profiling_pipeline.storage.database import Database, describe_server
from profiling_pipeline.storage.server_account import PROGRAMS

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A dump: where it is, how to tell that it is whole, and how many rows the legacy tables in it have."""

    file: Path
    manifest: Path
    byte_count: int
    sha256: str
    created_at: datetime
    server_version: str
    program_version: str
    database: str
    tables: Mapping[str, int]


def back_up(database: Database, folder: Path) -> Backup:
    """Dump the schema, and the archive if there is one, in pg_dump's custom format; rows are counted in its snapshot.

    Raises:
        ConfigurationError: There is no pg_dump, or only one older than the server; or the folder cannot be written.
        DatabaseSchemaError: There are no legacy tables, or pg_dump failed.
    """
    with legacy_session(database) as session, session.transaction():
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        program, program_version = _program(session.raw.info.server_version // 10000)
        tables = [*find_tables(session.raw, ARCHIVE), *find_tables(session.raw, database.schema)]
        if not any(table.definition.moves for table in tables):
            raise DatabaseSchemaError(
                f"Schema {database.schema!r} has no legacy tables, so there is nothing to back up."
            )
        counts = {
            f"{table.schema}.{table.name}": session.rows(sql.SQL("SELECT count(*) FROM {}").format(table.identifier))[
                0
            ][0]
            for table in tables
        }
        created_at = datetime.now(UTC)
        snapshot = session.rows("SELECT pg_export_snapshot()")[0][0]
        server_version = session.rows("SHOW server_version")[0][0]
        with _written_to(folder):
            file = folder / f"legacy-{created_at:%Y%m%dT%H%M%S%f}.dump"
            unfinished = file.with_suffix(".unfinished")
            _dump(database, program, unfinished, snapshot, {table.schema for table in tables})
            backup = Backup(
                file=file,
                manifest=file.with_suffix(".json"),
                byte_count=unfinished.stat().st_size,
                sha256=_digest(unfinished),
                created_at=created_at,
                server_version=server_version,
                program_version=program_version,
                database=describe_server(database.url),
                tables=counts,
            )
            _write_manifest(backup)
            unfinished.rename(file)  # under its name only when it is complete
        return backup


def _program(server_major: int) -> tuple[str, str]:
    """Return a pg_dump that is at least as new as the server, the embedded server's or the one on the path."""
    found = []
    for candidate in (str(PROGRAMS / "pg_dump"), shutil.which("pg_dump")):
        if candidate is None or not Path(candidate).exists():
            continue
        command = [candidate, "--version"]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
        version = re.search(r"(\d+)(\.\d+)?", text)
        if version and int(version[1]) >= server_major:
            return candidate, text
        found.append(text or candidate)
    has = f"only {' and '.join(found)}" if found else "none"
    raise ConfigurationError(
        f"A backup needs pg_dump of PostgreSQL {server_major} or newer, and there is {has}. "
        f"Install PostgreSQL's client programs of version {server_major} so that pg_dump is on the PATH, then repeat."
    )


@contextmanager
def _written_to(folder: Path) -> Iterator[None]:
    """Make the folder, and say in words what the file system objects to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ConfigurationError(
            f"The backup cannot be written to {folder}: {error.strerror}. Nothing was changed. "
            "Make room or permission there, or name another folder, then repeat."
        ) from error


def _dump(database: Database, program: str, file: Path, snapshot: str, schemas: set[str]) -> None:
    url = database.url.set(drivername="postgresql")
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)  # not in the command line, which every user can see
    where = url.set(password=None).render_as_string(hide_password=False)
    command = [
        program,
        "--format=custom",
        f"--file={file}",
        f"--snapshot={snapshot}",
        "--no-password",
        f"--dbname={where}",
    ]
    command += [f"--schema={schema}" for schema in sorted(schemas)]
    file.touch(mode=0o600)
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if finished.returncode != 0:
        file.unlink(missing_ok=True)
        said = finished.stderr.strip().splitlines() or ["no reason given"]
        reason = next((line for line in said if "error: " in line), said[-1]).rpartition("error: ")[2]
        raise DatabaseSchemaError(
            f"pg_dump failed: {reason}. Nothing was changed. Remove what it objects to, then repeat."
        )


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write_manifest(backup: Backup) -> None:
    facts: dict[str, Any] = {**asdict(backup), "file": backup.file.name, "manifest": backup.manifest.name}
    backup.manifest.write_text(json.dumps(facts, default=str, indent=2) + "\n", encoding="utf-8")
