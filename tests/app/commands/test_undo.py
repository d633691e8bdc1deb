"""``spark-tui undo`` and ``redo`` on what ``run --apply`` wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_tui.app import cli
from tests.app.conftest import MakeWorkTree
from tests.app.work_tree import WorkTree


@pytest.fixture
def tree(make_work_tree: MakeWorkTree) -> WorkTree:
    tree = make_work_tree({"a.py": "total = 1\n\n\n\nprint(total)\n", "b.py": "from a import total\n"})
    assert spark(tree, "run", "--offline", "--rate", "0", "--apply", "rename total to amount") == 0
    assert read(tree) == ("amount = 1\n\n\n\nprint(amount)\n", "from a import amount\n")
    return tree


def spark(tree: WorkTree, command: str, *arguments: str) -> int:
    return cli.main([command, "-C", str(tree.root), *arguments])


def read(tree: WorkTree) -> tuple[str, str]:
    return (tree.root / "a.py").read_text(), (tree.root / "b.py").read_text()


OLD = ("total = 1\n\n\n\nprint(total)\n", "from a import total\n")
NEW = ("amount = 1\n\n\n\nprint(amount)\n", "from a import amount\n")


def test_what_run_applied_is_listed_and_undone_and_redone(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert spark(tree, "undo", "--list") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split()[0] == "1"
    assert "3 hunks" in line
    assert {"a.py", "b.py"} <= set(line.replace(",", "").split())
    assert line.endswith("rename total to amount")
    assert spark(tree, "undo") == 0
    said = capsys.readouterr().out.splitlines()
    assert (said[0], sorted(said[1:])) == ("undone: 3 hunks in 2 files", ["M a.py", "M b.py"])
    assert read(tree) == OLD
    assert spark(tree, "undo", "--list") == 0
    assert "undone" in capsys.readouterr().out
    assert spark(tree, "undo") == 1
    assert "nothing to undo" in capsys.readouterr().err
    assert spark(tree, "redo") == 0
    assert read(tree) == NEW
    assert spark(tree, "redo") == 1


def test_a_created_file_is_told_deleted_and_new(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    assert spark(tree, "run", "--offline", "--rate", "0", "--apply", "create notes.md: hello") == 0
    capsys.readouterr()
    assert spark(tree, "undo") == 0
    assert capsys.readouterr().out == "undone: 1 hunk in 1 file\nD notes.md\n"
    assert spark(tree, "redo") == 0
    assert capsys.readouterr().out == "redone: 1 hunk in 1 file\nA notes.md\n"


@pytest.mark.parametrize("arguments", [("1",), ("--turn",), ("--session",), ("1", "--turn")])
def test_undo_by_number_turn_and_session(tree: WorkTree, arguments: tuple[str, ...]) -> None:
    assert spark(tree, "undo", *arguments) == 0
    assert read(tree) == OLD
    assert spark(tree, "redo", "1") == 0
    assert read(tree) == NEW


def test_undo_of_one_hunk(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.py": OLD[0]}, name="one file")
    assert spark(tree, "run", "--offline", "--rate", "0", "--apply", "rename total to amount") == 0
    assert spark(tree, "undo", "1.2") == 0
    assert (tree.root / "a.py").read_text() == "amount = 1\n\n\n\nprint(total)\n"
    assert spark(tree, "undo") == 0
    assert (tree.root / "a.py").read_text() == OLD[0]


def test_a_conflict_is_shown_and_nothing_written(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    edited = "amount = 2\n\n\n\nprint(amount)\n"
    tree.write("a.py", edited)
    capsys.readouterr()
    assert spark(tree, "undo") == 3
    assert capsys.readouterr().err == (
        "spark-tui: a.py:1: its lines have been changed since it was accepted\n"
        "<<<<<<< now in the file\n"
        "amount = 2\n"
        "||||||| as it was left\n"
        "amount = 1\n"
        "=======\n"
        "total = 1\n"
        ">>>>>>> as it would become\n"
        "spark-tui: nothing was written; undo other hunks one by one (N.K), or edit these lines\n"
    )
    assert read(tree) == (edited, NEW[1])


@pytest.mark.parametrize("which", ["7", "x", "1.4", "1.0", "1.x"])
def test_what_does_not_exist_is_a_usage_error(tree: WorkTree, which: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert spark(tree, "undo", which) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_outside_of_a_repository_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["undo", "-C", str(tmp_path)]) == 1
    assert "not in a git repository" in capsys.readouterr().err
