"""What the program does where there is nothing to work on, or something odd."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.app.work_tree import WorkTree
from tests.stories.steps import CODE, MakeWorkTree, OpenProgram, ask, renamed, review, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]


def test_places_where_it_cannot_work_are_refused_in_one_line(
    make_work_tree: MakeWorkTree, open_program: OpenProgram, tmp_path: Path
) -> None:
    tree = make_work_tree(CODE)
    tree.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    (tmp_path / "plain").mkdir()
    here = WorkTree(tmp_path)
    refusals = {
        "plain": "not in a git repository; run `git init` there",
        "nowhere": "does not exist",
        "work/src/cart.py": "is not a folder",
        "bare.git": "is a bare repository",
        "work/.git": "is inside a git directory",
    }
    terminals = {path: open_program(here, path) for path in refusals}
    for path, terminal in terminals.items():
        assert terminal.wait_for_exit() == 2
        assert refusals[path] in " ".join(terminal.text.split())
        assert len(terminal.text.strip().splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_and_the_draft_in_order(
    number: signal.Signals, work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree)
    terminal.wait_for("on main")
    terminal.send("not sent yet")
    terminal.wait_for("not sent yet")
    terminal.process.kill(number)
    assert terminal.wait_for_exit() == 128 + number
    assert b"\x1b[?1049l" in terminal.raw
    states = list(work_tree.root.glob(".git/spark-tui/sessions/*/state.json"))
    assert ["not sent yet" in state.read_text() for state in states] == [True]


def test_a_terminal_of_any_size(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, "--rate", "0")
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    review(terminal)
    for rows, columns in ((5, 20), (1, 1), (24, 80)):
        terminal.resize(rows, columns)
    terminal.wait_for(r"\n┃ +2 \+ +amount = 0")
    terminal.wait_for("f1 Help")


def test_a_terminal_that_is_small_for_a_moment(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, "--rate", "0")
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    review(terminal)
    for rows, columns in ((1, 1), (40, 120)):
        terminal.resize(rows, columns)
    terminal.wait_for(r"┃ +2 \+ +amount = 0")
    terminal.wait_for("f1 Help")


def test_an_empty_repository_gets_its_first_commit(make_work_tree: MakeWorkTree, open_program: OpenProgram) -> None:
    tree = make_work_tree()
    terminal = open_program(tree, "--rate", "0")
    ask(terminal, "create notes.md: hello")
    terminal.wait_for("● 1 to review")
    terminal.send("esc")
    terminal.wait_for("a Accept")
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    terminal.send("C")
    terminal.wait_for(r"\[x\] notes\.md")
    terminal.send("ctrl+s")
    terminal.wait_for("committed [0-9a-f]{9}")
    assert tree.git("show", "HEAD:notes.md") == "hello\n"


def test_a_detached_head_and_odd_files(make_work_tree: MakeWorkTree, open_program: OpenProgram) -> None:
    tree = make_work_tree(
        {
            "ein Ordner/größe 日本.py": CODE["src/order.py"],
            "crlf.py": "total = 1\r\nprint(total)\r\n",
            "latin1.py": b"total = '\xe9'\n",
            "binary.py": b"total\0\1\2",
        }
    )
    tree.git("checkout", "--quiet", "--detach")
    terminal = open_program(tree, "--rate", "0")
    terminal.wait_for("on [0-9a-f]{7}, detached")
    terminal.send("rename total to amount", "enter")
    terminal.wait_for("◆ done.*● 3 to review")
    terminal.send("esc")
    terminal.wait_for("a Accept")
    terminal.send("A")
    terminal.wait_for("● 3 to review", gone=True)
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(tree, "ein Ordner/größe 日本.py") == renamed("src/order.py")
    assert (tree.root / "crlf.py").read_bytes() == b"amount = 1\r\nprint(amount)\r\n"
    assert tree.git("status", "--porcelain", "latin1.py", "binary.py") == ""


def test_a_submodule_is_a_repository_of_its_own(make_work_tree: MakeWorkTree, open_program: OpenProgram) -> None:
    inner, outer = make_work_tree(CODE, "inner"), make_work_tree({"main.py": "total = 0\n"}, "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "part")
    part = WorkTree(outer.root / "part")
    terminals = [open_program(tree, "run", "--apply", "rename total to amount") for tree in (outer, part)]
    assert [terminal.wait_for_exit() for terminal in terminals] == [0, 0]
    assert text_of(outer, "main.py") == "amount = 0\n"
    assert text_of(part, "src/cart.py") == renamed("src/cart.py")
    assert text_of(inner, "src/cart.py") == CODE["src/cart.py"]


def test_a_prompt_of_a_megabyte(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, "--rate", "0")
    terminal.wait_for("on main")
    terminal.send("\x1b[200~" + "x" * 1_000_000 + "\x1b[201~")
    terminal.wait_for("❯ x{70}")
    terminal.send("enter")
    terminal.wait_for("◆ done")
    assert "rename OLD to NEW" in terminal.text
