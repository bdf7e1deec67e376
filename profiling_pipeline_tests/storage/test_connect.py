import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from profiling_pipeline.errors import DatabaseUnavailableError
from profiling_pipeline.settings import Settings
from profiling_pipeline.storage.connect import dagster_url, embedded_server, ensure_environment, open_database
from profiling_pipeline.storage.embedded import EmbeddedServer


@pytest.fixture
def own_settings(home_with_server: Path) -> Iterator[Settings]:
    """Settings with an embedded server of its own."""
    settings = Settings(home=home_with_server)
    yield settings
    embedded_server(settings).stop()


def _name(url: str) -> str:
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    return str(row[0])


def test_without_a_url_the_embedded_server_is_started_with_its_databases(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PROFILING_DATABASE_URL", "PROFILING_DAGSTER_DATABASE_URL"):
        monkeypatch.setenv(name, "")  # restores what is there after the test
        monkeypatch.delenv(name)
    database = ensure_environment(own_settings)
    with database.session() as session:
        assert session.scalar(text("SELECT current_database()")) == "profiling"
    assert _name(os.environ["PROFILING_DATABASE_URL"]) == "profiling"
    assert _name(os.environ["PROFILING_DAGSTER_DATABASE_URL"]) == "dagster"
    assert Path(os.environ["PROFILING_HOME"]).is_absolute()
    database.close()
    # What a child process makes of that environment: the same places, and the server is held by it as well.
    for_child = Settings()
    assert for_child.database_url is not None
    child = open_database(for_child)
    assert (child.url, dagster_url(for_child)) == (database.url, os.environ["PROFILING_DAGSTER_DATABASE_URL"])
    child.close()


def test_a_child_holds_the_embedded_server_that_it_was_handed(own_settings: Settings) -> None:
    server = embedded_server(own_settings)
    database = open_database(own_settings)
    database.close()
    server.release()
    assert not server.is_running()
    url = SecretStr(database.url.render_as_string(hide_password=False))
    handed = open_database(own_settings.model_copy(update={"database_url": url}))
    with handed.session() as session:
        assert session.scalar(text("SELECT 1")) == 1
    handed.close()
    assert server.is_running()


def test_a_url_leads_to_another_server(home: Path, server: EmbeddedServer, server_url: str) -> None:
    settings = Settings(database_url=SecretStr(server_url), database_schema="elsewhere")
    database = open_database(settings)
    assert (database.url.database, database.schema) == ("postgres", "elsewhere")
    database.close()
    assert not embedded_server(settings).is_running()
    assert not home.exists() or not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("tables", "dagster", "expected"),
    [
        (
            "postgresql://u:p@h:6000/app?sslmode=require",
            None,
            "postgresql+psycopg2://u:p@h:6000/dagster?sslmode=require",
        ),
        ("postgresql://u:p@h/app", "postgresql://d:q@other/runs", "postgresql+psycopg2://d:q@other/runs"),
    ],
)
def test_dagster_lives_beside_the_tables_unless_told_otherwise(
    home: Path, tables: str, dagster: str | None, expected: str
) -> None:
    settings = Settings(database_url=SecretStr(tables), dagster_database_url=dagster and SecretStr(dagster))
    assert dagster_url(settings) == expected


def test_a_database_of_dagster_that_does_not_answer_is_named_before_dagster_starts(home: Path, server_url: str) -> None:
    settings = Settings(
        database_url=SecretStr(server_url), dagster_database_url=SecretStr("postgresql://d:s3cret@127.0.0.1:1/dagster")
    )
    with pytest.raises(DatabaseUnavailableError, match="PROFILING_DAGSTER_DATABASE_URL") as caught:
        ensure_environment(settings)
    assert "'dagster' at 127.0.0.1:1 does not answer" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_no_right_to_create_dagsters_database_is_explained(home: Path) -> None:
    settings = Settings(database_url=SecretStr("postgresql://u:s3cret@127.0.0.1:1/app"))
    with pytest.raises(DatabaseUnavailableError, match=r"'dagster' at 127.0.0.1:1 cannot be created") as caught:
        ensure_environment(settings)
    assert "PROFILING_DAGSTER_DATABASE_URL" in str(caught.value)
    assert "s3cret" not in str(caught.value)
