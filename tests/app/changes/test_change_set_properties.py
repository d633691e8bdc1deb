"""Random sequences of everything that can happen to a file's hunks."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.decisions import take_decisions
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines
from tests.app.changes.line_diffs import quick_diff

PATH = "a.txt"
LINE = st.sampled_from([f"{letter}\n" for letter in "abcdeXY"])
TEXT = st.lists(LINE, max_size=12)


@st.composite
def edits_of(draw: st.DrawFn, size: int) -> LineEdit:
    start = draw(st.integers(0, size))
    end = draw(st.integers(start, min(size, start + 3)))
    return LineEdit(start, end, tuple(draw(st.lists(LINE, max_size=3))))


def bytes_of(lines: list[str]) -> bytes:
    return "".join(lines).encode()


class Hunks(RuleBasedStateMachine):
    """One file, with a disk that the writer and other programs write to."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = ChangeSet()
        self.section = 0
        self.seen: set[str] = set()

    @initialize(lines=TEXT)
    def open(self, lines: list[str]) -> None:
        self.disk = bytes_of(lines)
        self.file: FileChange = self.changes.open(FileSnapshot(PATH, self.disk, 0o644))

    def proposed(self) -> list[str]:
        return list(self.file.proposed_lines)

    def ids(self, *states: HunkState) -> list[str]:
        return [hunk.id for hunk in self.changes.hunks(*states)]

    def some(self, data: st.DataObject, *states: HunkState) -> list[str]:
        ids = self.ids(*states)
        return data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True)) if ids else []

    @rule(data=st.data(), new_section=st.booleans())
    def stage(self, data: st.DataObject, new_section: bool) -> None:
        self.section += new_section
        before = self.proposed()
        edit = data.draw(edits_of(len(before)))
        self.changes.stage(PATH, edit, section=f"c:{self.section}", turn=1)
        assert self.proposed() == apply_edits(before, [edit])

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        ids = self.some(data, HunkState.PENDING)
        before = self.proposed()
        plan = self.changes.plan_accept(ids)
        for write in plan.writes:
            assert write.data is not None
            self.disk = write.data
        in_conflict = self.ids(HunkState.CONFLICTED)
        self.changes.accepted(plan)
        assert self.proposed() == before or in_conflict
        assert all(self.changes.hunk(i).state is HunkState.ACCEPTED for i in ids)

    @precondition(lambda self: not self.ids(HunkState.CONFLICTED))
    @rule()
    def accept_then_undo(self) -> None:
        ids = self.ids(HunkState.PENDING)
        before = (self.file.base, self.proposed(), [_view(h) for h in self.changes.hunks(HunkState.PENDING)])
        self.changes.accepted(self.changes.plan_accept(ids))
        self.changes.undone(self.changes.plan_undo(ids))
        after = (self.file.base, self.proposed(), [_view(h) for h in self.changes.hunks(HunkState.PENDING)])
        assert after == before

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        ids = self.some(data, HunkState.ACCEPTED)
        try:
            plan = self.changes.plan_undo(ids)
        except PlanRefused:
            return
        for write in plan.writes:
            assert write.data is not None
            self.disk = write.data
        self.changes.undone(plan)

    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        self.changes.reject(self.some(data, HunkState.PENDING, HunkState.CONFLICTED))

    @rule(data=st.data())
    def reject_then_restore(self, data: st.DataObject) -> None:
        ids = self.some(data, HunkState.PENDING)
        before = self.changes.to_json()
        self.changes.reject(ids)
        self.changes.restore(ids)
        assert self.changes.to_json() == before

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        for hunk_id in self.some(data, HunkState.REJECTED, HunkState.RETIRED):
            with suppress(ChangeError):
                self.changes.restore([hunk_id])

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        for hunk_id in self.some(data, HunkState.PENDING)[:1]:
            hunk = self.changes.hunk(hunk_id)
            before = self.proposed()
            chosen = data.draw(st.sets(st.integers(0, len(hunk.removed) + len(hunk.added) - 1)))
            self.changes.split(hunk_id, chosen)
            assert self.proposed() == before

    @rule(data=st.data(), lines=st.lists(LINE, max_size=3))
    def edit_by_hand(self, data: st.DataObject, lines: list[str]) -> None:
        for hunk_id in self.some(data, HunkState.PENDING)[:1]:
            self.changes.set_lines(hunk_id, lines)

    @rule(data=st.data(), side=st.sampled_from(Side))
    def resolve(self, data: st.DataObject, side: Side) -> None:
        for hunk_id in self.some(data, HunkState.CONFLICTED)[:1]:
            self.changes.resolve(hunk_id, side)

    @rule(data=st.data())
    def edit_outside(self, data: st.DataObject) -> None:
        lines = split_lines(self.disk.decode())
        edit = data.draw(edits_of(len(lines)))
        self.disk = bytes_of(apply_edits(lines, [edit]))
        self.changes.rebase(FileSnapshot(PATH, self.disk, 0o644), quick_diff)

    @precondition(lambda self: self.file.pending)
    @rule()
    def vanish_and_come_back(self) -> None:
        before = {hunk.id: hunk.state for hunk in self.changes.hunks()}
        self.changes.rebase(FileSnapshot(PATH, None), quick_diff)
        assert not self.file.pending
        self.changes.rebase(FileSnapshot(PATH, self.disk, 0o644), quick_diff)
        assert {hunk.id: hunk.state for hunk in self.changes.hunks()} == before

    @rule()
    def save_and_load(self) -> None:
        saved = self.changes.to_json()
        self.changes = ChangeSet.from_json(json.loads(json.dumps(saved)))
        assert self.changes.to_json() == saved
        self.file = self.changes.files[0]

    @rule()
    def tell_the_model(self) -> None:
        take_decisions(self.changes)

    @invariant()
    def what_is_saved_is_up_to_date(self) -> None:
        saved = self.changes.to_json()
        for file in self.changes.files:
            file.saved_hunks = None
        assert self.changes.to_json() == saved

    @invariant()
    def base_is_the_disk(self) -> None:
        assert self.file.base == self.disk
        assert bytes_of(self.file.base_lines) == self.disk

    @invariant()
    def hunks_stand_where_they_say(self) -> None:
        lines = self.file.base_lines
        for hunk in self.file.hunks:
            here = lines[hunk.start : hunk.end]
            if hunk.conflict is not None:
                assert here == list(hunk.conflict.theirs)
            elif hunk.state is HunkState.ACCEPTED:
                assert here == hunk.added
            elif hunk.state is not HunkState.RETIRED or hunk.places:
                assert here == hunk.removed

    @invariant()
    def base_and_pending_hunks_are_the_proposed_text(self) -> None:
        pending = [hunk for hunk in self.file.hunks if hunk.state is HunkState.PENDING]
        assert pending == list(self.file.pending)
        assert all(first.end <= second.start for first, second in pairwise(pending))
        assert self.proposed() == apply_edits(self.file.base_lines, [hunk.edit for hunk in pending])
        for index, hunk in enumerate(pending):
            start = self.file.layout.start(index)
            assert self.proposed()[start : start + len(hunk.added)] == hunk.added

    @invariant()
    def no_hunk_is_lost_and_each_says_why_it_is_gone(self) -> None:
        hunks = {hunk.id: hunk for hunk in self.changes.hunks()}
        assert self.seen <= hunks.keys()
        self.seen = set(hunks)
        for hunk in hunks.values():
            assert self.changes.hunk(hunk.id) is hunk
            assert (hunk.state is HunkState.CONFLICTED) <= (hunk.conflict is not None)
            assert hunk.note or hunk.state not in (HunkState.CONFLICTED, HunkState.RETIRED, HunkState.REJECTED)


