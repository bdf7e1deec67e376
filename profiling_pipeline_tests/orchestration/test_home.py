from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from profiling_pipeline.errors import ConfigurationError
from profiling_pipeline.orchestration.home import INSTANCE_FILE, prepare_dagster_home
from profiling_pipeline.settings import Settings


def test_the_folder_has_the_instance_file_whoever_makes_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    old = tmp_path / "home" / "dagster" / "dagster.yaml"
    old.parent.mkdir(parents=True)
    old.symlink_to(tmp_path / "an earlier release")
    for _ in range(20):
        monkeypatch.setenv("DAGSTER_HOME", "")
        with ThreadPoolExecutor(4) as pool:
            folders = set(pool.map(prepare_dagster_home, [settings] * 4))
        assert folders == {old.parent}
        assert old.resolve() == INSTANCE_FILE
        assert list(old.parent.iterdir()) == [old]
        old.unlink()


def test_a_folder_of_ones_own_needs_the_instance_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"has no dagster\.yaml\. Copy .*dagster\.yaml there"):
        prepare_dagster_home(Settings())
    (tmp_path / "dagster.yaml").write_text("")
    assert prepare_dagster_home(Settings()) == tmp_path
