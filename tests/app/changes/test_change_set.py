from __future__ import annotations

import json

import msgspec
import pytest

from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError, IllegalStep, PlanRefused, UnknownHunk
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.workspace.files import FileSnapshot, FileWrite, digest
from spark_tui.protocol.patch.edits import LineEdit
from tests.app.changes.line_diffs import never_diff, quick_diff

TEN = "".join(f"line {n}\n" for n in range(10))


def opened(text: str | None = TEN, path: str = "a.txt", mode: int = 0o644) -> ChangeSet:
    changes = ChangeSet()
    changes.open(snapshot(text, path, mode))
    return changes


def snapshot(text: str | None, path: str = "a.txt", mode: int = 0o644) -> FileSnapshot:
    return FileSnapshot(path, None if text is None else text.encode(), mode)


def stage(changes: ChangeSet, start: int, end: int, *lines: str, path: str = "a.txt", section: str = "c:0") -> Hunk:
    hunk = changes.stage(path, LineEdit(start, end, lines), section=section, turn=1)
    assert hunk is not None
    return hunk


def accept(changes: ChangeSet, *ids: str) -> dict[str, bytes | None]:
    plan = changes.plan_accept(ids)
    changes.accepted(plan)
    return {write.path: write.data for write in plan.writes}


def text_of(changes: ChangeSet, path: str = "a.txt") -> str:
    data = changes.read(path)
    assert isinstance(data, bytes)
    return data.decode()


def test_reads_see_pending_edits_and_nothing_else() -> None:
    changes = opened()
    assert changes.read("a.txt") is NOT_STAGED
    assert changes.read("b.txt") is NOT_STAGED
    stage(changes, 1, 2, "ONE\n")
    assert text_of(changes) == TEN.replace("line 1\n", "ONE\n")


def test_accepted_hunks_of_one_file_are_one_write_and_the_others_move() -> None:
    changes = opened()
    first = stage(changes, 1, 2, "a\n", "b\n")
    second = stage(changes, 5, 6)
    third = stage(changes, 8, 9, "z\n")
    proposed = changes.read("a.txt")
    plan = changes.plan_accept([third.id, first.id])
    assert [write.before for write in plan.writes] == [digest(TEN.encode())]
    changes.accepted(plan)
    assert changes.read("a.txt") == proposed
    assert (first.state, second.state, third.state) == (
        HunkState.ACCEPTED,
        HunkState.PENDING,
        HunkState.ACCEPTED,
    )
    assert second.removed == ["line 4\n"]
    assert second.start == 5
    assert accept(changes, second.id) == {"a.txt": proposed}


def test_an_edit_that_touches_a_pending_hunk_supersedes_it() -> None:
    changes = opened()
    old = stage(changes, 3, 4, "three\n")
    new = stage(changes, 4, 5, "four\n", section="c:1")
    assert old.state is HunkState.RETIRED
    assert old.note == f"superseded by {new.id}"
    assert (new.start, new.removed, new.added) == (3, ["line 3\n", "line 4\n"], ["three\n", "four\n"])


def test_a_superseded_hunk_can_be_brought_back_in_place_of_the_newer_one() -> None:
    changes = opened()
    old = stage(changes, 3, 3, "three\n")
    new = stage(changes, 3, 4, "THREE\n", section="c:1")
    changes.restore([old.id])
    assert (old.state, new.state) == (HunkState.PENDING, HunkState.RETIRED)
    assert text_of(changes).count("three\n") == 1
    assert "THREE" not in text_of(changes)


def test_an_edit_that_takes_a_pending_one_back_leaves_no_hunk() -> None:
    changes = opened()
    old = stage(changes, 3, 4, "three\n")
    assert changes.stage("a.txt", LineEdit(3, 4, ("line 3\n",)), section="c:1", turn=1) is None
    assert old.state is HunkState.RETIRED
    assert changes.read("a.txt") is NOT_STAGED


def test_the_same_section_extends_its_own_hunk() -> None:
    changes = opened()
    old = stage(changes, 3, 4, "three\n")
    new = stage(changes, 4, 4, "more\n")
    assert new is old
    assert (old.added, old.revision) == (["three\n", "more\n"], 1)


def test_a_created_file_is_one_hunk_that_later_edits_change() -> None:
    changes = opened(None, "new.txt")
    created = changes.stage_file("new.txt", ["one\n"], section="c:0", turn=1)
    assert created is not None
    edited = stage(changes, 1, 1, "two\n", path="new.txt", section="d:0")
    assert (created.state, edited.kind, edited.added) == (HunkState.RETIRED, HunkKind.CREATE, ["one\n", "two\n"])
    assert accept(changes, edited.id) == {"new.txt": b"one\ntwo\n"}
    plan = changes.plan_undo([edited.id])
    assert plan.writes == (FileWrite("new.txt", digest(b"one\ntwo\n"), None),)
    changes.undone(plan)
    assert edited.state is HunkState.PENDING


