"""A patch on its way into a change set while it is being written.

Text goes in as it comes; whole lines show as a streaming hunk, and a finished chunk becomes pending hunks. The
bytes of files are asked for through :attr:`LivePatch.wanted`, so that nothing here waits for a disk.

>>> from spark_tui.app.changes.change_set import ChangeSet
>>> from spark_tui.app.workspace.files import FileSnapshot
>>> patch = LivePatch(ChangeSet(), "call_1", turn=1)
>>> patch.feed("*** Begin Patch\\n*** Update File: a.txt\\n@@\\n-one\\n+ONE\\n*** End Patch\\n")
>>> patch.wanted
'a.txt'
>>> patch.provide(FileSnapshot("a.txt", b"one\\ntwo\\n", 0o644))
>>> patch.finish().text
'staged for review: 1 hunk in 1 file'
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import HunkKind
from spark_tui.app.changes.layout import Drift
from spark_tui.app.changes.open_chunks import OpenChunk, Unplaced
from spark_tui.app.changes.placing import ambiguity_of
from spark_tui.app.changes.reporting import Misfit, PatchReport
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.errors import PatchMatchError
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.protocol.patch.events import (
    ChunkClosed,
    ChunkOpened,
    Op,
    PartialLine,
    PatchBroken,
    PatchClosed,
    PatchEvent,
    PatchLine,
    SectionClosed,
    SectionKind,
    SectionOpened,
)
from spark_tui.protocol.patch.matcher import Placement, SectionMatcher
from spark_tui.protocol.patch.parser import Dialect, PatchParser
from spark_tui.protocol.patch.sections import Chunk

CUT_SHORT = "the patch ended before this was whole"
MOVED_ON = "the lines it is about were changed while it was written; read the file again"


@dataclass(slots=True)
class _Section:
    """The section that is being read. ``key`` names it in the hunks that it makes."""

    opened: SectionOpened
    asked: str
    key: str
    file: FileChange | None = None
    matcher: SectionMatcher | None = None
    drift: Drift | None = None
    target: FileSnapshot | None = None
    chunks: int = 0
    line: int = 0
    reached: int = 0
    refusal: str | None = None

    @property
    def name(self) -> str:
        """The file as the patch calls it."""
        return self.opened.path

    @property
    def path(self) -> str:
        """The file's own path, also when a move of it is decided meanwhile."""
        return self.asked if self.file is None else self.file.target


