"""The probe that the benchmark asks for, in the real program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.work_tree import WorkTree
from tests.stories.steps import OpenProgram, ask

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]


def test_it_tells_what_the_terminal_took_and_the_program_is_as_ever(
    work_tree: WorkTree, open_program: OpenProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPARK_TUI_PROBE", str(tmp_path / "told"))
    terminal = open_program(work_tree, "--rate", "0")
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    terminal.send("ctrl+q")
    assert terminal.wait_for_exit() == 0
    told = [line.split() for line in (tmp_path / "told").read_text().splitlines()]
    taken = sum(int(size) for kind, _, size, *_ in told if kind == "out")
    assert len(terminal.raw) * 0.5 < taken <= len(terminal.raw)


def test_a_file_that_cannot_be_written_is_refused_in_one_line(
    work_tree: WorkTree, open_program: OpenProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPARK_TUI_PROBE", str(tmp_path / "none" / "told"))
    terminal = open_program(work_tree)
    assert terminal.wait_for_exit() == 2
    assert b"No such file or directory; unset SPARK_TUI_PROBE, or name another file" in terminal.raw
    assert b"Traceback" not in terminal.raw