def test_overwriting_a_file_says_so_and_can_be_undone() -> None:
    changes = opened()
    hunk = changes.stage_file("a.txt", ["all new\n"], section="c:0", turn=1)
    assert hunk is not None
    assert hunk.note == "replaces an existing file"
    assert accept(changes, hunk.id) == {"a.txt": b"all new\n"}
    assert changes.plan_undo([hunk.id]).writes[0].data == TEN.encode()


def test_a_deleted_file_reads_as_none_and_comes_back_with_its_mode() -> None:
    changes = opened(mode=0o755)
    hunk = changes.stage_file("a.txt", None, section="c:0", turn=1)
    assert hunk is not None
    assert changes.read("a.txt") is None
    assert accept(changes, hunk.id) == {"a.txt": None}
    assert changes.plan_undo([hunk.id]).writes == (FileWrite("a.txt", None, TEN.encode(), 0o755),)


def test_deleting_what_was_only_proposed_takes_it_back() -> None:
    changes = opened(None)
    created = changes.stage_file("a.txt", ["one\n"], section="c:0", turn=1)
    assert changes.stage_file("a.txt", None, section="c:1", turn=1) is None
    assert created is not None
    assert created.state is HunkState.RETIRED


def test_a_move_reads_at_the_new_path_and_carries_the_mode() -> None:
    changes = opened(mode=0o755)
    edit = stage(changes, 0, 1, "first\n")
    rename = changes.stage_rename("a.txt", snapshot(None, "b.txt"), section="c:0", turn=1)
    assert rename is not None
    assert changes.read("a.txt") is None
    assert text_of(changes, "b.txt").startswith("first\n")
    plan = changes.plan_accept([rename.id])
    assert plan.writes == (
        FileWrite("a.txt", digest(TEN.encode()), None),
        FileWrite("b.txt", None, TEN.encode(), 0o755),
    )
    changes.accepted(plan)
    assert (edit.path, edit.state) == ("b.txt", HunkState.PENDING)
    assert changes.read("a.txt") is NOT_STAGED
    back = changes.plan_undo([rename.id])
    assert back.writes == (
        FileWrite("b.txt", digest(TEN.encode()), None),
        FileWrite("a.txt", None, TEN.encode(), 0o755),
    )
    changes.undone(back)
    assert text_of(changes, "b.txt").startswith("first\n")


def test_a_move_over_a_file_says_so_and_undo_brings_that_file_back() -> None:
    changes = opened()
    rename = changes.stage_rename("a.txt", snapshot("old b\n", "b.txt"), section="c:0", turn=1)
    assert rename is not None
    assert rename.note == "replaces an existing file"
    plan = changes.plan_accept([rename.id])
    assert plan.writes[1] == FileWrite("b.txt", digest(b"old b\n"), TEN.encode(), 0o644)
    changes.accepted(plan)
    assert changes.plan_undo([rename.id]).writes[0] == FileWrite("b.txt", digest(TEN.encode()), b"old b\n")


def test_moving_a_proposed_file_creates_it_at_the_new_path() -> None:
    changes = opened(None)
    changes.stage_file("a.txt", ["one\n"], section="c:0", turn=1)
    changes.stage_rename("a.txt", snapshot(None, "b.txt"), section="c:1", turn=1)
    assert changes.read("b.txt") == b"one\n"
    assert changes.read("a.txt") in (None, NOT_STAGED)


def test_a_target_that_changed_must_be_looked_at_again() -> None:
    changes = opened()
    rename = changes.stage_rename("a.txt", snapshot(None, "b.txt"), section="c:0", turn=1)
    assert rename is not None
    changes.rebase(snapshot("appeared\n", "b.txt"), never_diff)
    with pytest.raises(PlanRefused, match="look at it again"):
        changes.plan_accept([rename.id], seen={rename.id: 0})
    assert changes.plan_accept([rename.id]).writes[1].before == digest(b"appeared\n")


def test_several_files_are_one_plan() -> None:
    changes = opened()
    changes.open(snapshot("x\n", "b.txt"))
    first, second = stage(changes, 0, 1, "A\n"), stage(changes, 0, 1, "B\n", path="b.txt")
    assert sorted(accept(changes, second.id, first.id)) == ["a.txt", "b.txt"]
    assert changes.last_accepted is not None
    assert changes.last_accepted.hunks == (first.id, second.id)


