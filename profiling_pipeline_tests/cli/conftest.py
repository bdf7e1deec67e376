"""The command line as a person uses it: arguments in, text and exit status out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from profiling_pipeline.cli.app import main
from profiling_pipeline.settings import get_settings


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def profiling(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run `profiling` with arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["profiling", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Answer(status, printed.out, printed.err)

    return run
