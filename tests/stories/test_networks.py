"""The program where the network is not as it should be, and its recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.http_responses import HttpResponses
from tests.doubles.loop_thread import LoopThread
from tests.stories.steps import CODE, OpenProgram, ask, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]


@pytest.fixture
def black_hole(loop_thread: LoopThread) -> Iterator[HttpResponses]:
    """A server that never answers an upgrade, and answers over HTTP."""
    server = HttpResponses(None, "a plain answer")
    loop_thread.run(server.__aenter__())
    yield server
    loop_thread.run(server.__aexit__(None, None, None))


def test_a_blocked_websocket_is_told_and_the_model_answers(
    work_tree: WorkTree, open_program: OpenProgram, black_hole: HttpResponses, clean_environment: Path
) -> None:
    terminal = open_program(work_tree, "--base-url", black_hole.base_url, "--model", "m")
    ask(terminal, "hello")
    terminal.wait_for("a plain answer")
    terminal.wait_for("◆ done +⇄ over HTTP: the WebSocket did not open")
    terminal.send("ctrl+q")
    assert terminal.wait_for_exit() == 0
    remembered = (clean_environment / "state/spark-tui/remembered.json").read_text()
    assert f"127.0.0.1:{black_hole.port}" in remembered

    again = open_program(work_tree, "--base-url", black_hole.base_url, "--model", "m")
    ask(again, "hello")
    again.wait_for("◆ done +⇄ over HTTP: WebSockets did not get through before")


def test_a_recording_is_played_and_writes_nothing(
    work_tree: WorkTree, open_program: OpenProgram, tmp_path: Path
) -> None:
    tape = str(tmp_path / "tape.jsonl")
    terminal = open_program(work_tree, "--offline", "--rate", "0", "--record", tape)
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done.*● 7 to review")
    terminal.send("ctrl+q")
    assert terminal.wait_for_exit() == 0
    before = sorted(work_tree.root.glob(".git/spark-tui/**/*"))

    played = open_program(work_tree, "replay", tape, "--speed", "20", rows=60)
    played.wait_for("◆ done.*● 7 to review")
    assert "▌ rename total to amount" in played.text
    assert re.search(r"\n +│ +7 places in 3 files", played.text)
    played.send("esc")
    played.wait_for("a Accept")
    played.send("A")
    played.wait_for("nothing is written")
    played.send("ctrl+q")
    assert played.wait_for_exit() == 0
    assert {path: text_of(work_tree, path) for path in CODE} == CODE
    assert sorted(work_tree.root.glob(".git/spark-tui/**/*")) == before


def test_what_is_no_recording_is_one_line(work_tree: WorkTree, open_program: OpenProgram, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello\n")
    terminal = open_program(work_tree, "replay", str(tmp_path / "x"))
    assert terminal.wait_for_exit() == 2
    assert "is no recording: line 1" in terminal.text
