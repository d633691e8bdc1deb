"""Several commits, one after the other, from one change."""

from __future__ import annotations

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.steps import CODE, HUNKS, OpenProgram, accept_all, ask, renamed, review, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

SUGGESTED = "Rename total to amount"


def commit(terminal: Terminal, chosen: str, where: str, key: str) -> None:
    """With ``chosen`` in the form, say where it was renamed, and commit it."""
    terminal.wait_for(chosen)
    terminal.send("tab", *["right"] * len(SUGGESTED), where)
    terminal.wait_for(f"{SUGGESTED}{where}")
    terminal.send(key)
    terminal.wait_for(chosen, gone=True)


def test_one_change_becomes_four_commits_by_files_hunks_and_lines(
    work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree, "--rate", "0")
    ask(terminal, "rename total to amount")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")
    review(terminal)
    accept_all(terminal)
    terminal.send("C")
    terminal.wait_for("6 of 6 hunks in 3 files")
    terminal.wait_for(SUGGESTED)

    terminal.send("A", "down", "space")
    commit(terminal, "1 of 6 hunks in 1 file", " in price", "ctrl+n")
    one_hunk = CODE["src/cart.py"].replace("total = 0", "amount = 0", 1)
    assert_committed(work_tree, " in price", {"src/cart.py": one_hunk})

    terminal.wait_for("5 of 5 hunks")
    terminal.send("A", "down", "right", "home", *["down"] * 4, "space", "space")
    terminal.wait_for(r"\[-\] 13 ")
    commit(terminal, r"1 of 5 hunks in 1 file +\+1 −1", " in one line", "ctrl+n")
    one_line = one_hunk.replace("return total", "return amount", 1)
    assert_committed(work_tree, " in one line", {"src/cart.py": one_line})

    terminal.wait_for("5 of 5 hunks")
    terminal.send("A", "home", "space")
    commit(terminal, "2 of 5 hunks in 1 file", " in the cart", "ctrl+n")
    assert_committed(work_tree, " in the cart", {"src/cart.py": renamed("src/cart.py")})

    commit(terminal, "3 of 3 hunks in 2 files", " in the rest", "ctrl+s")
    rest = {path: renamed(path) for path in ("src/order.py", "tests/check_cart.py")}
    assert_committed(work_tree, " in the rest", rest)

    terminal.wait_for(f"committed [0-9a-f]{{9}} {SUGGESTED} in the rest")
    assert work_tree.git("status", "--porcelain") == ""
    assert work_tree.git("log", "--format=%s").splitlines() == [
        f"{SUGGESTED} in the rest",
        f"{SUGGESTED} in the cart",
        f"{SUGGESTED} in one line",
        f"{SUGGESTED} in price",
        "Begin",
    ]


def assert_committed(work_tree: WorkTree, where: str, files: dict[str, str]) -> None:
    """The last commit is this one, with these texts and no other files, and the work tree is as it was."""
    assert work_tree.git("log", "-1", "--format=%s") == f"{SUGGESTED}{where}\n"
    assert work_tree.git("show", "--format=", "--name-only").split() == sorted(files)
    assert {path: work_tree.git("show", f"HEAD:{path}") for path in files} == files
    assert {path: text_of(work_tree, path) for path in CODE} == {path: renamed(path) for path in CODE}
    assert work_tree.git("diff", "--cached", "--name-only") == ""
