"""What a comment is about, from the rows of the diff that were chosen."""

from __future__ import annotations

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.pairing.places import Place
from spark_tui.app.ui.commenting import narrowing, place_of
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.widgets.rows import DiffRow, RowKind

LINES = [f"line {n}\n" for n in range(10)]


def changed() -> tuple[ChangeSet, str]:
    """Lines 3 and 4 became three."""
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", "".join(LINES).encode(), 0o644))
    hunk = changes.stage("a.txt", LineEdit(3, 5, ("one\n", "two\n", "three\n")), section="c:0", turn=1)
    assert hunk is not None
    return changes, hunk.id


def added(text: str, new: int) -> DiffRow:
    return DiffRow(RowKind.ADDED, text, new=new)


def test_lines_between_the_chosen_ones_belong_to_it() -> None:
    changes, hunk = changed()
    assert place_of(changes, "a.txt", [added("one", 4), added("three", 6)], hunk) == Place(
        "a.txt", 3, ("one", "two", "three")
    )
    assert place_of(changes, "a.txt", [added("three", 6), added("two", 5)], hunk) == Place(
        "a.txt", 4, ("two", "three")
    )


def test_lines_that_are_still_written_are_taken_as_they_are_seen() -> None:
    changes, hunk = changed()
    assert place_of(changes, "b.txt", [added("x", 1), added("z", 3)], hunk) == Place("b.txt", 0, ("x", "z"))


def test_removed_lines_stand_where_they_were() -> None:
    changes, hunk = changed()
    rows = [DiffRow(RowKind.REMOVED, "line 3", old=4), DiffRow(RowKind.REMOVED, "line 4", old=5)]
    assert place_of(changes, "a.txt", rows, hunk) == Place("a.txt", 3, ("line 3", "line 4"), removed=True)


def test_of_a_rejected_hunk_it_is_about_the_whole() -> None:
    changes, hunk = changed()
    changes.reject([hunk])
    rows = [DiffRow(RowKind.REMOVED, "line 3", old=4)]
    assert place_of(changes, "a.txt", rows, hunk) == Place("a.txt", 3, ("one", "two", "three"), True, True)


def test_without_a_line_it_is_about_nothing() -> None:
    changes, hunk = changed()
    assert place_of(changes, "a.txt", [DiffRow(RowKind.FILE, "a.txt")], hunk) is None
    assert place_of(changes, "a.txt", [], hunk) is None


def test_less_is_asked_for_by_the_lines_themselves() -> None:
    changes, hunk = changed()
    smaller, this_file = (told for _, told in narrowing(changes, hunk))
    assert "your change of a.txt, lines 4-6 changes more than it has to" in smaller
    assert smaller.endswith("> one\n> two\n> three")
    assert this_file.startswith("Do it only in a.txt")
