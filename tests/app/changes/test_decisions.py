from __future__ import annotations

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.decisions import take_decisions
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit
from tests.app.changes.line_diffs import quick_diff

TEN = "".join(f"line {n}\n" for n in range(10))


def changes_with_hunks(count: int) -> tuple[ChangeSet, list[str]]:
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", TEN.encode(), 0o644))
    ids = []
    for n in range(count):
        edit = LineEdit(2 * n, 2 * n + 1, (f"new {n}\n",))
        hunk = changes.stage("a.txt", edit, section="c:0", turn=1)
        assert hunk is not None
        ids.append(hunk.id)
    return changes, ids


def test_nothing_new_is_nothing_said() -> None:
    changes, _ = changes_with_hunks(2)
    assert take_decisions(changes) == ""


def test_decisions_are_told_once_with_their_reasons() -> None:
    changes, (first, second) = changes_with_hunks(2)
    changes.accepted(changes.plan_accept([first]))
    changes.reject([second], "wrong name")
    assert take_decisions(changes, ["z.txt"]).splitlines() == [
        "accepted: a.txt:1 `new 0`",
        "rejected: a.txt:3 `new 1` (wrong name)",
        "edited by the user, read again before changing: z.txt",
    ]
    assert take_decisions(changes) == ""


def test_what_was_taken_back_before_it_was_told_is_not_told() -> None:
    changes, (first, *_) = changes_with_hunks(2)
    changes.accepted(changes.plan_accept([first]))
    changes.undone(changes.plan_undo([first]))
    assert take_decisions(changes) == ""


def test_conflicts_hand_edits_and_outside_edits_are_told() -> None:
    changes, (first, second, _third) = changes_with_hunks(3)
    changes.set_lines(second, ["mine\n"])
    changes.rebase(FileSnapshot("a.txt", TEN.replace("line 0", "theirs").encode(), 0o644), quick_diff)
    assert take_decisions(changes).splitlines() == [
        "in conflict with the user's edits: a.txt:1 `new 0` (the file changed here)",
        "pending again or changed by the user: a.txt:3 `mine`",
        "edited by the user, read again before changing: a.txt",
    ]
    changes.rebase(FileSnapshot("a.txt", TEN.encode(), 0o644), quick_diff)
    assert take_decisions(changes).splitlines()[0] == "pending again or changed by the user: a.txt:1 `new 0`"
    assert changes.hunk(first).conflict is None


def test_long_lines_are_cut() -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", b"x\n", 0o644))
    hunk = changes.stage("a.txt", LineEdit(0, 1, ("y" * 500 + "\n",)), section="c:0", turn=1)
    assert hunk is not None
    changes.reject([hunk.id])
    assert len(take_decisions(changes)) < 100
