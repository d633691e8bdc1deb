"""The theme that was chosen is there the next time, and a file that cannot be read or written is no trouble."""

from __future__ import annotations

from pathlib import Path

from spark_tui.app.settings import DEFAULT_THEME, Settings
from spark_tui.app.theme_choice import choose_theme, chosen_theme, starting_theme, theme_path


def test_what_was_chosen_last_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state" / "theme"
    assert chosen_theme(path) is None
    choose_theme(path, "nord")
    choose_theme(path, "spark-light")
    assert chosen_theme(path) == "spark-light"
    assert [file.name for file in path.parent.iterdir()] == ["theme"]


def test_what_the_config_file_says_goes_before_it() -> None:
    assert starting_theme(Settings()) == DEFAULT_THEME
    choose_theme(theme_path(), "nord")
    assert starting_theme(Settings()) == "nord"
    assert starting_theme(Settings(theme="spark-light")) == "spark-light"


def test_a_damaged_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "theme"
    for data in (b"", b"\n", b"\xff\xfe"):
        path.write_bytes(data)
        assert chosen_theme(path) is None


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    choose_theme(tmp_path / "file" / "theme", "nord")
    assert chosen_theme(tmp_path / "file" / "theme") is None
