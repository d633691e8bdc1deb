"""Any sequence of decisions, edits from outside and deaths: no byte that the user saved is lost, and no hunk.

The whole engine on a real tree: a change set, its saved form, the writer, and recovery after a kill at any write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.plans import AcceptPlan, UndoPlan
from spark_tui.app.workspace.errors import WriteConflict
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.recovery import recover
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.patch.edits import LineEdit, split_lines
from tests.app.changes.line_diffs import quick_diff

from .conftest import Faults

PATHS = ("a.txt", "b.txt", "sub/new.txt")
OPEN = (HunkState.PENDING, HunkState.CONFLICTED)
MEMORY = Path("/dev/shm")
State = dict[str, bytes | None]


class Dead(BaseException):
    """The program was killed: nothing more is done by it."""


def die() -> None:
    raise Dead


class Engine(RuleBasedStateMachine):
    """Two files and one that may be made; each line that anyone writes is unlike all others."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.faults = Faults(self.patch)
        self.folder = TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
        self.root = Path(self.folder.name)
        (self.root / ".git").mkdir()
        self.state_dir = self.root / ".git/spark-tui"
        self.writer = Writer(self.root, self.state_dir)
        self.changes = ChangeSet()
        self.lines = 0
        self.seen: set[str] = set()
        self.expected: State = {}

    def teardown(self) -> None:
        self.patch.undo()
        self.folder.cleanup()

    def fresh(self, who: str, count: int = 1) -> list[str]:
        self.lines += count
        return [f"{who} {self.lines - n}\n" for n in range(count)]

    def disk(self) -> State:
        return {path: (self.root / path).read_bytes() if (self.root / path).exists() else None for path in PATHS}

    def save(self, path: str, lines: Sequence[str] | None) -> None:
        """The user's editor writes a file, or removes it."""
        file = self.root / path
        if lines is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text("".join(lines))
        self.expected[path] = None if lines is None else file.read_bytes()

    def edit(self, data: st.DataObject, paths: Sequence[str] = PATHS) -> None:
        path = data.draw(st.sampled_from(paths))
        lines = split_lines((self.expected[path] or b"").decode())
        start = data.draw(st.integers(0, len(lines)))
        end = data.draw(st.integers(start, min(start + 2, len(lines))))
        self.save(path, [*lines[:start], *self.fresh("user", data.draw(st.integers(0, 2))), *lines[end:]])

    def look(self) -> None:
        for path in PATHS:
            self.changes.rebase(read_snapshot(self.root, path), quick_diff)

    def some(self, data: st.DataObject, *states: HunkState) -> list[str]:
        ids = [hunk.id for hunk in self.changes.hunks(*states)]
        return data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=6, unique=True)) if ids else []

    @initialize()
    def begin(self) -> None:
        for path in PATHS[:2]:
            self.save(path, self.fresh("user", 8))
        self.expected[PATHS[2]] = None
        for path in PATHS:
            self.changes.open(read_snapshot(self.root, path))

    # -- what the model and the user do ------------------------------------------------------------------------

    @rule(data=st.data())
    def stage(self, data: st.DataObject) -> None:
        for path in data.draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4)):
            self.stage_one(data, path)

    def stage_one(self, data: st.DataObject, path: str) -> None:
        file = self.changes.file(path)
        assert file is not None
        section = f"c:{self.lines}"
        if not file.proposes:
            self.changes.stage_file(path, self.fresh("model", 3), section=section, turn=1)
            return
        size = len(file.proposed_lines)
        start = data.draw(st.integers(0, size))
        end = data.draw(st.integers(start, min(start + 2, size)))
        edit = LineEdit(start, end, tuple(self.fresh("model", data.draw(st.integers(0, 2)))))
        self.changes.stage(path, edit, section=section, turn=1)

    @rule(data=st.data())
    def edit_outside(self, data: st.DataObject) -> None:
        self.edit(data)
        self.look()

    @rule(path=st.sampled_from(PATHS))
    def remove_outside(self, path: str) -> None:
        self.save(path, None)
        self.look()

    @rule(data=st.data())
    def reject_or_restore(self, data: st.DataObject) -> None:
        self.changes.reject(self.some(data, *OPEN))
        for hunk_id in self.some(data, HunkState.REJECTED, HunkState.RETIRED):
            with suppress(ChangeError):
                self.changes.restore([hunk_id])

    @rule(data=st.data())
    def split_or_edit(self, data: st.DataObject) -> None:
        for hunk_id in self.some(data, HunkState.PENDING)[:1]:
            with suppress(ChangeError):
                if data.draw(st.booleans()):
                    self.changes.split(hunk_id, data.draw(st.sets(st.integers(0, 3))))
                else:
                    self.changes.set_lines(hunk_id, self.fresh("by hand", data.draw(st.integers(0, 2))))

    @rule(data=st.data(), side=st.sampled_from(Side))
    def resolve(self, data: st.DataObject, side: Side) -> None:
        for hunk_id in self.some(data, HunkState.CONFLICTED)[:1]:
            with suppress(ChangeError):
                self.changes.resolve(hunk_id, side)

    # -- writes, and what may come in between ------------------------------------------------------------------

    def plan(self, data: st.DataObject) -> AcceptPlan | None:
        pending = [hunk.id for hunk in self.changes.hunks(HunkState.PENDING)]
        choices = [pending] if pending else []
        choices += [ids for state in (HunkState.PENDING, HunkState.ACCEPTED) if (ids := self.some(data, state))]
        if choices:
            ids = data.draw(st.sampled_from(choices))
            is_undo = self.changes.hunk(ids[0]).state is HunkState.ACCEPTED
            with suppress(ChangeError):
                return self.changes.plan_undo(ids) if is_undo else self.changes.plan_accept(ids)
        return None

    def finish(self, plan: AcceptPlan) -> None:
        if isinstance(plan, UndoPlan):
            self.changes.undone(plan)
        else:
            self.changes.accepted(plan)

    def after(self, plan: AcceptPlan) -> State:
        return {**self.expected, **{write.path: write.data for write in plan.writes}}

    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        plan = self.plan(data)
        if plan is not None:
            self.expected = self.after(plan)
            self.writer.commit(plan.writes)
            self.finish(plan)

    @rule(data=st.data())
    def write_late(self, data: st.DataObject) -> None:
        """An edit lands between the plan and the write: nothing of the set is written, unless it was elsewhere."""
        plan = self.plan(data)
        before = dict(self.expected)
        self.edit(data)
        if plan is not None:
            touched = {write.path for write in plan.writes if self.expected[write.path] != before[write.path]}
            refused: set[str] = set()
            try:
                self.writer.commit(plan.writes)
            except WriteConflict as conflict:
                refused = set(conflict.paths)
            else:
                self.expected = self.after(plan)
                self.finish(plan)
            assert refused == touched
        self.look()

    @rule(data=st.data(), step=st.integers(1, 45), edits_after=st.booleans())
    def die_and_come_back(self, data: st.DataObject, step: int, edits_after: bool) -> None:
        """A kill at any write; the user goes on working; the next start recovers, and catches up with the files."""
        self.stage(data)
        plan = self.plan(data)
        if plan is None:
            return
        saved = json.dumps(self.changes.to_json())
        with self.faults.at(step, die, lasting=True), suppress(Dead):
            self.writer.commit(plan.writes)
        old, new = dict(self.expected), self.after(plan)
        torn = self.disk()
        assert all(torn[path] in (old[path], new[path]) for path in PATHS)
        edited: str | None = None
        if edits_after:
            self.expected = torn
            edited = data.draw(st.sampled_from(PATHS))
            self.save(edited, self.fresh("user", 2))
        with self.faults.at(data.draw(st.integers(1, 8)), die, lasting=True), suppress(Dead):
            recover(self.root, self.state_dir)
        recover(self.root, self.state_dir)
        found = self.disk()
        if edited is not None:
            assert found[edited] == self.expected[edited]
        rest = [path for path in PATHS if path != edited]
        assert any(all(found[path] == state[path] for path in rest) for state in (old, new))
        self.expected = found
        self.changes = ChangeSet.from_json(json.loads(saved))
        self.look()

    # -- what holds at any time --------------------------------------------------------------------------------

    @invariant()
    def the_disk_is_as_it_should_be(self) -> None:
        if self.expected:
            assert self.disk() == self.expected

    @invariant()
    def the_change_set_knows_the_disk(self) -> None:
        for file in self.changes.files:
            known = None if file.absent else file.base
            assert known == self.expected[file.path]

    @invariant()
    def no_hunk_is_lost(self) -> None:
        hunks = {hunk.id: hunk for hunk in self.changes.hunks()}
        assert self.seen <= hunks.keys()
        self.seen = set(hunks)
        for hunk in hunks.values():
            assert hunk.note or hunk.state not in (HunkState.CONFLICTED, HunkState.RETIRED, HunkState.REJECTED)


TestEngine = Engine.TestCase
TestEngine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
