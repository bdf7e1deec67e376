"""Folders and schemas to put data in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from profiling_pipeline_tests.sources.opened import Files, Tables


@pytest.fixture
def files(tmp_path: Path) -> Files:
    folder = tmp_path / "data"
    folder.mkdir()
    return Files(folder, tmp_path / "spill")


@pytest.fixture(scope="module")
def tables(server_url: str) -> Iterator[Tables]:
    tables = Tables.create(make_url(server_url))
    yield tables
    tables.drop()