def _view(hunk: Hunk) -> tuple[str, int, list[str], list[str]]:
    return hunk.id, hunk.start, hunk.removed, hunk.added


TestHunks = Hunks.TestCase
TestHunks.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)


@settings(max_examples=60, deadline=None)
@given(TEXT, st.data())
def test_accepting_in_any_order_is_accepting_all(lines: list[str], data: st.DataObject) -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot(PATH, bytes_of(lines), 0o644))
    for section in range(4):
        size = len(changes.files[0].proposed_lines)
        changes.stage(PATH, data.draw(edits_of(size)), section=f"c:{section}", turn=1)
    proposed = changes.files[0].proposed
    ids = [hunk.id for hunk in changes.hunks(HunkState.PENDING)]
    for hunk_id in data.draw(st.permutations(ids)):
        changes.accepted(changes.plan_accept([hunk_id]))
    assert changes.files[0].base == proposed
    for hunk_id in data.draw(st.permutations(ids)):
        changes.undone(changes.plan_undo([hunk_id]))
    assert changes.files[0].base == bytes_of(lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a\n", "b\n", "\n"]), min_size=1, max_size=8), st.data())
def test_a_new_file_can_be_had_line_by_line_in_any_order(lines: list[str], data: st.DataObject) -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot(PATH, None, 0o644))
    hunk = changes.stage_file(PATH, lines, section="c:0", turn=1)
    assert hunk is not None
    ids = [hunk.id]
    for _ in range(3):
        parted = changes.hunk(data.draw(st.sampled_from(ids)))
        chosen, rest = changes.split(parted.id, data.draw(st.sets(st.integers(0, len(parted.added) - 1))))
        ids = list(dict.fromkeys([*ids, *chosen, *rest]))
    for hunk_id in data.draw(st.permutations(ids)):
        assert changes.files[0].proposed == bytes_of(lines)
        changes.accepted(changes.plan_accept([hunk_id]))
    assert changes.files[0].base == bytes_of(lines)
    for hunk_id in data.draw(st.permutations(ids)):
        assert changes.files[0].base is not None
        changes.undone(changes.plan_undo([hunk_id]))
        assert changes.files[0].proposed == bytes_of(lines)
    assert changes.files[0].base is None
