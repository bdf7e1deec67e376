"""The dump that is made first: whole, with a manifest, or an error in words and nothing left behind."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from profiling_pipeline.errors import ConfigurationError, DatabaseSchemaError
from profiling_pipeline.legacy_migration import backup
from profiling_pipeline.legacy_migration.backup import back_up
from profiling_pipeline.storage.database import Database
from profiling_pipeline.storage.migrations import upgrade
from profiling_pipeline.storage.server_account import PROGRAMS
from profiling_pipeline_tests.legacy_migration.bank import Bank, a_legacy_rule, a_legacy_version
from profiling_pipeline_tests.legacy_migration.legacy_tables import RULES, VERSIONS


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs, the only one that is looked into."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(backup, "PROGRAMS", folder / "none")
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    monkeypatch.setattr(backup.shutil, "which", lambda name: str(folder / name))
    return folder


def a_pg_dump(folder: Path, version: str, does: str = "exit 1") -> None:
    program = folder / "pg_dump"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi\n{does}\n'
    )
    program.chmod(0o755)


def test_a_dump_has_all_legacy_tables_and_a_manifest_to_check_it_by(bank: Bank, tmp_path: Path) -> None:
    a_legacy_rule(bank, "One", a_legacy_version(bank, 1))
    made = back_up(bank.legacy.database, tmp_path / "new" / "folder")
    manifest = json.loads(made.manifest.read_text())
    assert manifest["sha256"] == hashlib.sha256(made.file.read_bytes()).hexdigest()
    assert (manifest["tables"][f"public.{RULES}"], manifest["tables"]["public.profiling_cache"]) == (1, 0)
    assert made.file.stat().st_mode & 0o077 == 0
    restore = [str(PROGRAMS / "pg_restore"), "--list", str(made.file)]
    listed = subprocess.run(restore, check=True, capture_output=True, text=True).stdout
    assert f"TABLE DATA public {VERSIONS}" in listed
    assert {path.suffix for path in made.file.parent.iterdir()} == {".dump", ".json"}


@pytest.mark.parametrize(
    ("version", "has"), [(None, "there is none"), ("9.6.24", r"there is only pg_dump \(PostgreSQL\) 9.6")]
)
def test_without_a_new_enough_pg_dump_it_says_what_to_install(
    bank: Bank, tmp_path: Path, no_programs: Path, version: str | None, has: str
) -> None:
    if version:
        a_pg_dump(no_programs, version)
    with pytest.raises(ConfigurationError, match=f"{has}.*Install PostgreSQL's client programs"):
        back_up(bank.legacy.database, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_failing_pg_dump_is_quoted_and_leaves_nothing(bank: Bank, tmp_path: Path, no_programs: Path) -> None:
    said = "pg_dump: error: could not write to output file: No space left on device"
    a_pg_dump(no_programs, "99", f"echo '{said}' >&2; echo 'pg_dump: detail: none' >&2; exit 1")
    with pytest.raises(DatabaseSchemaError, match="pg_dump failed: could not write to output file: No space left"):
        back_up(bank.legacy.database, tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.touch()
    with pytest.raises(ConfigurationError, match=r"cannot be written to .*a file/backup: Not a directory"):
        back_up(bank.legacy.database, file / "backup")


def test_without_legacy_tables_there_is_nothing_to_dump(empty_database: Database, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(DatabaseSchemaError, match="nothing to back up"):
            back_up(empty_database, tmp_path / "backup")
        upgrade(empty_database)  # brings the access log alone, which is this project's, too
    assert not (tmp_path / "backup").exists()
