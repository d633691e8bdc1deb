"""What a hunk's rows say beside its lines: notes, and the sides of a conflict."""

from __future__ import annotations

import pytest

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import Ambiguity, Hunk, HunkState
from spark_tui.app.ui.diff_rows import HunkRows, notes_of
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.widgets.rows import RowKind
from tests.app.changes.line_diffs import quick_diff


def staged(path: str = "a.txt", text: str = "one\ntwo\nthree\n") -> tuple[ChangeSet, Hunk]:
    changes = ChangeSet()
    changes.open(FileSnapshot(path, text.encode(), 0o644))
    hunk = changes.stage(path, LineEdit(1, 2, ("TWO\n",)), section="c", turn=1)
    assert hunk is not None
    return changes, hunk


def shown(changes: ChangeSet, hunk: Hunk) -> list[tuple[RowKind, str, int | None]]:
    rows = HunkRows(hunk, changes.files[0].base_lines, lambda: "title", 1, 1, 0)
    return [(row.kind, row.text, row.old) for row in rows]


def test_a_conflict_shows_all_sides_and_their_keys() -> None:
    changes, hunk = staged()
    changes.rebase(FileSnapshot("a.txt", b"one\nmine\nthree\n", 0o644), quick_diff)
    assert shown(changes, hunk) == [
        (RowKind.HUNK, "title\tthe file changed here", None),
        (RowKind.CONTEXT, "one", 1),
        (RowKind.NOTE, "in the file now: 1 keeps it as it is", None),
        (RowKind.CONTEXT, "mine", 2),
        (RowKind.NOTE, "what the change was made on", None),
        (RowKind.REMOVED, "two", None),
        (RowKind.NOTE, "the change: 2 takes it, e edits, 3 asks the model again", None),
        (RowKind.ADDED, "TWO", None),
        (RowKind.CONTEXT, "three", 3),
    ]


def test_an_accepted_hunk_that_was_edited_since_shows_what_undo_would_do() -> None:
    changes, hunk = staged()
    changes.accepted(changes.plan_accept([hunk.id]))
    changes.rebase(FileSnapshot("a.txt", b"one\nmine\nthree\n", 0o644), quick_diff)
    rows = shown(changes, hunk)
    assert rows[0] == (RowKind.HUNK, "title\tchanged since it was accepted", None)
    assert rows[2:6] == [
        (RowKind.NOTE, "in the file now", None),
        (RowKind.CONTEXT, "mine", 2),
        (RowKind.NOTE, "what undo would put back", None),
        (RowKind.ADDED, "two", None),
    ]


def test_a_deleted_file_can_be_made_anew_or_left() -> None:
    changes, hunk = staged()
    changes.rebase(FileSnapshot("a.txt", None), quick_diff)
    assert (RowKind.NOTE, "the file was deleted outside: 1 drops this, 2 makes the file anew with it", None) in shown(
        changes, hunk
    )


@pytest.mark.parametrize(("path", "note"), [("a.txt", ""), (".env", "this file may hold secrets")])
def test_a_sensitive_file_is_pointed_out(path: str, note: str) -> None:
    assert notes_of(staged(path)[1]) == note


def test_an_ambiguous_place_is_counted_until_it_is_decided() -> None:
    changes, hunk = staged()
    hunk.places, hunk.ambiguity = 3, Ambiguity(1, (" one",), 2)
    assert notes_of(hunk) == "2 of 3 places, m moves it"
    changes.reject([hunk.id])
    assert hunk.state is HunkState.REJECTED
    assert notes_of(hunk) == "rejected"


@pytest.mark.parametrize("context", [0, 1, 9])
@pytest.mark.parametrize("state", [HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED])
def test_the_highest_line_number_is_known_without_making_the_rows(context: int, state: HunkState) -> None:
    changes, hunk = staged(text="".join(f"{number}\n" for number in range(20)))
    hunk.state = state
    base = changes.files[0].base_lines
    rows = HunkRows(hunk, base, lambda: "title", min(context, 1), context, 100)
    assert rows.highest() == max(max(row.old or 0, row.new or 0) for row in rows)
