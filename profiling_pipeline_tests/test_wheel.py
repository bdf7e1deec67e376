"""What is installed is enough: no command needs a checkout."""

import os
import tomllib
from pathlib import Path

import profiling_pipeline

_PACKAGE = Path(profiling_pipeline.__file__).parent
_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_a_wheel_holds_all_files_of_the_package() -> None:
    patterns = tomllib.loads(_PROJECT.read_text())["tool"]["setuptools"]["package-data"]["profiling_pipeline"]
    packages = [found.parent for found in _PACKAGE.rglob("__init__.py")]
    held = {module for package in packages for module in package.glob("*.py")}
    held |= {file for pattern in patterns for file in _PACKAGE.glob(pattern)}
    there = {Path(folder, name) for folder, _, names in os.walk(_PACKAGE, followlinks=True) for name in names}

    assert {file for file in there if file.suffix != ".pyc"} == held


def test_the_tables_and_dagster_are_set_up_from_files_of_the_package() -> None:
    needed = ["storage/alembic/env.py", "orchestration/dagster.yaml", "orchestration/workspace.yaml"]

    assert [name for name in needed if not (_PACKAGE / name).is_file()] == []
