"""From the question to the commit, against the offline engine."""

from __future__ import annotations

import re

import pytest

from tests.app.work_tree import WorkTree
from tests.stories.steps import CODE, HUNKS, OpenProgram, accept_all, ask, renamed, review, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]


def test_ask_watch_accept_reject_undo_and_commit(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, "--rate", "120")
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("esc")
    early = terminal.wait_for("‖ paused")
    assert "● 7 to review" not in early
    assert work_tree.git("status", "--porcelain") == ""
    terminal.send("esc")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")

    review(terminal)
    terminal.send("a")
    terminal.wait_for(f"● {HUNKS - 1} to review")
    first_only = CODE["src/cart.py"].replace("total = 0", "amount = 0", 1)
    assert text_of(work_tree, "src/cart.py") == first_only
    terminal.send("x")
    terminal.wait_for("✗ .*rejected")
    accept_all(terminal)

    in_cart = first_only.replace("return total", "return total!", 1)
    in_cart = re.sub(r"\btotal\b(?!!)", "amount", in_cart).replace("total!", "total")
    assert text_of(work_tree, "src/cart.py") == in_cart
    assert text_of(work_tree, "src/order.py") == renamed("src/order.py")
    assert text_of(work_tree, "tests/check_cart.py") == renamed("tests/check_cart.py")

    terminal.send("u")
    terminal.wait_for("● 1 to review")
    assert text_of(work_tree, "tests/check_cart.py") == CODE["tests/check_cart.py"]

    terminal.send("C")
    terminal.wait_for("Rename total to amount")
    terminal.send("ctrl+s")
    terminal.wait_for("committed [0-9a-f]{9} Rename total to amount")
    assert work_tree.git("log", "-1", "--format=%B").strip() == "Rename total to amount"
    assert work_tree.git("show", "HEAD:src/cart.py") == in_cart
    assert work_tree.git("status", "--porcelain") == ""

    terminal.send("ctrl+q")
    assert terminal.wait_for_exit() == 0


def test_the_command_line_of_the_same_turn(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, "run", "--apply", "--rate", "0", "rename total to amount")
    assert terminal.wait_for_exit() == 0
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path)


def test_a_long_answer_rests_at_its_last_line(work_tree: WorkTree, open_program: OpenProgram) -> None:
    """While it is written fast, rows below it are kept free for what comes next."""
    terminal = open_program(work_tree, "--rate", "900", rows=24)
    ask(terminal, "help")
    terminal.wait_for("◆ done")
    terminal.wait_for(r"SPARK_TUI_BASE_URL\.[ ▐│]*\n[ ▐│]*─{20}")