def test_an_undone_accept_can_be_made_again() -> None:
    changes = opened()
    hunk = stage(changes, 0, 1, "A\n")
    accept(changes, hunk.id)
    assert not changes.last_undone
    changes.undone(changes.plan_undo([hunk.id]))
    assert changes.last_accepted is None
    assert changes.last_undone == (hunk.id,)
    accept(changes, *changes.last_undone)
    assert not changes.last_undone


def test_undo_takes_out_only_our_lines_when_the_user_edited_on_top() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n", "more\n")
    written = accept(changes, hunk.id)["a.txt"]
    assert written is not None
    edited = "user\n" + written.decode() + "tail\n"
    changes.rebase(snapshot(edited), quick_diff)
    assert changes.plan_undo([hunk.id]).writes[0].data == ("user\n" + TEN + "tail\n").encode()


def test_undo_of_lines_the_user_changed_is_a_conflict_until_they_are_as_before() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    written = accept(changes, hunk.id)["a.txt"]
    assert written is not None
    changes.rebase(snapshot(written.decode().replace("FIVE", "five")), quick_diff)
    with pytest.raises(PlanRefused, match="changed since it was accepted"):
        changes.plan_undo([hunk.id])
    assert hunk.conflict is not None
    assert (hunk.conflict.base, hunk.conflict.theirs, hunk.conflict.ours) == (
        ("FIVE\n",),
        ("five\n",),
        ("line 5\n",),
    )
    changes.rebase(snapshot(written.decode()), quick_diff)
    assert changes.plan_undo([hunk.id]).writes[0].data == TEN.encode()


def test_hunks_on_top_of_one_another_are_undone_last_first() -> None:
    changes = opened()
    lower = stage(changes, 5, 6, "FIVE\n")
    accept(changes, lower.id)
    upper = stage(changes, 5, 6, "six\n", section="d:0")
    accept(changes, upper.id)
    with pytest.raises(PlanRefused):
        changes.plan_undo([lower.id])
    plan = changes.plan_undo([lower.id, upper.id])
    assert plan.writes[0].data == TEN.encode()
    changes.undone(plan)
    assert changes.file("a.txt").disk_digest == digest(TEN.encode())  # type: ignore[union-attr]


def test_our_own_write_seen_before_it_is_reported_is_still_an_accept() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    plan = changes.plan_accept([hunk.id])
    changes.rebase(FileSnapshot("a.txt", plan.writes[0].data, 0o644), quick_diff)
    changes.accepted(plan)
    assert hunk.state is HunkState.ACCEPTED
    assert changes.plan_undo([hunk.id]).writes[0].data == TEN.encode()


def test_what_was_overwritten_from_outside_can_be_applied_again() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    written = accept(changes, hunk.id)["a.txt"]
    outcome = changes.rebase(snapshot("theirs\n" + TEN), quick_diff)
    assert outcome.retired == [hunk.id]
    assert hunk.note == "overwritten from outside"
    changes.restore([hunk.id])
    assert written is not None
    assert accept(changes, hunk.id) == {"a.txt": b"theirs\n" + written}


def test_reject_then_restore_changes_nothing() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    before = changes.to_json()
    changes.reject([hunk.id], "not like that")
    assert hunk.note == "not like that"
    assert changes.read("a.txt") is NOT_STAGED
    changes.restore([hunk.id])
    assert changes.to_json() == before


def test_a_rejected_hunk_whose_lines_changed_comes_back_in_conflict() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    changes.reject([hunk.id])
    changes.rebase(snapshot(TEN.replace("line 5", "user 5")), quick_diff)
    changes.restore([hunk.id])
    assert hunk.state is HunkState.CONFLICTED
    with pytest.raises(PlanRefused):
        changes.plan_accept([hunk.id])


def test_a_stale_look_voids_the_accept() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    changes.set_lines(hunk.id, ["5\n"])
    with pytest.raises(PlanRefused, match="look at it again"):
        changes.plan_accept([hunk.id], seen={hunk.id: 0})
    assert accept(changes, hunk.id) == {"a.txt": TEN.replace("line 5", "5").encode()}


def test_a_hand_edit_gets_the_line_break_it_needs() -> None:
    changes = opened("a\r\nb\r\nc")
    hunk = stage(changes, 0, 1, "A\r\n")
    changes.set_lines(hunk.id, ["x"])
    assert changes.read("a.txt") == b"x\r\nb\r\nc"


