"""One file of a change set: what is on disk as last seen, and the hunks that stand on it.

``base`` and the pending hunks make the *proposed* text, which is what the model sees. Accepting a hunk moves its
lines from the one to the other and leaves the proposed text as it was.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spark_tui.app.changes.hunk import Conflict, Hunk, HunkKind, HunkState
from spark_tui.app.changes.layout import Drift, Layout
from spark_tui.app.changes.rebase import ThreeWay
from spark_tui.app.changes.tracking import RebaseOutcome, follow
from spark_tui.app.workspace.files import BOM, FileSnapshot, digest
from spark_tui.protocol.patch.edits import LineEdit, apply_edits

MARK = BOM.encode("utf-8")
OPEN = frozenset({HunkState.STREAMING, HunkState.PENDING, HunkState.CONFLICTED})
"""The states of a hunk that still waits for a decision."""


class FileChange:
    """The hunks of one file, in file order.

    ``path`` is where the file is on disk. ``base`` are its bytes as last seen, ``None`` where there is no file;
    ``base_lines`` are their lines, a new list whenever they change. A byte order mark is not part of them but
    ``mark``, and stays with the file whatever is done to its first line. ``absent`` when a file that was there has
    been deleted outside: ``base`` then stays what it was, so that the hunks keep their lines. ``moved_to`` is
    where it then seems to be now. ``frozen`` is why nothing of the file can be accepted at present.
    """

    def __init__(self, snapshot: FileSnapshot) -> None:
        self.path = snapshot.path
        self.mode = snapshot.mode
        self.absent = False
        self.moved_to: str | None = None
        self.frozen = snapshot.refusal
        self.hunks: list[Hunk] = []
        self.streaming: Hunk | None = None
        self.base: bytes | None = None
        self.base_lines: list[str] = []
        self.mark = ""
        self._drifts: list[Drift] = []
        self._pending: list[Hunk] = []
        self.layout = Layout(self._pending)
        self._rename: Hunk | None = None
        self._proposed: list[str] | None = None
        self._digest: str | None = None
        self.saved_hunks: str | None = None
        """What :func:`saving.save_file` made of the hunks; ``None`` once they may have changed."""
        if snapshot.refusal is None and snapshot.data is not None:
            self.set_base(snapshot.lines, snapshot.data)

    def __iter__(self) -> Iterator[Hunk]:
        """All hunks in file order, the streaming one where it will go."""
        return iter(self.hunks if self.streaming is None else self.hunks_from(0))

    def hunks_from(self, line: int) -> list[Hunk]:
        """The hunks that begin at ``line`` of the base or behind it, as by iteration."""
        hunks = self.hunks[bisect_left(self.hunks, line, key=_start) :]
        if self.streaming is not None and self.streaming.start >= line:
            hunks.insert(bisect_right(hunks, self.streaming.start, key=_start), self.streaming)
        return hunks

    @property
    def pending(self) -> Sequence[Hunk]:
        """The pending hunks that change lines, in file order; none overlaps another."""
        return self._pending

    @property
    def rename(self) -> Hunk | None:
        """The pending move of the file, if there is one."""
        return self._rename

    @property
    def target(self) -> str:
        """Where the file would be with all pending hunks accepted."""
        rename = self.rename
        return self.path if rename is None or rename.target is None else rename.target

    @property
    def disk_digest(self) -> str | None:
        """The digest of what is on disk as last seen, ``None`` for no file."""
        if self.base is None or self.absent:
            return None
        if self._digest is None:
            self._digest = digest(self.base)
        return self._digest

    @property
    def proposes(self) -> bool:
        """Whether the file would exist with all pending hunks accepted."""
        return would_exist(None if self.absent else self.base, self._pending)

    @property
    def proposed_lines(self) -> list[str]:
        """The base with the pending hunks; empty where no file would be. Not to be changed by the caller."""
        if self._proposed is None:
            self._proposed = apply_edits(self.base_lines, [hunk.edit for hunk in self._pending])
        return self._proposed

    @property
    def proposed(self) -> bytes | None:
        """What the file would be with all pending hunks accepted; ``None``: no file."""
        return self.encode(self.proposed_lines) if self.proposes else None

    @property
    def is_open(self) -> bool:
        """Whether some hunk waits for a decision."""
        return self.streaming is not None or any(hunk.state in OPEN for hunk in self.hunks)

    def encode(self, lines: Sequence[str]) -> bytes:
        """The bytes of the file if it had ``lines``."""
        return (self.mark + "".join(lines)).encode("utf-8")

    def set_base(self, lines: list[str], data: bytes | None) -> None:
        """What is on disk is ``data`` now; the hunks' places are the caller's business.

        The byte order mark of a file that is deleted is remembered, to come back with it.
        """
        self.saved_hunks = None
        self.base = data
        self.base_lines = lines
        self._digest = None
        if data is not None:
            has_mark = data.startswith(MARK) and not (lines and lines[0].startswith(BOM))
            self.mark = BOM if has_mark else ""

    def insert(self, hunk: Hunk, index: int) -> None:
        """Put a new pending hunk behind the first ``index`` pending ones, none of which touches it."""
        self.saved_hunks = None
        self._pending.insert(index, hunk)
        self.layout.changed(index)
        self.hunks.insert(bisect_right(self.hunks, _place(hunk), key=_place), hunk)
        self._proposed = None

    def withdraw(self, hunk: Hunk) -> None:
        """``hunk`` is pending no more; its lines leave the proposed text."""
        index = self._pending.index(hunk)
        start = self.layout.start(index)
        self.saved_hunks = None
        del self._pending[index]
        self.layout.changed(index)
        self._proposed = None
        self.drifted(LineEdit(start, start + len(hunk.added), tuple(hunk.removed)))

    def relined(self, index: int) -> None:
        """The added lines of pending hunk ``index`` changed; it stands where it stood."""
        self.saved_hunks = None
        self.layout.changed(index)
        self._proposed = None

    def refresh(self) -> None:
        """Hunks changed state, lines or places: put them in order and compute the rest again."""
        self.saved_hunks = None
        self.hunks.sort(key=_place)
        pending = [h for h in self.hunks if h.state is HunkState.PENDING]
        self._pending[:] = [h for h in pending if h.has_lines]
        self._rename = next((h for h in pending if not h.has_lines), None)
        self.layout.changed(0)
        self._proposed = None

    def lose_base(self) -> None:
        """There is no file under the hunks any more: those that are not pending keep what they were made on."""
        for hunk in self.hunks:
            if hunk.has_lines and hunk.state is not HunkState.PENDING:
                hunk.start = 0
                hunk.conflict = Conflict(tuple(hunk.removed), (), tuple(hunk.added), deleted=True)
        self.absent = False
        self.set_base([], None)

    def watch(self) -> Drift:
        """A record of how the lines of the proposed text move from now on; end it with :meth:`unwatch`."""
        drift = Drift()
        self._drifts.append(drift)
        return drift

    def unwatch(self, drift: Drift) -> None:
        """Stop recording."""
        self._drifts.remove(drift)

    @property
    def is_watched(self) -> bool:
        """Whether anyone follows the lines of the proposed text."""
        return bool(self._drifts)

    def watched_text(self) -> list[str] | None:
        """The proposed text, where someone follows its lines: to be given to :meth:`settle` after a change."""
        return self.proposed_lines if self._drifts else None

    def settle(self, before: list[str] | None) -> None:
        """Hunks changed, as for :meth:`refresh`; ``before`` is what :meth:`watched_text` was."""
        self.refresh()
        if before is not None and before != self.proposed_lines:
            start, removed, added = trim(0, before, self.proposed_lines)
            self.drifted(LineEdit(start, start + len(removed), tuple(added)))

    def drifted(self, edit: LineEdit) -> None:
        """We changed the proposed text by ``edit``."""
        for drift in self._drifts:
            drift.record(edit)

    def drifted_outside(self, edits: Sequence[LineEdit]) -> None:
        """The proposed text changed by ``edits`` that came from outside."""
        for drift in self._drifts:
            drift.record_outside(edits)

    def move_base(self, landing: Iterable[Hunk], after: list[str], data: bytes | None) -> None:
        """The base becomes ``after`` by ``landing``: their edits, made on disk; the caller steps their states then.

        Other hunks shift. Those whose own lines went under are followed like any change, and keep both sides.
        """
        landed = {hunk.id for hunk in landing}
        before = self.base_lines
        edits = [hunk.edit for hunk in self.hunks if hunk.id in landed and hunk.has_lines]
        starts = iter([edit.start for edit in edits])
        upcoming = next(starts, len(before) + 1)
        shift = covered = 0
        buried: list[Hunk] = []
        for hunk in self.hunks:
            if not hunk.has_lines:
                continue
            if hunk.id in landed:
                edit = hunk.edit
                covered = max(covered, edit.end)
                hunk.start += shift
                shift += len(edit.lines) - (edit.end - edit.start)
                upcoming = next(starts, len(before) + 1)
            elif hunk.superseded_by in landed or hunk.start < covered or upcoming < hunk.end:
                buried.append(hunk)
            else:
                hunk.start += shift
        if buried:
            merge = ThreeWay(before, after, edits)
            for hunk in buried:
                follow([hunk], merge, RebaseOutcome(self.path))
        self.set_base(after, data)

    def copy(self) -> FileChange:
        """A copy on which something can be tried; hunks are copied, lines are shared."""
        twin = FileChange(FileSnapshot(self.path, None, self.mode))
        twin.absent, twin.frozen = self.absent, self.frozen
        twin.set_base(self.base_lines, self.base)
        twin.mark = self.mark
        twin.hunks = [replace(hunk) for hunk in self.hunks]
        twin.refresh()
        return twin


def would_exist(base: bytes | None, hunks: Iterable[Hunk]) -> bool:
    """Whether there is a file with ``hunks`` made on ``base``; any line makes one where there was none."""
    kinds = {hunk.kind for hunk in hunks if hunk.has_lines}
    if HunkKind.CREATE in kinds:
        return True
    return HunkKind.EDIT in kinds if base is None else HunkKind.DELETE not in kinds


def trim(start: int, removed: Sequence[str], added: Sequence[str]) -> tuple[int, list[str], list[str]]:
    """Leave out the lines that are the same at both ends; returns the new start and what is left."""
    head = 0
    limit = min(len(removed), len(added))
    while head < limit and removed[head] == added[head]:
        head += 1
    tail = 0
    while tail < limit - head and removed[-1 - tail] == added[-1 - tail]:
        tail += 1
    return start + head, list(removed[head : len(removed) - tail]), list(added[head : len(added) - tail])


def _start(hunk: Hunk) -> int:
    return hunk.start


def _place(hunk: Hunk) -> tuple[int, int]:
    """File order: what is inserted before a line comes before what stands on that line."""
    return hunk.start, hunk.end
