"""Telling one state of a file from another."""

import hashlib
import os
from pathlib import Path

import pytest

from profiling_pipeline.sources import fingerprint
from profiling_pipeline.sources.fingerprint import file_fingerprint
from profiling_pipeline_tests.sources.opened import Files


def test_a_file_is_known_by_size_time_and_hash(files: Files) -> None:
    path = files.write("a.csv", "a\n1\n")
    os.utime(path, (0, 86_400))
    assert file_fingerprint(path) == {
        "size": 4,
        "modified_at": "1970-01-02T00:00:00+00:00",
        "sha256": hashlib.sha256(b"a\n1\n").hexdigest(),
        "hash_of": "whole",
    }
    with files.open("a.csv") as source:
        assert source.fingerprint == file_fingerprint(path)


def test_of_a_large_file_the_ends_are_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "WHOLE_LIMIT", 8)
    path = tmp_path / "large"
    path.write_bytes(b"headmiddletail")
    first = file_fingerprint(path)
    assert first["sha256"] == hashlib.sha256(b"headtail").hexdigest()
    assert first["hash_of"] != "whole"
