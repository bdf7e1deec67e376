"""Files are read from the upload folders only."""

from pathlib import Path

import pytest

from profiling_pipeline.errors import SourceError
from profiling_pipeline.sources.location import FileLocation
from profiling_pipeline.sources.model import OpenSource
from profiling_pipeline.sources.opening import open_source
from profiling_pipeline_tests.sources.opened import values_of


@pytest.fixture
def uploads(tmp_path: Path) -> tuple[Path, Path]:
    """Two upload folders beside a file that is in neither."""
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "inner").mkdir(parents=True)
    second.mkdir()
    (first / "loans.csv").write_text("a\n1\n")
    (first / "inner" / "deep.csv").write_text("a\n2\n")
    (second / "cards.csv").write_text("a\n3\n")
    (tmp_path / "secret.csv").write_text("a\n4\n")
    (tmp_path / "first-but-not").mkdir()
    (tmp_path / "first-but-not" / "secret.csv").write_text("a\n5\n")
    return first, second


def _open(path: str | Path, folders: tuple[Path, ...]) -> OpenSource:
    spill = folders[0].parent / "spill"
    return open_source(FileLocation(Path(path)), allowed_folders=folders, memory_limit="500MB", spill_folder=spill)


@pytest.mark.parametrize(
    ("path", "value"),
    [("loans.csv", 1), ("inner/deep.csv", 2), ("inner/../loans.csv", 1), ("cards.csv", 3), ("../second/cards.csv", 3)],
)
def test_files_inside_are_found_in_any_folder(uploads: tuple[Path, Path], path: str, value: int) -> None:
    with _open(path, uploads) as source:
        assert values_of(source, "a") == [value]


def test_an_absolute_path_inside_is_found(uploads: tuple[Path, Path]) -> None:
    with _open(uploads[0] / "loans.csv", uploads) as source:
        assert values_of(source, "a") == [1]


@pytest.mark.parametrize("path", ["../secret.csv", "inner/../../secret.csv", "../first-but-not/secret.csv"])
def test_no_way_leads_out(uploads: tuple[Path, Path], path: str) -> None:
    for asked in (path, uploads[0] / path):
        with pytest.raises(SourceError, match=r"outside the upload folders.*PROFILING_UPLOAD_FOLDERS"):
            _open(asked, uploads)


def test_links_lead_only_inside(uploads: tuple[Path, Path]) -> None:
    first, second = uploads
    (first / "out.csv").symlink_to(first.parent / "secret.csv")
    (first / "folder").symlink_to(first.parent)
    (first / "across.csv").symlink_to(second / "cards.csv")
    for asked in ("out.csv", "folder/secret.csv"):
        with pytest.raises(SourceError, match="PROFILING_UPLOAD_FOLDERS"):
            _open(asked, (first,))
        with pytest.raises(SourceError):
            _open(asked, uploads)
    with _open("across.csv", uploads) as source:
        assert values_of(source, "a") == [3]


def test_an_upload_folder_may_be_a_link_itself(uploads: tuple[Path, Path]) -> None:
    link = uploads[0].parent / "link"
    link.symlink_to(uploads[0])
    with _open("loans.csv", (link,)) as source:
        assert values_of(source, "a") == [1]


def test_links_in_a_circle_and_impossible_names(uploads: tuple[Path, Path]) -> None:
    (uploads[0] / "a.csv").symlink_to(uploads[0] / "b.csv")
    (uploads[0] / "b.csv").symlink_to(uploads[0] / "a.csv")
    for asked in ("a.csv", "nul\0.csv", "x" * 5000 + ".csv"):
        with pytest.raises(SourceError):
            _open(asked, uploads)


def test_a_missing_file_names_where_it_was_looked_for(uploads: tuple[Path, Path]) -> None:
    with pytest.raises(SourceError, match=r"There is no file nowhere.csv in .*first.*second"):
        _open("nowhere.csv", uploads)
