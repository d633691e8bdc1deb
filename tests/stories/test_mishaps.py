"""What dies, collides or refuses while the user works."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.steps import CODE, HUNKS, OpenProgram, accept_all, ask, renamed, review, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

FAST = ("--rate", "0")
SLOW = ("--rate", "120")


def test_a_gateway_that_is_killed_is_told_and_the_next_turn_works(
    work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    os.kill(gateway_of(terminal), signal.SIGKILL)
    terminal.wait_for("the local gateway died and is started again")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")
    assert text_of(work_tree, "src/cart.py") == CODE["src/cart.py"]

    terminal.send("create notes.md: hello", "enter")
    terminal.wait_for(f"◆ done.*● {HUNKS + 1} to review")


def test_two_programs_in_one_repository(work_tree: WorkTree, open_program: OpenProgram) -> None:
    one, two = open_program(work_tree, *FAST), open_program(work_tree, *FAST)
    ask(one, "rename total to amount")
    ask(two, "create notes.md: hello")
    two.wait_for("● 1 to review")
    review(one)
    accept_all(one)
    two.wait_for("src +•✎")
    two.send("esc")
    two.wait_for("a Accept")
    two.send("A")
    two.wait_for("to review", gone=True)
    assert text_of(work_tree, "notes.md") == "hello\n"
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path)


def test_a_killed_program_is_resumed(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *FAST)
    ask(terminal, "rename total to amount")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")
    terminal.send("and then what I never sent")
    terminal.wait_for("never sent")
    wait_for_text(work_tree.root, "never sent", terminal)
    gateway = gateway_of(terminal)
    terminal.process.kill(signal.SIGKILL)
    assert terminal.wait_for_exit() == -1

    again = open_program(work_tree, "resume", *FAST)
    again.wait_for("7 places in 3 files")
    again.wait_for(f"● {HUNKS} to review")
    again.wait_for("❯ and then what I never sent")
    assert not is_running(gateway)
    review(again)
    accept_all(again)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path)


def test_a_program_killed_in_mid_stream_is_resumed(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for("● [1-9] to review")
    wait_for_text(work_tree.root, "rename total to amount", terminal)
    terminal.process.kill(signal.SIGKILL)
    assert terminal.wait_for_exit() == -1
    assert work_tree.git("status", "--porcelain") == ""

    again = open_program(work_tree, "resume", *FAST)
    again.wait_for("▌ rename total to amount")
    ask(again, "rename total to amount")
    again.wait_for(f"◆ done.*● {HUNKS} to review")


def test_an_edit_from_outside_moves_hunks_and_conflicts_where_it_touches_them(
    work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree, *FAST)
    ask(terminal, "rename total to amount, only in src/cart.py")
    terminal.wait_for("● 4 to review")
    review(terminal)
    theirs = "# one more line\n" + CODE["src/cart.py"].replace("total = 0", "total = 1", 1)
    work_tree.write("src/cart.py", theirs)
    terminal.wait_for(r"‼ def price\(values\): +the file changed here")
    terminal.wait_for(r" 14 +- +return total")
    terminal.send("a")
    terminal.wait_for("the file changed here; edit or reject it first")
    assert text_of(work_tree, "src/cart.py") == theirs

    terminal.send("n", "a")
    terminal.wait_for("● 3 to review")
    assert text_of(work_tree, "src/cart.py") == theirs.replace("return total", "return amount", 1)


def test_a_refusing_hook_is_shown_and_loses_nothing(work_tree: WorkTree, open_program: OpenProgram) -> None:
    work_tree.write("mine.txt", "mine\n")
    work_tree.git("add", "mine.txt")
    hook = work_tree.script(".git/hooks/pre-commit", "echo 'the linter says no'", "exit 1")
    terminal = open_program(work_tree, *FAST)
    ask(terminal, "rename total to amount")
    terminal.wait_for(f"● {HUNKS} to review")
    review(terminal)
    accept_all(terminal)
    terminal.send("C")
    terminal.wait_for("Rename total to amount")
    terminal.send("ctrl+s")
    terminal.wait_for("the linter says no")
    assert "Rename total to amount" in terminal.text
    assert work_tree.git("log", "--format=%s").split() == ["Begin"]
    assert work_tree.git("diff", "--cached", "--name-only") == "mine.txt\n"

    hook.unlink()
    terminal.send("ctrl+s")
    terminal.wait_for("committed [0-9a-f]{9}")
    assert work_tree.git("show", "--format=", "--name-only").split() == sorted(CODE)
    assert work_tree.git("diff", "--cached", "--name-only") == "mine.txt\n"
    assert work_tree.git("diff", "--name-only") == ""


def gateway_of(terminal: Terminal) -> int:
    """The process id of the program's own gateway."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in terminal.children()}
    return next(pid for pid, command in commands.items() if b"serve" in command)


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def wait_for_text(root: Path, text: str, terminal: Terminal) -> None:
    """Wait until the session's saved state holds ``text``."""
    while not any(text in state.read_text() for state in root.glob(".git/spark-tui/sessions/*/state.json")):
        terminal.wait_for("")
