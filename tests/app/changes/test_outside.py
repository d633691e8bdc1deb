"""The scenarios of edits from outside while hunks are pending."""

from __future__ import annotations

import pytest

from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import IllegalStep, PlanRefused
from spark_tui.app.changes.hunk import Conflict, Hunk, HunkKind, HunkState
from spark_tui.app.changes.tracking import RebaseOutcome
from spark_tui.app.workspace.files import FileSnapshot, digest
from spark_tui.protocol.patch.edits import LineEdit
from tests.app.changes.line_diffs import never_diff, quick_diff

TEN = "".join(f"line {n}\n" for n in range(10))
FIVE = LineEdit(5, 6, ("FIVE\n",))


class Scene:
    """One file with a hunk that makes FIVE of its line 5."""

    def __init__(self, text: str = TEN, edit: LineEdit = FIVE) -> None:
        self.changes = ChangeSet()
        self.changes.open(FileSnapshot("a.txt", text.encode(), 0o644))
        self.hunk = self.stage(edit)

    def stage(self, edit: LineEdit) -> Hunk:
        hunk = self.changes.stage("a.txt", edit, section="c:0", turn=1)
        assert hunk is not None
        return hunk

    def becomes(self, text: str | None, mode: int = 0o644) -> RebaseOutcome:
        data = None if text is None else text.encode()
        return self.changes.rebase(FileSnapshot("a.txt", data, mode), quick_diff)

    def accepted_text(self) -> str:
        (write,) = self.changes.plan_accept([self.hunk.id]).writes
        assert write.data is not None
        return write.data.decode()


def test_1_an_edit_far_away_moves_the_hunk() -> None:
    scene = Scene()
    outcome = scene.becomes("top\n" + TEN)
    assert (scene.hunk.state, scene.hunk.start, outcome.changed) == (HunkState.PENDING, 6, True)
    assert scene.accepted_text() == "top\n" + TEN.replace("line 5", "FIVE")


def test_2_an_edit_of_the_context_is_kept() -> None:
    scene = Scene()
    scene.becomes(TEN.replace("line 3", "theirs"))
    assert scene.accepted_text() == TEN.replace("line 3", "theirs").replace("line 5", "FIVE")


@pytest.mark.parametrize("line", ["line 4", "line 5", "line 6"])
def test_3_4_an_edit_of_the_line_or_the_next_is_a_conflict(line: str) -> None:
    scene = Scene()
    outcome = scene.becomes(TEN.replace(line, "theirs"))
    assert outcome.conflicted == [scene.hunk.id]
    assert scene.hunk.conflict is not None
    assert "theirs\n" in scene.hunk.conflict.theirs
    with pytest.raises(PlanRefused, match="edit or reject it first"):
        scene.accepted_text()


def test_4_the_three_ways_out_of_a_conflict() -> None:
    edited = TEN.replace("line 4", "theirs")
    for choice, expected in (
        (Side.OURS, TEN.replace("line 5", "FIVE")),
        (["theirs\n", "FIVE\n"], edited.replace("line 5", "FIVE")),
    ):
        scene = Scene()
        scene.becomes(edited)
        scene.changes.resolve(scene.hunk.id, choice)
        assert scene.accepted_text() == expected
    scene = Scene()
    scene.becomes(edited)
    scene.changes.resolve(scene.hunk.id, Side.THEIRS)
    assert (scene.hunk.state, scene.hunk.note) == (HunkState.RETIRED, "kept theirs")
    scene.changes.restore([scene.hunk.id])
    assert scene.hunk.state is HunkState.CONFLICTED


def test_4_hunks_that_share_a_conflict_are_decided_together() -> None:
    scene = Scene()
    other = scene.stage(LineEdit(7, 8, ("SEVEN\n",)))
    scene.becomes(TEN.replace("line 5\nline 6\nline 7\n", "theirs\n"))
    assert scene.hunk.conflict is not None
    assert scene.hunk.conflict.members == (scene.hunk.id, other.id)
    assert scene.hunk.conflict.ours == ("FIVE\n", "line 6\n", "SEVEN\n")
    scene.changes.resolve(scene.hunk.id, Side.OURS)
    assert other.state is HunkState.RETIRED
    assert scene.accepted_text() == TEN.replace("line 5", "FIVE").replace("line 7", "SEVEN")


def test_5_the_same_change_retires_the_hunk() -> None:
    scene = Scene()
    outcome = scene.becomes(TEN.replace("line 5", "FIVE"))
    assert outcome.retired == [scene.hunk.id]
    assert scene.hunk.note == "already there"
    with pytest.raises(IllegalStep, match="in the file already"):
        scene.changes.restore([scene.hunk.id])
    scene.becomes(TEN)
    scene.changes.restore([scene.hunk.id])
    assert scene.accepted_text() == TEN.replace("line 5", "FIVE")


def test_6_half_of_the_change_leaves_the_other_half() -> None:
    scene = Scene()
    other = scene.stage(LineEdit(7, 8, ("SEVEN\n",)))
    scene.becomes(TEN.replace("line 7", "SEVEN"))
    assert (scene.hunk.state, other.state) == (HunkState.PENDING, HunkState.RETIRED)
    assert scene.accepted_text() == TEN.replace("line 5", "FIVE").replace("line 7", "SEVEN")


def test_8_a_deleted_file_can_be_made_anew_or_left() -> None:
    scene = Scene()
    other = scene.stage(LineEdit(0, 1, ("ZERO\n",)))
    outcome = scene.becomes(None)
    assert outcome.conflicted == [other.id, scene.hunk.id]
    assert scene.hunk.note == "the file was deleted outside"
    assert scene.changes.read("a.txt") is NOT_STAGED
    scene.changes.resolve(scene.hunk.id, Side.OURS)
    (write,) = scene.changes.plan_accept([scene.hunk.id]).writes
    assert (write.before, scene.hunk.kind) == (None, HunkKind.CREATE)
    assert scene.accepted_text() == TEN.replace("line 5", "FIVE").replace("line 0", "ZERO")