def test_a_hand_edit_back_to_the_old_lines_retires_the_hunk() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    changes.set_lines(hunk.id, ["line 5\n"])
    assert hunk.state is HunkState.RETIRED


def test_lines_of_a_hunk_can_be_chosen() -> None:
    changes = opened("a\nb\nz\n")
    hunk = stage(changes, 0, 2, "c\n", "d\n")
    chosen, rest = changes.split(hunk.id, {0, 2})
    assert chosen[0] == hunk.id
    assert text_of(changes) == "c\nd\nz\n"
    assert accept(changes, *chosen) == {"a.txt": b"b\nc\nz\n"}
    assert text_of(changes) == "c\nd\nz\n"
    assert accept(changes, *rest) == {"a.txt": b"c\nd\nz\n"}


def new_file(*lines: str) -> tuple[ChangeSet, Hunk]:
    changes = opened(None, "new.txt")
    hunk = changes.stage_file("new.txt", list(lines), section="c:0", turn=1)
    assert hunk is not None
    return changes, hunk


def test_of_a_new_file_some_lines_can_be_had_and_the_rest_stays_pending() -> None:
    changes, hunk = new_file("a\n", "b\n", "c\n")
    chosen, rest = changes.split(hunk.id, {0, 2})
    assert text_of(changes, "new.txt") == "a\nb\nc\n"
    assert accept(changes, *chosen) == {"new.txt": b"a\nc\n"}
    assert [changes.hunk(i).state for i in rest] == [HunkState.PENDING]
    assert text_of(changes, "new.txt") == "a\nb\nc\n"
    assert accept(changes, *rest) == {"new.txt": b"a\nb\nc\n"}


def test_of_a_new_file_some_lines_can_be_refused_and_brought_back() -> None:
    changes, hunk = new_file("a\n", "b\n", "c\n")
    chosen, rest = changes.split(hunk.id, {0})
    changes.reject(chosen)
    assert text_of(changes, "new.txt") == "b\nc\n"
    changes.restore(chosen)
    assert text_of(changes, "new.txt") == "a\nb\nc\n"
    changes.reject(chosen)
    assert accept(changes, *rest) == {"new.txt": b"b\nc\n"}
    assert changes.hunk(rest[0]).kind is HunkKind.CREATE
    plan = changes.plan_undo(rest)
    assert [write.data for write in plan.writes] == [None]


def test_a_file_of_which_other_lines_stay_is_not_unmade() -> None:
    changes, hunk = new_file("a\n", "b\n")
    (first,), (second,) = changes.split(hunk.id, {0})
    accept(changes, first)
    accept(changes, second)
    plan = changes.plan_undo([first])
    assert [write.data for write in plan.writes] == [b"b\n"]
    changes.undone(plan)
    assert text_of(changes, "new.txt") == "a\nb\n"
    plan = changes.plan_undo([second])
    assert [write.data for write in plan.writes] == [None]


def test_of_a_file_that_is_replaced_lines_are_chosen_as_of_an_edit() -> None:
    changes = opened("a\nb\n")
    hunk = changes.stage_file("a.txt", ["c\n"], section="c:0", turn=1)
    assert hunk is not None
    assert hunk.replaces
    chosen, rest = changes.split(hunk.id, {0, 2})
    assert accept(changes, *chosen) == {"a.txt": b"b\nc\n"}
    assert accept(changes, *rest) == {"a.txt": b"c\n"}


def test_a_deletion_is_decided_as_a_whole() -> None:
    changes = opened("a\nb\n")
    hunk = changes.stage_file("a.txt", None, section="c:0", turn=1)
    assert hunk is not None
    with pytest.raises(IllegalStep, match="deleted as a whole; accept or reject the hunk"):
        changes.split(hunk.id, {0})


def test_choosing_all_lines_leaves_the_hunk_whole() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    assert changes.split(hunk.id, {0, 1}) == ([hunk.id], [])


def test_versions_grow_and_touched_paths_are_told_once() -> None:
    changes = opened()
    version = changes.version
    hunk = stage(changes, 5, 6, "FIVE\n")
    assert changes.version > version
    assert changes.take_touched() == {"a.txt": 5}
    assert changes.take_touched() == {}
    changes.reject([hunk.id], "why?")
    assert changes.take_touched() == {"a.txt": 0}


def test_what_is_staged_touches_nothing_above_the_first_hunk_that_it_takes_in() -> None:
    changes = opened()
    stage(changes, 2, 3, "TWO\n", "two and a half\n")
    stage(changes, 6, 7, "SIX\n")
    changes.take_touched()
    stage(changes, 7, 8, "SEVEN\n", section="another")
    assert changes.take_touched() == {"a.txt": 5}
    stage(changes, 4, 5, "FOUR\n")
    assert changes.take_touched() == {"a.txt": 2}


