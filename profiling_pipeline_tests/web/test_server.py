import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from profiling_pipeline.storage.database import Database
from profiling_pipeline.web import server


def test_the_app_serves_as_a_process(database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFILING_DATABASE_URL", database.url.render_as_string(hide_password=False))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "profiling_pipeline.web", "--port", str(port)])
    try:
        assert _health(port, process) == b'{"status":"ok"}'
    finally:
        process.terminate()
        process.wait(15)


def test_what_stops_the_start_is_said_in_a_line(
    empty_database: Database, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROFILING_DATABASE_URL", empty_database.url.render_as_string(hide_password=False))
    server.get_settings.cache_clear()
    try:
        with pytest.raises(SystemExit) as stopped:
            server.main([])
    finally:
        server.get_settings.cache_clear()
    assert stopped.value.code == server.EXIT_ERROR
    assert capsys.readouterr().err.startswith("Error: ")


def _health(port: int, process: subprocess.Popen[bytes]) -> bytes:
    """Return what the process answers once it listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the app does not answer; its exit status is {process.poll()}")
