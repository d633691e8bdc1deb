"""Pausing a stream without a limit, commenting on a line, and trying a change before it is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.steps import CODE, FUNCTION, OpenProgram, accept_all, ask, renamed, review, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(120)]

UNLIMITED = ("--rate", "0")
MANY = {"src/many.py": "".join(FUNCTION.format(name=f"sum{index}") for index in range(300))}
"""600 hunks: a second or more of work, so that it cannot be over before a key arrives."""


def counted(terminal: Terminal, pattern: str) -> int:
    found = re.search(pattern, terminal.text)
    return int(found[1].replace(",", "")) if found else 0


def test_an_unlimited_stream_freezes_steps_and_goes_on_with_nothing_lost(
    make_work_tree: Callable[..., WorkTree], open_program: OpenProgram
) -> None:
    work_tree = make_work_tree(MANY)
    terminal = open_program(work_tree, *UNLIMITED)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("esc")
    terminal.wait_for(r"‖ paused.*held")
    frozen = terminal.text.splitlines()[:20]
    waiting = counted(terminal, r"● ([\d,]+)")
    terminal.wait_for(r"[1-9]\d{2,} held")
    assert terminal.text.splitlines()[:20] == frozen
    terminal.send(".")
    terminal.wait_for(rf"‖ paused.*● ({waiting + 1:,}|{waiting + 2:,}) to review")

    terminal.send("esc")
    terminal.wait_for("◆ done")
    assert "held" not in terminal.text.splitlines()[-2]
    review(terminal)
    accept_all(terminal)
    for path, text in MANY.items():
        assert text_of(work_tree, path) == re.sub(r"\btotal\b", "amount", text)


def test_a_comment_on_a_line_gets_the_fix(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *UNLIMITED)
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    review(terminal)
    terminal.send("c")
    terminal.wait_for("enter sends")
    terminal.send("no, call it result", "enter")
    terminal.wait_for(r"╰ line \d.*no, call it result")
    terminal.wait_for(r"╰ .*no, call it result \(answered\)")
    terminal.wait_for("◆ done")
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path, "result")


def test_the_tests_run_on_the_change_before_it_is_accepted(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *UNLIMITED)
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    terminal.send("/test grep -c amount src/order.py tests/check_cart.py", "enter")
    terminal.wait_for(r"src/order.py:2")
    terminal.wait_for("exit 0")
    terminal.send("esc")
    terminal.wait_for(r"src/cart.py.*tests✓")
    terminal.send("esc")
    terminal.wait_for("⏎ Send")
    assert work_tree.git("status", "--porcelain") == ""

    terminal.send("!grep -c amount src/order.py", "enter")
    terminal.wait_for("exit 1")
    assert work_tree.git("status", "--porcelain") == ""
