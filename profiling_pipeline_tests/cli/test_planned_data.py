"""What a person names becomes a data source that the phase reads later, wherever it is read."""

from pathlib import Path

import pytest

from profiling_pipeline.cli.planned_data import PlannedData, copy_kept_if_planned, data_to_plan
from profiling_pipeline.errors import ConfigurationError, InvalidInputError
from profiling_pipeline.settings import Settings
from profiling_pipeline.sources.location import LOCAL, parse_address, parse_location


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an upload folder in which there are files."""
    monkeypatch.setenv("PROFILING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECRET", "hunter2")
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    folder = settings.allowed_folders[0]
    folder.mkdir(parents=True)
    for name in ("loans.csv", "my bank.duckdb"):
        (folder / name).write_text("x")
    return settings


def test_files_of_the_upload_folders_are_planned_by_their_place(settings: Settings) -> None:
    folder = settings.allowed_folders[0].resolve()
    for data, engine, planned in (
        ("loans.csv", None, PlannedData("loans.csv", "FILE", {"file_path": f"{folder}/loans.csv"})),
        (
            "loans.csv",
            "spark",
            PlannedData("loans.csv", "SPARK", {"master": LOCAL, "path": f"{folder}/loans.csv"}),
        ),
    ):
        assert data_to_plan(str(folder / data), engine, None, settings, copy=False) == planned
    found = data_to_plan(f"duckdb:///{folder}/my bank.duckdb::loans", None, None, settings, copy=False)
    url = f"duckdb://{folder}/my%20bank.duckdb"
    assert found == PlannedData("loans", "DUCKDB", {"url": url, "table": "loans"})


@pytest.mark.parametrize(
    ("data", "engine"),
    [
        ("postgresql://me@db/bank::risk.loans", None),
        ("mysql://me@db/bank::loans", None),
        ("hdfs://bank/loans", "yarn"),
        ("::bank.loans", "sc://spark:15002"),
    ],
)
def test_what_lives_elsewhere_is_planned_as_it_is_named(settings: Settings, data: str, engine: str | None) -> None:
    environment = {"SECRET": "hunter2"}
    found = data_to_plan(data, engine, "SECRET", settings, copy=False)
    named = parse_address(data, engine=engine, password_env="SECRET", environment=environment)
    assert parse_location(found.source_type, found.connection_config, found.auth_config, environment) == named
    assert "hunter2" not in repr(found)


def test_other_places_are_refused_or_copied(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine.sqlite").write_text("x")
    for data, said in (
        ("gone.csv", "There is no file gone.csv"),
        ("sqlite:///mine.sqlite::loans", "mine.sqlite is outside the upload folders .* Pass --copy"),
        ("mine", "mine is outside the upload folders .* Copy it there yourself"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            data_to_plan(data, None, None, settings, copy=False)
    copied = data_to_plan("sqlite:///mine.sqlite::loans", None, None, settings, copy=True)
    assert copied.connection_config["url"] == f"sqlite://{settings.allowed_folders[0]}/mine.sqlite"
    with pytest.raises(ConfigurationError, match="NOPE, which is not set"):
        data_to_plan("postgresql://db/bank::loans", None, "NOPE", settings, copy=False)


def test_a_copy_goes_again_where_planning_fails(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("x")
    folder = settings.allowed_folders[0]
    for data in ("mine.csv", str(folder / "loans.csv")):
        found = data_to_plan(data, None, None, settings, copy=True)
        with pytest.raises(InvalidInputError), copy_kept_if_planned(found):
            raise InvalidInputError("no plan")
    assert sorted(path.name for path in folder.iterdir()) == ["loans.csv", "my bank.duckdb"]
    with copy_kept_if_planned(data_to_plan("mine.csv", None, None, settings, copy=True)):
        pass
    with pytest.raises(InvalidInputError, match="exists already"):
        data_to_plan("mine.csv", None, None, settings, copy=True)
    assert (folder / "mine.csv").read_text() == "x"
