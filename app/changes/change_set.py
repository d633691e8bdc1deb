"""The change set: a model's edits held in memory over the work tree, until a person decides.

Nothing here reads or writes a file: bytes come in as snapshots and go out as writes to be made by others.

>>> changes = ChangeSet()
>>> _ = changes.open(FileSnapshot("a.txt", b"one\\ntwo\\n", 0o644))
>>> hunk = changes.stage("a.txt", LineEdit(1, 2, ("TWO\\n",)), section="call_1:0", turn=1)
>>> changes.read("a.txt")
b'one\\nTWO\\n'
>>> plan = changes.plan_accept([hunk.id])
>>> plan.writes[0].data                     # for the writer
b'one\\nTWO\\n'
>>> changes.accepted(plan).hunks            # once it is on disk
('h1',)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from spark_tui.app.changes import deciding, plans, staging
from spark_tui.app.changes.catalogue import Catalogue
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.history import AcceptRecord, History
from spark_tui.app.changes.hunk import REPLACES, Hunk, HunkEvent, HunkKind, HunkState, advance
from spark_tui.app.changes.outside import rebase_file
from spark_tui.app.changes.placing import group_of, next_place
from spark_tui.app.changes.plans import AcceptPlan, UndoPlan, refuse_same_path
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.changes.saving import load_file, save_file
from spark_tui.app.changes.staging import Origin
from spark_tui.app.changes.tracking import RebaseOutcome
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit, split_lines


class NotStaged(Enum):
    """The answer to a read of a file on which nothing is pending: what is on disk holds."""

    NOT_STAGED = "not staged"


NOT_STAGED: Final = NotStaged.NOT_STAGED


class ChangeSet(Catalogue):
    """The files that a model has touched, in order of first touch, and the hunks on them.

    Several change sets may stand over one tree; each learns of the other's
    writes through :meth:`rebase`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._history = History()
        self._changed_outside: set[str] = set()
        self.edited_outside: set[str] = set()
        """The files that others have changed since the model first read or changed them."""
        self._last_id = 0
        self.newest: str | None = None
        """The id of the hunk that was written last; ``None`` before the first one of this session."""

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes | NotStaged | None:
        """What the model sees at ``path``: bytes, ``None`` for no file, or :data:`NOT_STAGED`."""
        file = self.file(path)
        if file is None:
            return NOT_STAGED
        if file.target != path:
            return None
        if not file.pending and file.target == file.path:
            return NOT_STAGED
        return file.proposed

    def take_changed_outside(self) -> set[str]:
        """The paths of files that others changed since this was last asked."""
        changed, self._changed_outside = self._changed_outside, set()
        return changed

    # -- staging ---------------------------------------------------------------------------------------------

    def open(self, snapshot: FileSnapshot) -> FileChange:
        """Take a file in with these bytes as its base; one that is known is returned as it is."""
        known = self._by_path.get(snapshot.path)
        if known is not None:
            return known
        if snapshot.refusal is not None:
            raise ChangeError(snapshot.refusal)
        file = FileChange(snapshot)
        self._files.append(file)
        self._by_path[snapshot.path] = file
        return file

    def new_id(self) -> str:
        """The next free hunk id."""
        self._last_id += 1
        return f"h{self._last_id}"

    def stage(
        self, path: str, edit: LineEdit, *, section: str, turn: int, places: int = 1, reuse: str | None = None
    ) -> Hunk | None:
        """Stage an edit on the proposed text of an open file; see :func:`staging.stage`.

        ``section`` names the section of the patch that it is from. A new hunk takes the id ``reuse``, if given.
        """
        file = self._open_file(path)
        line = file.layout.reach(edit.start, edit.end)
        return self._staged(file, staging.stage(file, edit, self._origin(section, turn, reuse), places=places), line)

    def stage_file(
        self, path: str, lines: list[str] | None, *, section: str, turn: int, reuse: str | None = None
    ) -> Hunk | None:
        """Stage the whole content of an open file, or its deletion; see :func:`staging.stage_file`."""
        file = self._open_file(path)
        return self._staged(file, staging.stage_file(file, lines, self._origin(section, turn, reuse)))

    def stage_rename(self, path: str, target: FileSnapshot, *, section: str, turn: int) -> Hunk | None:
        """Stage the move of an open file to ``target.path``, over what ``target`` says is there.

        A file that is not on disk yet is created at the new path instead. Raises :exc:`ChangeError` where another
        file's move is in the way.
        """
        file = self._open_file(path)
        if file.target == target.path:
            return file.rename
        there = self.file(target.path)
        if there is not None and there is not file and there.target != there.path:
            raise ChangeError(f"{target.path} is part of a move that is not decided yet")
        if file.base is None:
            lines = list(file.proposed_lines)
            self.stage_file(path, None, section=section, turn=turn)
            self.open(target)
            return self.stage_file(target.path, lines, section=section, turn=turn)
        replaced = split_lines(target.text) if target.data is not None else None
        hunk = self._staged(
            file, staging.stage_rename(file, target.path, replaced, self._origin(section, turn, None))
        )
        if there is not None and there is not file and hunk is not None:
            staging.supersede([h for h in there.hunks if h.state is HunkState.PENDING], hunk)
            there.refresh()
            self._touch(there)
        return hunk

    def begin_stream(self, path: str, kind: HunkKind, *, section: str, turn: int, start: int = 0) -> Hunk:
        """A hunk of ``path`` begins to arrive; it is drawn from now on, at ``start``, and part of no text."""
        file = self._open_file(path)
        hunk = Hunk(self.new_id(), file.path, kind, HunkState.STREAMING, start, turn=turn, origin=section)
        file.streaming = hunk
        self._hunks[hunk.id] = (file, hunk)
        self.newest = hunk.id
        self._touch(file, start)
        return hunk

    def stream_grew(self, path: str) -> None:
        """The streaming hunk of ``path`` has more lines, or another place."""
        file = self._open_file(path)
        self._touch(file, 0 if file.streaming is None else file.streaming.start)

    def end_stream(
        self, path: str, *, reason: str | None = None, part: Sequence[LineEdit] | None = None
    ) -> str | None:
        """The streaming hunk of ``path`` is over.

        With a ``reason`` it stays, retired; what came of it, the ``part``, can be brought back, see
        :func:`staging.set_aside`. Without a reason what is staged next takes its id over, which is returned.
        """
        file = self._open_file(path)
        hunk, file.streaming = file.streaming, None
        self._touch(file, 0 if hunk is None else hunk.start)
        if hunk is None:
            return None
        if reason is None:
            del self._hunks[hunk.id]
            return hunk.id
        hunk.step(HunkEvent.RETIRE, reason)
        hunk.places = 0
        hunk.told = hunk.state
        made = [hunk] if part is None else staging.set_aside(file, hunk, part, self.new_id)
        self._hunks |= {one.id: (file, one) for one in made}
        file.hunks += made
        file.refresh()
        return None

    def adopt(self, hunk: Hunk) -> None:
        """Put a pending hunk on an open file as it is: it is known from an earlier session.

        One of the same id is replaced. What overlaps it is settled when it is accepted.
        """
        known = self._hunks.get(hunk.id)
        if known is not None:
            known[0].hunks.remove(known[1])
            known[0].refresh()
        file = self._open_file(hunk.path)
        file.hunks.append(hunk)
        file.refresh()
        self._staged(file, hunk)

    # -- deciding --------------------------------------------------------------------------------------------

    def reject(self, ids: Iterable[str], reason: str = "rejected") -> None:
        """Reject pending or conflicted hunks; all or none. ``reason`` is told to the model."""
        for file, hunk in self._steppable(ids, HunkEvent.REJECT):
            deciding.reject(file, hunk, reason)
            self._touch(file)

    def restore(self, ids: Iterable[str]) -> None:
        """Bring back rejected or retired hunks; see :func:`deciding.restore`."""
        for file, hunk in self._steppable(ids, HunkEvent.RESTORE):
            deciding.restore(file, hunk)
            self._touch(file)

    def resolve(self, hunk_id: str, choice: Side | Sequence[str]) -> None:
        """Decide a conflict: a side, or the lines to have in place of theirs; see :func:`deciding.resolve`."""
        file, hunk = self._entry(hunk_id)
        deciding.resolve(file, hunk, choice)
        self._touch(file)

    def set_lines(self, hunk_id: str, added: Sequence[str]) -> None:
        """Edit a pending hunk by hand; see :func:`deciding.set_lines`."""
        file, hunk = self._entry(hunk_id)
        deciding.set_lines(file, hunk, added)
        self._touch(file)

    def split(self, hunk_id: str, chosen: Collection[int]) -> tuple[list[str], list[str]]:
        """Split a hunk by its lines; the ids of the chosen part and of the rest; see :func:`deciding.split`."""
        file, hunk = self._entry(hunk_id)
        parts = deciding.split(file, hunk, chosen, self.new_id)
        for part in (*parts[0], *parts[1]):
            self._hunks[part.id] = (file, part)
        self._touch(file)
        return [part.id for part in parts[0]], [part.id for part in parts[1]]

    def move_on(self, hunk_id: str) -> None:
        """Move a pending hunk, with the others of its chunk, to the next place that its context fits.

        Raises :exc:`ChangeError` where there is none. The hunks keep their ids.
        """
        file, hunk = self._entry(hunk_id)
        group = group_of(file, hunk)
        edits, ambiguity, places = next_place(file, group)
        before = file.watched_text()
        file.hunks = [other for other in file.hunks if other not in group]
        file.settle(before)
        spares = list(group)
        shift = 0
        for edit in edits:
            old = spares.pop(0) if spares else None
            moved = LineEdit(edit.start + shift, edit.end + shift, edit.lines)
            shift += len(edit.lines) - (edit.end - edit.start)
            reuse = None if old is None else old.id
            made = self.stage(file.path, moved, section=hunk.origin, turn=hunk.turn, places=places, reuse=reuse)
            if made is not None and len(made.added) == len(edit.lines):
                made.ambiguity = ambiguity
            if made is not None and old is not None:
                made.revision = old.revision + 1
                made.told, made.told_revision = old.told, old.told_revision
        for old in spares:
            old.step(HunkEvent.RETIRE, "moved with its chunk")
            file.hunks.append(old)
        file.refresh()
        self._touch(file)

    def told(self, hunk: Hunk) -> None:
        """The model has heard how ``hunk`` stands."""
        if (hunk.told, hunk.told_revision) != (hunk.state, hunk.revision):
            hunk.told, hunk.told_revision = hunk.state, hunk.revision
            self.file_of(hunk.id).saved_hunks = None

    # -- accepting and undoing -------------------------------------------------------------------------------

    def plan_accept(self, ids: Iterable[str], seen: Mapping[str, int] | None = None) -> AcceptPlan:
        """Plan to accept pending hunks, in one transaction over all their files.

        ``seen`` maps ids to the revision that was on the screen. Raises :exc:`PlanRefused` if one cannot be accepted.
        """
        chosen = self._by_file(ids)
        looked_at = seen or {}
        reasons = {
            hunk.id: why
            for file, hunks in chosen
            for hunk in hunks
            if (why := plans.refusal_to_accept(file, hunk, looked_at.get(hunk.id))) is not None
        }
        if reasons:
            raise PlanRefused(reasons)
        plan = AcceptPlan(tuple(plans.plan_accept(file, hunks) for file, hunks in chosen))
        refuse_same_path(plan.files)
        return plan

    def accepted(self, plan: AcceptPlan) -> AcceptRecord:
        """The writes of ``plan`` are on disk."""
        deque(self.accepting(plan), maxlen=0)
        return self._history.records[-1]

    def accepting(self, plan: AcceptPlan) -> Iterator[None]:
        """As :meth:`accepted`, file by file; to be gone through to the end."""
        for part in plan.files:
            file = self._by_path[part.path]
            plans.land(file, part)
            self._rekey(file, part.path)
            yield
        self._history.accepted(plan.hunks)

    @property
    def records(self) -> Sequence[AcceptRecord]:
        """The accepts, oldest first."""
        return self._history.records

    @property
    def last_accepted(self) -> AcceptRecord | None:
        """The last accept of which something is left to undo, with what is left of it."""
        return self._history.last_accepted(lambda i: self.hunk(i).state is HunkState.ACCEPTED)

    @property
    def last_undone(self) -> tuple[str, ...]:
        """The ids to accept again to take back the last undo; empty when there is none since the last accept."""
        return self._history.last_undone(lambda i: self.hunk(i).state is HunkState.PENDING)

    def plan_undo(self, ids: Iterable[str]) -> UndoPlan:
        """Plan to take accepted hunks out of the files as last seen: only their lines, whatever else was edited.

        Raises :exc:`PlanRefused` where their lines, or those next to them, have been changed since; the hunk's
        ``conflict`` then has what was accepted (base), what is there (theirs) and what was before (ours).
        """
        files: list[plans.FilePlan] = []
        reasons: dict[str, str] = {}
        for file, hunks in self._by_file(ids):
            part = plans.plan_undo(file, [hunk.id for hunk in hunks])
            if isinstance(part, plans.FilePlan):
                files.append(part)
            else:
                reasons |= part
        if reasons:
            raise PlanRefused(reasons)
        plan = UndoPlan(tuple(files))
        refuse_same_path(plan.files)
        return plan

    def undone(self, plan: UndoPlan) -> None:
        """The writes of ``plan`` are on disk: its hunks are pending again."""
        deque(self.undoing(plan), maxlen=0)

    def undoing(self, plan: UndoPlan) -> Iterator[None]:
        """As :meth:`undone`, file by file; to be gone through to the end."""
        for part in plan.files:
            file = self._by_path[part.path]
            plans.finish_undo(file, part)
            self._rekey(file, part.path)
            yield
        self._history.undone(plan.hunks)

    # -- changes from outside --------------------------------------------------------------------------------

    def rebase(self, snapshot: FileSnapshot, diff: LineDiff) -> RebaseOutcome:
        """The file at ``snapshot.path`` may have changed outside; see :func:`outside.rebase_file`.

        To keep ``diff`` off an event loop, compute it beforehand between ``file.base_lines`` and the new lines,
        and give it here as long as ``file.base_lines`` is still the same list.
        """
        mover = self._moving_to(snapshot.path)
        if mover is not None and mover.rename is not None:
            self._target_changed(mover, mover.rename, snapshot)
        file = self._by_path.get(snapshot.path)
        if file is None:
            return RebaseOutcome(snapshot.path)
        was_frozen = file.frozen
        outcome = rebase_file(file, snapshot, diff)
        if outcome.changed:
            self._changed_outside.add(file.path)
            self.edited_outside.add(file.path)
        if outcome.changed or was_frozen != file.frozen:
            self._touch(file)
        return outcome

    def follow(self, path: str, snapshot: FileSnapshot, diff: LineDiff) -> RebaseOutcome:
        """The file at ``path`` is gone and ``snapshot`` is what became of it: its hunks go there.

        Raises :exc:`ChangeError` where that cannot be.
        """
        file = self._by_path.get(path)
        if file is None or not file.absent:
            raise ChangeError(f"{path} is where it was")
        if snapshot.path in self._by_path:
            raise ChangeError(f"{snapshot.path} has hunks of its own")
        if snapshot.refusal is not None or snapshot.data is None:
            raise ChangeError(f"{snapshot.path}: {snapshot.refusal or 'there is no such file'}")
        file.path = snapshot.path
        if file.rename is not None:
            file.rename.source = snapshot.path
        self._rekey(file, path)
        return self.rebase(snapshot, diff)

    def touch(self, path: str) -> None:
        """Something of the file at ``path`` is to be drawn anew."""
        self._touch(self._open_file(path))

    def freeze(self, path: str, reason: str | None) -> None:
        """Let nothing of ``path`` be accepted for ``reason`` (one line) until the next rebase; ``None`` ends it."""
        file = self._open_file(path)
        file.frozen = reason
        self._touch(file)

    def _target_changed(self, file: FileChange, rename: Hunk, snapshot: FileSnapshot) -> None:
        """What a pending move would replace is another file now: it must be looked at again."""
        rename.replaces = snapshot.data is not None
        rename.removed = split_lines(snapshot.text) if snapshot.refusal is None else []
        rename.note = REPLACES if rename.replaces else ""
        rename.revision += 1
        self._touch(file)

    # -- saving ----------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON values, for :meth:`from_json`; a hunk that streams is left out."""
        return {
            "last_id": self._last_id,
            "files": [save_file(file) for file in self._files],
            "history": self._history.to_json(),
            "changed_outside": sorted(self._changed_outside),
            "edited_outside": sorted(self.edited_outside),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> ChangeSet:
        """What :meth:`to_json` saved. The caller rebases each of ``files`` on what is on disk by now."""
        changes = cls()
        changes._last_id = saved["last_id"]
        for entry in saved["files"]:
            file = load_file(entry)
            changes._files.append(file)
            changes._by_path[file.path] = file
            for hunk in file.hunks:
                changes._hunks[hunk.id] = (file, hunk)
                changes._note_move(file, hunk)
        changes._history = History.from_json(saved["history"])
        changes._changed_outside = set(saved["changed_outside"])
        changes.edited_outside = set(saved.get("edited_outside", ()))
        return changes

    # -- inside ----------------------------------------------------------------------------------------------

    def _origin(self, section: str, turn: int, reuse: str | None) -> Origin:
        spare = iter(() if reuse is None else (reuse,))
        return Origin(section, turn, lambda: next(spare, None) or self.new_id())

    def _staged(self, file: FileChange, hunk: Hunk | None, line: int = 0) -> Hunk | None:
        if hunk is not None:
            self._hunks[hunk.id] = (file, hunk)
            self._note_move(file, hunk)
            self.newest = hunk.id
        self._touch(file, line)
        return hunk

    def _steppable(self, ids: Iterable[str], event: HunkEvent) -> list[tuple[FileChange, Hunk]]:
        """The hunks, if all of them can take ``event``; raises the first one's error otherwise."""
        entries = [self._entry(hunk_id) for hunk_id in dict.fromkeys(ids)]
        for _, hunk in entries:
            advance(hunk.state, event)
        return entries
