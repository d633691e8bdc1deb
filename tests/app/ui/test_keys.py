"""Every key is documented: in the help and on its page."""

from __future__ import annotations

from pathlib import Path

from spark_tui.app.ui.app import SparkApp
from spark_tui.app.ui.keys import markdown, places, printed, rows

PAGE = Path(__file__).parents[3] / "docs" / "keys.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == markdown(SparkApp), "run: make keys"


def test_every_key_says_what_it_does() -> None:
    assert not [row for row in rows(SparkApp) if not row.description or not row.key]


def test_the_keys_of_the_diff_are_listed() -> None:
    listed = {key for row in rows(SparkApp) if row.section == "Diff" for key in row.key.split(", ")}
    assert {"a", "x", "v", "w", "z", "h", "y", "/", "+", "-", "n", "N", "space"} <= listed


def test_keys_are_printed_as_on_the_keyboard() -> None:
    assert printed("plus,equals_sign") == "+, ="
    assert printed("slash") == "/"


def test_the_diff_does_not_list_what_all_panes_of_lines_share() -> None:
    sections = [section for section, _ in places(SparkApp)]
    listed = [row.description for row in rows(SparkApp) if row.description == "One page up"]
    assert len(listed) == 1
    assert "Diff and transcript" in sections