def test_counts_are_those_of_undecided_lines() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n", "more\n")
    assert changes.counts("a.txt") == (2, 1)
    changes.reject([hunk.id])
    assert changes.counts("a.txt") == (0, 0)


def test_mistakes_are_named() -> None:
    changes = opened()
    hunk = stage(changes, 5, 6, "FIVE\n")
    with pytest.raises(UnknownHunk, match="no hunk h99"):
        changes.reject([hunk.id, "h99"])
    with pytest.raises(IllegalStep, match="cannot bring back a hunk that is pending"):
        changes.restore([hunk.id])
    with pytest.raises(IllegalStep, match="no conflict"):
        changes.resolve(hunk.id, Side.OURS)
    with pytest.raises(ChangeError, match="not part of"):
        changes.stage("b.txt", LineEdit(0, 0, ()), section="c:0", turn=1)


def test_a_saved_change_set_is_the_same_again() -> None:
    changes = opened()
    first, second = stage(changes, 1, 2, "A\n"), stage(changes, 5, 6, "B\n")
    accept(changes, first.id)
    changes.rebase(snapshot(TEN.replace("line 1", "A").replace("line 5", "user")), quick_diff)
    assert second.state is HunkState.CONFLICTED
    saved = json.loads(json.dumps(changes.to_json()))
    again = ChangeSet.from_json(saved)
    assert again.to_json() == changes.to_json()
    assert again.hunk(second.id).conflict == second.conflict
    assert again.new_id() == "h3"
    assert again.plan_undo([first.id]).writes == changes.plan_undo([first.id]).writes


def test_several_undos_are_taken_back_one_by_one() -> None:
    changes = opened()
    first, second = stage(changes, 1, 2, "A\n"), stage(changes, 5, 6, "B\n")
    for hunk in (first, second):
        accept(changes, hunk.id)
    for hunk in (second, first):
        changes.undone(changes.plan_undo([hunk.id]))
    assert changes.last_undone == (first.id,)
    accept(changes, first.id)
    assert changes.last_undone == (second.id,)
    again = ChangeSet.from_json(changes.to_json())
    assert again.last_undone == (second.id,)
    third = stage(changes, 8, 9, "C\n")
    accept(changes, third.id)
    assert not changes.last_undone


def test_what_is_inserted_before_accepted_lines_stays_before_them() -> None:
    changes = opened()
    lower = stage(changes, 0, 0, "lower\n")
    accept(changes, lower.id)
    upper = stage(changes, 0, 0, "upper\n", section="c:1")
    accept(changes, upper.id)
    assert (upper.start, lower.start) == (0, 1)
    plan = changes.plan_undo([lower.id])
    assert plan.writes[0].data == ("upper\n" + TEN).encode()


def test_only_files_that_changed_are_saved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = ChangeSet()
    for number in range(20):
        changes.open(FileSnapshot(f"{number}.txt", b"one\n", 0o644))
        changes.stage(f"{number}.txt", LineEdit(0, 1, ("two\n",)), section="c:0", turn=1)
    before = changes.to_json()
    asked: list[str] = []
    real = msgspec.json.encode

    def encode(hunks: list[Hunk]) -> bytes:
        asked.extend(hunk.path for hunk in hunks)
        return real(hunks)

    monkeypatch.setattr(msgspec.json, "encode", encode)
    assert changes.to_json() == before
    changes.reject(["h3"])
    assert changes.to_json() != before
    assert asked == ["2.txt"]


def test_no_file_is_asked_where_it_goes_unless_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = ChangeSet()
    for number in range(20):
        changes.open(FileSnapshot(f"{number}.txt", b"one\n", 0o644))
        changes.stage(f"{number}.txt", LineEdit(0, 1, ("two\n",)), section="c:0", turn=1)
    changes.stage_rename("7.txt", FileSnapshot("moved.txt", None, 0o644), section="c:0", turn=1)
    asked: list[str] = []
    real = vars(FileChange)["target"].fget

    def target(file: FileChange) -> str:
        asked.append(file.path)
        return str(real(file))

    monkeypatch.setattr(FileChange, "target", property(target))
    changes.rebase(FileSnapshot("3.txt", b"zero\none\n", 0o644), quick_diff)
    assert set(asked) <= {"3.txt", "7.txt"}
    assert changes.file("moved.txt") is changes.file("7.txt")
    restored = ChangeSet.from_json(changes.to_json())
    assert restored.file("moved.txt") is restored.file("7.txt")
