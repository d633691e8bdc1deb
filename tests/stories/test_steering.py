"""Freezing, redirecting and stopping the model in mid-stream."""

from __future__ import annotations

import re

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.steps import CODE, HUNKS, OpenProgram, accept_all, ask, go_to_diff, renamed, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

SLOW = ("--rate", "120")


def held(terminal: Terminal) -> int:
    found = re.search(r"(\d+) held back", terminal.text)
    return int(found[1]) if found else 0


def test_escape_freezes_and_goes_on_with_nothing_lost(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("esc")
    terminal.wait_for(r"‖ paused +[1-9]\d* held back")
    frozen, waiting = panes(terminal), held(terminal)
    while held(terminal) <= waiting:
        terminal.wait_for("held back")
    assert panes(terminal) == frozen

    terminal.send("esc")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")
    go_to_diff(terminal)
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path)


def panes(terminal: Terminal) -> list[str]:
    """The screen above the status line."""
    return terminal.text.splitlines()[:-2]


def test_a_message_in_mid_stream_renames_to_another_name(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("no, call it result", "enter")
    terminal.wait_for("no, call it result.*applied|applied.*no, call it result")
    terminal.wait_for("◆ done")
    go_to_diff(terminal)
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path, "result")


def test_a_message_in_mid_stream_limits_the_work_to_a_folder(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("only under src/", "enter")
    terminal.wait_for("only under src/")
    terminal.wait_for("◆ done")
    go_to_diff(terminal)
    accept_all(terminal)
    assert text_of(work_tree, "tests/check_cart.py") == CODE["tests/check_cart.py"]
    for path in ("src/cart.py", "src/order.py"):
        assert text_of(work_tree, path) == renamed(path)


def test_stopping_keeps_the_whole_hunks_and_the_next_turn_works(
    work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"● \d to review")
    terminal.send("ctrl+x")
    terminal.wait_for("○ idle")
    assert "stopped" in terminal.text
    found = re.search(r"● (\d) to review", terminal.text)
    assert found is not None
    assert 0 < int(found[1]) < HUNKS
    assert work_tree.git("status", "--porcelain") == ""

    terminal.send("create notes.md: hello", "enter")
    terminal.wait_for("◆ done")
    terminal.wait_for(f"● {int(found[1]) + 1} to review")
