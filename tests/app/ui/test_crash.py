"""A crash is one line for the user and a traceback in a file, whatever the disk says."""

from __future__ import annotations

from pathlib import Path

from spark_tui.app.ui.crash import report


def raised() -> ValueError:
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as error:
        return error


def test_the_user_gets_one_line_and_the_file_the_rest(tmp_path: Path) -> None:
    line = report(raised(), tmp_path / "state")
    assert "\n" not in line
    assert "ValueError: first line" in line
    assert "spark-tui resume" in line
    kept = (tmp_path / "state" / "crash.txt").read_text(encoding="utf-8")
    assert "Traceback" in kept
    assert "second line" in kept


def test_a_second_crash_does_not_hide_the_first(tmp_path: Path) -> None:
    report(raised(), tmp_path)
    report(KeyError("other"), tmp_path)
    kept = (tmp_path / "crash.txt").read_text(encoding="utf-8")
    assert kept.index("ValueError") < kept.index("KeyError")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "cannot be written" in report(raised(), tmp_path / "file" / "state")