def test_8_10_a_file_that_is_back_clears_the_conflict() -> None:
    scene = Scene()
    scene.becomes(None)
    outcome = scene.becomes("top\n" + TEN)
    assert outcome.cleared == [scene.hunk.id]
    assert scene.accepted_text() == "top\n" + TEN.replace("line 5", "FIVE")


def test_8_a_proposed_deletion_of_a_deleted_file_is_already_there() -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", b"x\n", 0o644))
    hunk = changes.stage_file("a.txt", None, section="c:0", turn=1)
    assert hunk is not None
    changes.rebase(FileSnapshot("a.txt", None), never_diff)
    assert hunk.state is HunkState.RETIRED


def test_12_a_reformatted_file_keeps_the_hunk_for_another_look() -> None:
    source = "def f(x):\n  if x:\n    return 1\n  return 2\n"
    scene = Scene(source, LineEdit(2, 3, ("    log(x)\n", "    return 3\n")))
    outcome = scene.becomes("def f(x):\n    if x:\n        return 1\n    return 2\n")
    assert outcome.reformatted == [scene.hunk.id]
    assert (scene.hunk.state, scene.hunk.note) == (HunkState.PENDING, "context reformatted")
    with pytest.raises(PlanRefused, match="look at it again"):
        scene.changes.plan_accept([scene.hunk.id], seen={scene.hunk.id: 0})
    assert scene.accepted_text() == ("def f(x):\n    if x:\n        log(x)\n        return 3\n    return 2\n")


def test_13_flipped_line_endings_are_taken_over() -> None:
    scene = Scene()
    outcome = scene.becomes("top\r\n" + TEN.replace("\n", "\r\n"))
    assert (scene.hunk.state, outcome.reformatted) == (HunkState.PENDING, [])
    assert scene.accepted_text() == ("top\n" + TEN.replace("line 5", "FIVE")).replace("\n", "\r\n")


@pytest.mark.parametrize("edit", [LineEdit(0, 1, ("ZERO\n",)), LineEdit(0, 0, ("new\n",)), LineEdit(0, 1, ())])
def test_13_an_added_byte_order_mark_stays_in_front(edit: LineEdit) -> None:
    plain = Scene(TEN, edit)
    expected = plain.accepted_text()
    scene = Scene(TEN, edit)
    scene.becomes("\ufeff" + TEN)
    assert scene.accepted_text() == "\ufeff" + expected
    scene.becomes(TEN)
    assert scene.accepted_text() == expected


def test_14_a_new_mode_is_remembered_and_nothing_else() -> None:
    scene = Scene()
    outcome = scene.changes.rebase(FileSnapshot("a.txt", TEN.encode(), 0o755), never_diff)
    assert not outcome.changed
    assert scene.changes.files[0].mode == 0o755


def test_15_what_is_no_regular_file_freezes_its_hunks() -> None:
    scene = Scene()
    outcome = scene.changes.rebase(FileSnapshot("a.txt", None, refusal="no longer a regular file"), never_diff)
    assert outcome.frozen == "no longer a regular file"
    with pytest.raises(PlanRefused, match="no longer a regular file"):
        scene.accepted_text()
    scene.becomes(TEN)
    assert scene.accepted_text() == TEN.replace("line 5", "FIVE")


def test_17_a_stash_and_its_pop_leave_the_hunk_as_it_was() -> None:
    stashed = TEN.replace("line 4", "the user's 4").replace("line 9", "the user's 9")
    scene = Scene(stashed)
    scene.becomes(TEN)
    assert scene.hunk.state is HunkState.CONFLICTED
    outcome = scene.becomes(stashed)
    assert outcome.cleared == [scene.hunk.id]
    assert scene.accepted_text() == stashed.replace("line 5", "FIVE")


def test_17_a_conflict_grows_with_what_changes_around_it() -> None:
    scene = Scene()
    scene.becomes(TEN.replace("line 5", "theirs 5"))
    scene.becomes("top\n" + TEN.replace("line 4\nline 5", "theirs 4\ntheirs 5"))
    assert scene.hunk.conflict == Conflict(
        base=("line 4\n", "line 5\n"),
        theirs=("theirs 4\n", "theirs 5\n"),
        ours=("line 4\n", "FIVE\n"),
        offset=1,
    )
    assert scene.hunk.start == 5
    scene.becomes("top\n" + TEN.replace("line 5", "FIVE"))
    assert scene.hunk.note == "already there"


@pytest.mark.parametrize(("text", "state"), [("same\n", HunkState.RETIRED), ("other\n", HunkState.CONFLICTED)])
def test_20_an_added_file_that_appears_outside_is_a_conflict_unless_equal(text: str, state: HunkState) -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot("new.txt", None))
    hunk = changes.stage_file("new.txt", ["same\n"], section="c:0", turn=1)
    assert hunk is not None
    changes.rebase(FileSnapshot("new.txt", text.encode(), 0o644), never_diff)
    assert hunk.state is state
    if state is HunkState.CONFLICTED:
        changes.resolve(hunk.id, Side.OURS)
        assert hunk.note == "replaces an existing file"
        (write,) = changes.plan_accept([hunk.id]).writes
        assert (write.before, write.data) == (digest(text.encode()), b"same\n")


def test_a_file_that_is_not_in_the_set_is_nobodys_business() -> None:
    assert not ChangeSet().rebase(FileSnapshot("a.txt", b"x"), never_diff).changed
