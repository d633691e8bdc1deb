"""What the file tree is told of the model's changes."""

from __future__ import annotations

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.ui.diff_presenter import DiffPresenter
from spark_tui.app.ui.facts import change_marks
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit


def test_each_file_with_hunks_has_its_counts_and_a_moved_one_its_new_name() -> None:
    changes = ChangeSet()
    for path in ("a.txt", "b.txt", "c.txt"):
        changes.open(FileSnapshot(path, b"one\ntwo\n", 0o644))
    changes.stage("a.txt", LineEdit(0, 1, ("1\n", "1.5\n")), section="c:0", turn=1)
    changes.stage("b.txt", LineEdit(1, 2, ()), section="c:1", turn=1)
    changes.stage_rename("b.txt", FileSnapshot("moved.txt", None, 0o644), section="c:1", turn=1)
    presenter = DiffPresenter(changes)
    presenter.refresh(None)
    marks = change_marks(presenter.totals())
    assert {path: (mark.added, mark.removed) for path, mark in marks.items()} == {
        "a.txt": (2, 1),
        "moved.txt": (0, 1),
    }
