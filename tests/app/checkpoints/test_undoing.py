"""Undo and redo over git objects, on a real repository."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.store import KEPT_SECONDS, CheckpointStore
from spark_tui.app.checkpoints.undoing import Done, NothingLeft, Undoing, UndoRefused
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.patch.edits import LineEdit

TEN = "".join(f"line {n}\n" for n in range(10))


class Tree:
    """A repository with one file of ten lines, and a session that accepts edits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q")
        self.git("-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "--allow-empty", "-m", "first")
        self.write(TEN)
        self.repository = Repository.discover(root)
        self.store = CheckpointStore(self.repository)
        self.writer = Writer(self.repository.root, self.repository.state_dir)
        self.undoing = Undoing(self.store, self.writer, self.read, git_line_diff)
        self.changes = ChangeSet()
        self.publisher = Publisher(self.store, self.writer, "s1", lambda: "make it better")

    def git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def read(self, path: str) -> FileSnapshot:
        return read_snapshot(self.root, path)

    def write(self, text: str) -> None:
        (self.root / "a.txt").write_text(text)

    @property
    def text(self) -> str:
        return (self.root / "a.txt").read_text()

    def accept(self, *edits: LineEdit, path: str = "a.txt", turn: int = 1) -> list[str]:
        self.changes.open(self.read(path))
        self.changes.rebase(self.read(path), git_line_diff)
        ids = []
        for edit in edits:
            hunk = self.changes.stage(path, edit, section=f"c{len(list(self.changes.hunks()))}", turn=turn)
            assert hunk is not None
            ids.append(hunk.id)
        return self.accept_hunks(ids)

    def accept_hunks(self, ids: list[str]) -> list[str]:
        plan = self.changes.plan_accept(ids)
        self.publisher.publish(plan, self.publisher.describe(self.changes, plan), "accept")
        self.changes.accepted(plan)
        return [self.publisher.key(i) for i in ids]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


FIVE = LineEdit(5, 6, ("FIVE\n",))
TWO = LineEdit(2, 3, ("TWO\n", "and a half\n"))


def test_undo_and_redo_are_the_identity(tree: Tree) -> None:
    (key,) = tree.accept(TWO)
    accepted = tree.text
    assert tree.undoing.undo_last() == Done({"a.txt": "M"}, (key,))
    assert tree.text == TEN
    tree.undoing.redo(tree.undoing.ledger().last_undone())
    assert tree.text == accepted
    assert [accept.number for accept in tree.undoing.ledger().accepts] == [1]
    tree.undoing.undo_last()
    assert tree.text == TEN
    with pytest.raises(NothingLeft, match="nothing to undo"):
        tree.undoing.undo_last()


def test_the_user_s_edits_stay(tree: Tree) -> None:
    tree.accept(TWO)
    tree.write("top\n" + tree.text.replace("line 9", "mine"))
    tree.undoing.undo_last()
    assert tree.text == "top\n" + TEN.replace("line 9", "mine")
    tree.write(tree.text.replace("line 0", "also mine"))
    tree.undoing.redo(tree.undoing.ledger().last_undone())
    assert tree.text == "top\n" + TEN.replace("line 9", "mine").replace("line 0", "also mine").replace(
        "line 2\n", "TWO\nand a half\n"
    )


def test_an_edit_of_the_accepted_lines_is_a_conflict_with_both_sides(tree: Tree) -> None:
    tree.accept(FIVE)
    edited = tree.text.replace("FIVE", "five, by hand")
    tree.write(edited)
    with pytest.raises(UndoRefused, match=r"a\.txt:6: its lines have been changed") as refused:
        tree.undoing.undo_last()
    ((hunk, _),) = refused.value.hunks
    assert hunk.conflict is not None
    assert (hunk.conflict.base, hunk.conflict.theirs, hunk.conflict.ours) == (
        ("FIVE\n",),
        ("five, by hand\n",),
        ("line 5\n",),
    )
    assert tree.text == edited
    assert len(tree.store.steps()) == 1


def test_one_of_several_hunks_is_taken_back(tree: Tree) -> None:
    two, five = tree.accept(TWO, LineEdit(6, 7, ("FIVE\n",)))
    tree.undoing.undo([two])
    assert tree.text == TEN.replace("line 5", "FIVE")
    (accept,) = tree.undoing.ledger().accepts
    assert accept.applied == (five,)
    tree.undoing.undo_last()
    assert tree.text == TEN


def test_an_accept_under_another_can_be_taken_back_first(tree: Tree) -> None:
    (first,) = tree.accept(TWO)
    tree.accept(LineEdit(6, 7, ("FIVE\n",)), turn=2)
    tree.undoing.undo([first])
    assert tree.text == TEN.replace("line 5", "FIVE")
    ledger = tree.undoing.ledger()
    assert ledger.of_turn(ledger.standing()[0]) == tuple(ledger.standing()[0].applied)
    tree.undoing.undo_last()
    assert tree.text == TEN


def test_accepts_on_the_same_lines_come_off_together(tree: Tree) -> None:
    keys = tree.accept(FIVE)
    keys += tree.accept(LineEdit(5, 6, ("five again\n", "and more\n")))
    tree.undoing.undo(keys)
    assert tree.text == TEN
    undone = tree.undoing.ledger().last_undone()
    with pytest.raises(UndoRefused):
        tree.undoing.redo(undone[1:])
    assert tree.text == TEN
    tree.undoing.redo(undone)
    assert tree.text == TEN.replace("line 5\n", "five again\nand more\n")


def test_a_created_a_deleted_and_a_moved_file(tree: Tree) -> None:
    changes = tree.changes
    changes.open(tree.read("a.txt"))
    changes.open(tree.read("new.txt"))
    changes.stage("a.txt", FIVE, section="c", turn=1)
    changes.stage_rename("a.txt", tree.read("b/moved.txt"), section="c", turn=1)
    changes.stage_file("new.txt", ["new\n"], section="d", turn=1)
    (tree.root / "gone.txt").write_text("gone\n")
    (tree.root / "gone.txt").chmod(0o755)
    changes.open(tree.read("gone.txt"))
    changes.stage_file("gone.txt", None, section="e", turn=1)
    tree.accept_hunks([hunk.id for hunk in changes.hunks(HunkState.PENDING)])
    assert (tree.root / "b/moved.txt").read_text() == TEN.replace("line 5", "FIVE")
    assert not (tree.root / "gone.txt").exists()
    tree.undoing.undo_last()
    assert tree.text == TEN
    assert not (tree.root / "new.txt").exists()
    assert not (tree.root / "b/moved.txt").exists()
    assert (tree.root / "gone.txt").read_text() == "gone\n"
    assert (tree.root / "gone.txt").stat().st_mode & 0o777 == 0o755
    tree.undoing.redo(tree.undoing.ledger().last_undone())
    assert (tree.root / "b/moved.txt").read_text() == TEN.replace("line 5", "FIVE")
    assert (tree.root / "new.txt").read_text() == "new\n"
    assert not (tree.root / "gone.txt").exists()


def test_index_head_and_log_do_not_notice(tree: Tree) -> None:
    before = tree.git("log", "--all", "--oneline"), tree.git("status", "--porcelain"), tree.git("branch", "-a")
    tree.accept(FIVE)
    tree.undoing.undo_last()
    after = tree.git("log", "--all", "--oneline"), tree.git("status", "--porcelain"), tree.git("branch", "-a")
    assert after == before
    assert tree.git("for-each-ref", "--format=%(refname) %(objecttype)").splitlines()[-2:] == [
        "refs/spark-tui/main/1 tree",
        "refs/spark-tui/main/2 tree",
    ]
    tree.git("gc", "-q", "--prune=now")
    tree.git("fsck", "--strict")
    tree.undoing.redo(tree.undoing.ledger().last_undone())
    assert tree.text == TEN.replace("line 5", "FIVE")


def test_a_write_that_fails_leaves_no_step(tree: Tree) -> None:
    tree.changes.open(tree.read("a.txt"))
    hunk = tree.changes.stage("a.txt", FIVE, section="c", turn=1)
    assert hunk is not None
    tree.write("edited meanwhile\n")
    with pytest.raises(Exception, match="changed in the meantime"):
        tree.accept_hunks([hunk.id])
    assert tree.store.steps() == {}


def test_old_steps_are_dropped(tree: Tree) -> None:
    tree.accept(FIVE)
    tree.accept(TWO)
    tree.store.prune(time.time())
    assert sorted(tree.store.steps()) == [1, 2]
    tree.store.prune(time.time() + KEPT_SECONDS + 60)
    assert tree.store.steps() == {}


def test_two_programs_number_their_steps_apart(tree: Tree) -> None:
    other = CheckpointStore(tree.repository)
    tree.accept(FIVE)
    step = tree.store.steps()[1]
    assert other.append(step, [b"x"]) == 2
    assert tree.store.append(step, [b"x"]) == 3
    assert other.append(step, [b"x"]) == 4


def test_records_that_cannot_be_read_are_left_out(tree: Tree) -> None:
    tree.accept(FIVE)
    empty = tree.git("hash-object", "-w", "-t", "tree", "/dev/null")
    tree.git("update-ref", "refs/spark-tui/main/7", empty.strip())
    assert sorted(tree.store.steps()) == [1]