class LivePatch:
    """Stages one patch in ``changes`` as its text arrives.

    ``call_id`` names the tool call; ``turn`` is the turn that the hunks belong to. Call :meth:`finish` or
    :meth:`abort` once, at the end; while :attr:`wanted` is not ``None``, call :meth:`provide` first.
    """

    def __init__(self, changes: ChangeSet, call_id: str, turn: int) -> None:
        self.wanted: str | None = None
        """The path whose :class:`FileSnapshot` is to be provided; ``None``: nothing is waited for."""
        self.open_chunk: OpenChunk | None = None
        self.unplaced: Unplaced | None = None
        """What has come for a file that is :attr:`wanted` and not in the change set yet; ``None``: nothing."""
        self.chunks_closed = 0
        """How many chunks have been read to their end, staged or not."""
        self._changes = changes
        self._call_id = call_id
        self._turn = turn
        self._parser = PatchParser(Dialect.LENIENT)
        self._events: deque[PatchEvent] = deque()
        self._snapshots: dict[str, FileSnapshot] = {}
        self._section: _Section | None = None
        self._sections = 0
        self._report = PatchReport()
        self._finished = False

    @property
    def partial(self) -> PartialLine | None:
        """The line that is being written, never part of a hunk: to draw behind :attr:`open_chunk`, or behind the last
        chunk of :attr:`unplaced`."""
        if self.unplaced is not None:
            return self._parser.partial if self.unplaced.grows else None
        return None if self._events or self.open_chunk is None else self._parser.partial

    @property
    def path(self) -> str | None:
        """The file that the open section is about; ``None`` between sections and in one that is refused."""
        section = self._section
        return None if section is None or section.refusal is not None else section.path

    def place_again(self) -> None:
        """Lines above the open chunk may have been decided on or changed since: let it stand where its lines are."""
        section, chunk = self._section, self.open_chunk
        if section is not None and chunk is not None and chunk.start is not None:
            self._preview(section, chunk)

    def feed(self, delta: str) -> None:
        """Take the next piece of the patch's text."""
        if not delta.isascii():
            delta = delta.encode("utf-8", "replace").decode("utf-8")
        self._receive(self._parser.feed(delta))

    def provide(self, snapshot: FileSnapshot) -> None:
        """Give the file that was :attr:`wanted`. Its own path may be spelled in another way."""
        if self.wanted is None:
            raise ChangeError("no file was asked for")
        self._snapshots[self.wanted] = snapshot
        self.wanted = self.unplaced = None
        self._work()

    def finish(self) -> PatchReport:
        """The text is whole; call it again after :meth:`provide` when a file is wanted then."""
        if not self._finished:
            self._finished = True
            self._receive(self._parser.finish())
        if self.wanted is None and self._section is not None:
            self._cut_short(CUT_SHORT)
        return self._report

    def abort(self, reason: str) -> PatchReport:
        """No more text comes, for ``reason`` (one line). What was whole stays staged."""
        self.wanted = self.unplaced = None
        self._events.clear()
        self._report.stop(reason)
        self._cut_short(reason)
        return self._report

    def _receive(self, events: Sequence[PatchEvent]) -> None:
        self._events.extend(events)
        if self.unplaced is not None:
            self.unplaced.take(events)
        self._work()

    def _work(self) -> None:
        while self._events and self.wanted is None:
            event = self._events[0]
            if isinstance(event, SectionOpened) and not self._has_files(event):
                return
            self._events.popleft()
            self._take(event)

    def _has_files(self, event: SectionOpened) -> bool:
        """Whether the files of a section are known; else the first that is not is :attr:`wanted`."""
        for path in (event.path, event.move_to):
            if path is None or plain(path) in self._snapshots:
                continue
            if path is event.path and self._changes.file(plain(path)) is not None:
                continue
            self.wanted = plain(path)
            if path is event.path:
                self.unplaced = Unplaced(f"{self._call_id}:{self._sections}", self.wanted)
                self.unplaced.take(islice(self._events, 1, None))
            return False
        return True

    def _take(self, event: PatchEvent) -> None:
        match event:
            case PatchLine():
                self._take_line(event)
            case ChunkOpened():
                self._open_chunk(event)
            case ChunkClosed():
                self._close_chunk(event)
            case SectionOpened():
                self._open_section(event)
            case SectionClosed():
                self._close_section()
            case PatchBroken():
                where = "" if event.line is None else f" (patch line {event.line})"
                self._report.stop(f"{event.message}{where}")
                self._cut_short(CUT_SHORT)
            case PatchClosed():
                pass

    # -- sections --------------------------------------------------------------------------------------------

    def _open_section(self, event: SectionOpened) -> None:
        asked = plain(event.path)
        snapshot = self._snapshots.get(asked)
        key = f"{self._call_id}:{self._sections}"
        section = _Section(event, asked if snapshot is None else snapshot.path, key, line=event.line)
        self._sections += 1
        self._section = section
        if event.move_to is not None:
            section.target = self._snapshots[plain(event.move_to)]
        section.refusal = self._refusal(section, snapshot)
        if section.refusal is not None:
            self._report.misfits.append(Misfit(section.name, None, event.line, section.refusal))
            return
        if event.kind is SectionKind.UPDATE and section.file is not None:
            section.matcher = SectionMatcher(section.file.proposed_lines, Dialect.LENIENT, event.path)
            section.drift = section.file.watch()

    def _refusal(self, section: _Section, snapshot: FileSnapshot | None) -> str | None:
        """Why a section cannot be staged; otherwise its file is open."""
        file = self._changes.file(section.path)
        if file is None and snapshot is not None:
            if snapshot.refusal is not None:
                return snapshot.refusal
            file = self._changes.open(snapshot)
        if file is None:
            return "there is no such file"
        if section.target is not None and section.target.refusal is not None:
            return section.target.refusal
        if file.frozen is not None:
            return file.frozen
        if file.target != section.asked:
            return f"it is being moved to {file.target}; use that path, or wait until the move is decided"
        if section.opened.kind is not SectionKind.ADD and not file.proposes:
            return "there is no such file"
        section.file = file
        return None

    def _close_section(self) -> None:
        section = self._section
        if section is None:
            return
        if section.refusal is None:
            hunk = None
            if section.opened.kind is SectionKind.DELETE:
                hunk = self._changes.stage_file(section.path, None, section=section.key, turn=self._turn)
                self._report.note_staged(section.path, hunk)
            elif section.target is not None:
                self._stage_rename(section, section.target)
        self._leave(section)

    def _stage_rename(self, section: _Section, target: FileSnapshot) -> None:
        try:
            hunk = self._changes.stage_rename(section.path, target, section=section.key, turn=self._turn)
        except ChangeError as error:
            self._report.misfits.append(Misfit(section.name, None, section.opened.line, str(error)))
        else:
            self._report.note_staged(target.path, hunk)

    def _leave(self, section: _Section) -> None:
        if section.drift is not None and section.file is not None:
            section.file.unwatch(section.drift)
        self._section = None

    def _cut_short(self, reason: str) -> None:
        """End what is open: a chunk that is not whole is kept, retired, and what came of it can be brought back."""
        section = self._section
        if section is None:
            return
        if self.open_chunk is not None:
            chunk, self.open_chunk = self.open_chunk, None
            self._changes.end_stream(section.path, reason=reason, part=self._part_of(section, chunk))
            self._report.misfits.append(Misfit(section.name, section.chunks, section.line, reason))
        self._leave(section)

    # -- chunks ----------------------------------------------------------------------------------------------

    def _open_chunk(self, event: ChunkOpened) -> None:
        section = self._section
        if section is None or section.refusal is not None:
            return
        section.chunks += 1
        section.line = event.line
        is_new = section.opened.kind is SectionKind.ADD
        kind = HunkKind.CREATE if is_new else HunkKind.EDIT
        hunk = self._changes.begin_stream(
            section.path, kind, section=section.key, turn=self._turn, start=section.reached
        )
        self.open_chunk = OpenChunk(Chunk(event.headers), hunk, 0 if is_new else None)

    def _take_line(self, line: PatchLine) -> None:
        section, chunk = self._section, self.open_chunk
        if section is None or chunk is None:
            return
        chunk.lines.append(line)
        if line.op is Op.ADD:
            chunk.hunk.added.append(line.text + (section.matcher.line_break if section.matcher else "\n"))
        elif line.op is Op.REMOVE:
            chunk.hunk.removed.append(line.text + (section.matcher.line_break if section.matcher else "\n"))
        if chunk.start is None and line.op is not Op.KEEP:
            self._preview(section, chunk)
        self._changes.stream_grew(section.path)

    def _preview(self, section: _Section, chunk: OpenChunk) -> None:
        """Place the chunk by the context before its first change, or by its first removed line."""
        file = section.file
        if section.matcher is None or section.drift is None or file is None:
            return
        start = section.matcher.preview(chunk.chunk)
        if start is None:
            return
        mapped = section.drift.map(start, start)
        if mapped is not None:
            chunk.start = file.layout.base_line(mapped[0])
            kept = next((i for i, line in enumerate(chunk.lines) if line.op is not Op.KEEP), 0)
            chunk.hunk.start = section.reached = chunk.start + kept

    def _close_chunk(self, event: ChunkClosed) -> None:
        section, chunk = self._section, self.open_chunk
        if section is None or chunk is None:
            return
        self.open_chunk = None
        self.chunks_closed += 1
        chunk.chunk.end_of_file = event.end_of_file
        if section.matcher is None:
            lines = chunk.hunk.added
            spare = self._changes.end_stream(section.path)
            hunk = self._changes.stage_file(section.path, lines, section=section.key, turn=self._turn, reuse=spare)
            self._report.note_staged(section.path, hunk)
            return
        try:
            self._stage_chunk(section, section.matcher, chunk)
        except PatchMatchError as error:
            self._misfit(section, str(error))

    def _part_of(self, section: _Section, chunk: OpenChunk) -> list[LineEdit]:
        """What came of a chunk that is not whole, on the proposed text; nothing where it fits nowhere."""
        if section.matcher is None or chunk.start is None:
            return []
        try:
            placement = section.matcher.place(chunk.chunk)
        except PatchMatchError:
            return []
        return _mapped(section, placement) or []

    def _stage_chunk(self, section: _Section, matcher: SectionMatcher, chunk: OpenChunk) -> None:
        placement = matcher.place(chunk.chunk)
        edits = _mapped(section, placement)
        if edits is None:
            self._misfit(section, MOVED_ON)
            return
        spare = self._changes.end_stream(section.path)
        shift = 0
        for edit in edits:
            moved = LineEdit(edit.start + shift, edit.end + shift, edit.lines)
            hunk = self._changes.stage(
                section.path, moved, section=section.key, turn=self._turn, places=placement.places, reuse=spare
            )
            shift += len(edit.lines) - (edit.end - edit.start)
            spare = None
            if hunk is not None and len(hunk.added) == len(edit.lines):
                hunk.ambiguity = ambiguity_of(chunk.chunk, section.chunks, placement)
            self._report.note_staged(section.path, hunk)
        if not edits:
            self._report.note_unchanged()

    def _misfit(self, section: _Section, message: str) -> None:
        self._changes.end_stream(section.path, reason=f"not staged: {message.splitlines()[0]}")
        self._report.misfits.append(Misfit(section.name, section.chunks, section.line, message))


def _mapped(section: _Section, placement: Placement) -> list[LineEdit] | None:
    """The edits of a chunk on the file's proposed text as it is now; ``None`` where somebody changed their lines."""
    edits = []
    for edit in placement.edits:
        mapped = section.drift.map(edit.start, edit.end) if section.drift is not None else None
        if mapped is None:
            return None
        edits.append(LineEdit(*mapped, edit.lines))
    return edits


def plain(path: str) -> str:
    """``path`` without what does not change its meaning: ``.`` parts and doubled or final slashes.

    Whether it may be written at all is for the one who reads the file to say.

    >>> plain("./src//a.py")
    'src/a.py'
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ("/" if path.startswith("/") else "") + "/".join(parts)
