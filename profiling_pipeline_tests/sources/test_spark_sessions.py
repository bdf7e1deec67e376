"""What is said where Spark cannot start; none of it needs a Java runtime."""

from pathlib import Path
from socket import create_server

import pytest

from profiling_pipeline.errors import SourceError, SourceUnavailableError
from profiling_pipeline.sources import spark_sessions
from profiling_pipeline.sources.spark_sessions import hold_session


def test_without_spark_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_sessions, "find_spec", lambda name: None)
    with pytest.raises(
        SourceError, match=r"Spark is not installed. Install it: pip install 'profiling-pipeline\[spark\]'"
    ):
        hold_session("local[*]", "1GB", tmp_path)


@pytest.mark.parametrize("home", ["/no/such/java", None])
def test_without_java_a_package_is_named(home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if home:
        monkeypatch.setenv("JAVA_HOME", home)
    with pytest.raises(SourceError, match=r"Java runtime.*apt-get install default-jre-headless"):
        hold_session("local[*]", "1GB", tmp_path)


@pytest.mark.parametrize("place", ["sc://127.0.0.1:{port}", "spark://127.0.0.1:{port},127.0.0.1:{port}"])
def test_a_server_that_does_not_answer_may_be_tried_again(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_sessions, "has_java", lambda: True)
    monkeypatch.setattr(spark_sessions, "_SESSIONS", spark_sessions._Sessions())
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceUnavailableError, match=f"{port} does not answer: Connection refused. Check") as refused:
        hold_session(place.format(port=port), "1GB", tmp_path)
    assert refused.value.retryable
