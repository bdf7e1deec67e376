"""A package that is installed for one test."""

from pathlib import Path

import pytest


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, group: str, reference: str, **modules: str) -> None:
    """Put modules on the path, with an entry point of a group that refers to them."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    metadata = folder / "brought-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\nbrought = {reference}\n")
    monkeypatch.syspath_prepend(str(folder))
