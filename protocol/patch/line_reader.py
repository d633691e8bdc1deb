"""The grammar of the patch language: whole lines in, events out. Errors are worded as Codex 0.169.0 words them."""

from __future__ import annotations

from enum import Enum, auto

from spark_tui.protocol.patch.events import (
    ChunkClosed,
    ChunkOpened,
    Op,
    PatchBroken,
    PatchClosed,
    PatchEvent,
    PatchLine,
    SectionClosed,
    SectionKind,
    SectionOpened,
)
from spark_tui.protocol.patch.language import (
    BEGIN,
    END,
    END_OF_FILE,
    ENVIRONMENT,
    HEREDOC_END,
    HEREDOC_OPENERS,
    MOVE_TO,
    NO_BEGIN,
    NO_END,
    OPS,
    SECTION_MARKS,
    WHITE_SPACE,
    Dialect,
)


class _Mode(Enum):
    """Where in the patch the next line is."""

    PREAMBLE = auto()
    HEREDOC = auto()  # the shell's opening line was read, Begin Patch must follow
    ENVELOPE = auto()  # the first section, or an environment id
    SECTIONS = auto()
    ADD = auto()
    UPDATE_HEADER = auto()  # the next line shows whether the file moves
    UPDATE = auto()  # before the section's first chunk
    CHUNK_HEADER = auto()  # behind "@@", before the chunk's first line
    CHUNK = auto()
    CHUNK_ENDED = auto()  # behind "*** End of File"
    ENDED = auto()
    HEREDOC_ENDED = auto()
    BROKEN = auto()
    CLOSED = auto()


_IN_UPDATE = frozenset((_Mode.UPDATE_HEADER, _Mode.UPDATE, _Mode.CHUNK_HEADER, _Mode.CHUNK, _Mode.CHUNK_ENDED))
_OVER = frozenset((_Mode.BROKEN, _Mode.CLOSED))
_IN_SECTION = (*OPS, "@@", "***")
"""How a line of an Update section begins; what begins otherwise behind an indented End Patch is prose."""


class LineReader:
    """The state machine behind :class:`~spark_tui.protocol.patch.parser.PatchParser`: one step a line."""

    def __init__(self, dialect: Dialect) -> None:
        self._lenient = dialect is Dialect.LENIENT
        self._mode = _Mode.PREAMBLE
        self._line = 0
        self._events: list[PatchEvent] = []
        self._in_heredoc = False
        self._has_environment = False
        self._blank_after_end = False
        self._update: tuple[str, int] = ("", 0)
        self._has_move = False
        self._headers: list[str] = []
        self._header_line = 0
        # An indented End Patch inside an Update ends the patch if it is the last line and is context if it is not:
        # such a line and the blank ones behind it wait here until more is known.
        self._held: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether the patch is closed or broken: nothing is read any more."""
        return self._mode in _OVER

    def op_of_partial(self, text: str) -> Op | None:
        """What ``text``, the beginning of a line, does; ``None`` outside of a chunk or while it may be a marker."""
        if self._mode not in (_Mode.ADD, _Mode.CHUNK) or self._held:
            return None
        op = OPS.get(text[0])
        if self._mode is _Mode.ADD and op is not Op.ADD:
            return None
        words = text.strip(WHITE_SPACE)
        return None if op is Op.KEEP and words and END.startswith(words) else op

    def finish(self, last: str) -> None:
        """The text is over; ``last`` is what came behind its last line feed."""
        if last.strip(WHITE_SPACE):
            if self._may_end(last):
                self.take(last)
            else:
                self._held.clear()
        if self._held:
            self._resolve_held()
        if not self.is_over:
            self._close()

    def drain(self) -> list[PatchEvent]:
        """The events since this was last asked."""
        events, self._events = self._events, []
        return events

    def _break(self, message: str, line: int | None = None) -> None:
        self._mode = _Mode.BROKEN
        self._held.clear()
        self._events.append(PatchBroken(message, line))

    def _break_line(self, message: str, line: int) -> None:
        self._break(f"Invalid patch hunk on line {line}: {message}", line)

    def _may_end(self, last: str) -> bool:
        """Whether ``last``, the text's unfinished last line, may be read: it is an end, or there is no patch yet."""
        if self._mode in (_Mode.PREAMBLE, _Mode.HEREDOC, _Mode.ENDED, _Mode.HEREDOC_ENDED):
            return True
        return last.strip(WHITE_SPACE) == END or (bool(self._held) and self._closes_heredoc(last))

    def _closes_heredoc(self, line: str) -> bool:
        return self._in_heredoc and line.rstrip(WHITE_SPACE).endswith(HEREDOC_END)

    def _close(self) -> None:
        mode = self._mode
        if mode is (_Mode.HEREDOC_ENDED if self._in_heredoc else _Mode.ENDED):
            self._mode = _Mode.CLOSED
            self._events.append(PatchClosed())
        elif (self._in_heredoc and mode is not _Mode.HEREDOC_ENDED) or (mode is _Mode.PREAMBLE and self._lenient):
            self._break(NO_BEGIN)
        else:
            self._break(NO_END)

    def take(self, raw: str) -> None:
        """The transition: read one whole line, given without its line feed."""
        line = raw.removesuffix("\r").removesuffix("\r")
        self._line += 1
        mode = self._mode
        if mode is _Mode.ADD and line.startswith("+"):
            self._events.append(PatchLine(Op.ADD, line[1:], self._line))
        elif mode in _IN_UPDATE:
            self._take_update(line)
        elif mode is _Mode.PREAMBLE:
            self._take_preamble(raw)
        elif mode is _Mode.HEREDOC:
            self._line = 1
            self._begin(line)
        elif mode in (_Mode.ENVELOPE, _Mode.SECTIONS, _Mode.ADD):
            self._take_header(line.strip(WHITE_SPACE))
        elif mode in (_Mode.ENDED, _Mode.HEREDOC_ENDED):
            self._take_after_end(line)

    def _take_preamble(self, raw: str) -> None:
        self._line = 0
        line = raw.lstrip(WHITE_SPACE)
        if self._lenient:
            if line.rstrip(WHITE_SPACE) == BEGIN:
                self._begin(line)
        elif line:
            opener = raw.removesuffix("\r").lstrip(WHITE_SPACE)
            self._in_heredoc = opener in HEREDOC_OPENERS
            if self._in_heredoc:
                self._mode = _Mode.HEREDOC
            else:
                self._begin(line)

    def _begin(self, line: str) -> None:
        self._line = 1
        if line.strip(WHITE_SPACE) == BEGIN:
            self._mode = _Mode.ENVELOPE
        else:
            self._break(NO_BEGIN)

    def _take_after_end(self, line: str) -> None:
        words = line.strip(WHITE_SPACE)
        if self._lenient:
            if words == BEGIN:  # a second envelope: its sections follow those of the first
                self._mode = _Mode.SECTIONS
            return
        if self._mode is _Mode.HEREDOC_ENDED:
            if words:
                self._break(NO_END)
        elif words == END:
            self._blank_after_end = False
        elif not words:
            self._blank_after_end = True
        elif self._closes_heredoc(line) and not self._blank_after_end:
            self._mode = _Mode.HEREDOC_ENDED
        else:
            self._break(NO_END)

    def _take_header(self, words: str) -> None:
        """Read a line where only a section's header or the end may be."""
        if self._mode is _Mode.ENVELOPE and words.startswith(ENVIRONMENT):
            if not words.removeprefix(ENVIRONMENT).strip(WHITE_SPACE):
                self._break("Invalid patch: apply_patch environment_id cannot be empty")
            elif self._has_environment:
                self._break("Invalid patch: apply_patch environment_id cannot be specified more than once")
            self._has_environment = True
        elif not self._take_mark(words):
            self._break_line(
                f"'{words}' is not a valid hunk header. Valid hunk headers: '*** Add File: {{path}}', "
                "'*** Delete File: {path}', '*** Update File: {path}'",
                self._line,
            )

    def _take_mark(self, words: str) -> bool:
        """Read a section's header or the patch's end; false where ``words`` is neither."""
        if words == END:
            if self._close_section():
                self._mode = _Mode.ENDED
                self._blank_after_end = False
            return True
        for mark, kind in SECTION_MARKS.items():
            if words.startswith(mark):
                if self._close_section():
                    self._open_section(kind, words.removeprefix(mark))
                return True
        return False

    def _open_section(self, kind: SectionKind, path: str) -> None:
        if kind is SectionKind.UPDATE:
            self._update = (path, self._line)
            self._mode = _Mode.UPDATE_HEADER
            return
        self._events.append(SectionOpened(kind, path, None, self._line))
        if kind is SectionKind.ADD:
            self._events.append(ChunkOpened((), self._line))
            self._mode = _Mode.ADD
        else:
            self._events.append(SectionClosed())
            self._mode = _Mode.SECTIONS

    def _close_section(self) -> bool:
        """Close what is open before a header or the end; false on an Update that says nothing, which breaks."""
        if self._mode is _Mode.UPDATE_HEADER or (
            self._mode is _Mode.UPDATE and not (self._lenient and self._has_move)
        ):
            path, line = self._update
            self._break_line(f"Update file hunk for path '{path}' is empty", line)
            return False
        if self._mode in (_Mode.ADD, _Mode.CHUNK):
            self._events.append(ChunkClosed(end_of_file=False))
        if self._mode is _Mode.ADD or self._mode in _IN_UPDATE:
            self._events.append(SectionClosed())
        return True

    def _take_update(self, line: str) -> None:
        """Read a line of an Update section, unless it has to wait for what follows it."""
        words = line.strip(WHITE_SPACE)
        if words == END and not line.startswith("*"):
            self._flush_held()
            self._held.append(line)
        elif self._held and (not words or self._closes_heredoc(line)):
            self._held.append(line)
        elif self._held and self._lenient and (words == BEGIN or not line.startswith(_IN_SECTION)):
            self._held.clear()
            self._read_update(END)
            if self._mode is not _Mode.BROKEN:
                self._take_after_end(line)
        else:
            self._flush_held()
            self._read_update(line)

    def _flush_held(self) -> None:
        """What was held turned out to be plain lines of the section: read them as such."""
        if not self._held:
            return
        current = self._line
        held, self._held = self._held, []
        self._line -= len(held)
        for line in held:
            self._read_update(line)
            self._line += 1
        self._line = current

    def _resolve_held(self) -> None:
        """The text is over: the held lines end the patch if nothing but blank ones follow the last End Patch."""
        while self._held and not self._held[-1].strip(WHITE_SPACE):
            self._held.pop()
            self._line -= 1
        if self._in_heredoc:
            if not self._closes_heredoc(self._held[-1]):
                self._break(NO_BEGIN)
                return
            self._held.pop()
            self._line -= 1
        if self._held[-1].strip(WHITE_SPACE) != END:
            self._break(NO_END)
            return
        self._held.clear()
        self._read_update(END)
        if self._mode is _Mode.ENDED and self._in_heredoc:
            self._mode = _Mode.HEREDOC_ENDED

    def _read_update(self, line: str) -> None:
        if self._mode is _Mode.BROKEN:
            return
        if self._mode is _Mode.UPDATE_HEADER and self._read_move(line):
            return
        op = OPS.get(line[:1] or " ")
        if op is not None and self._mode is not _Mode.CHUNK_ENDED:
            self._open_chunk()
            self._events.append(PatchLine(op, line[1:], self._line))
        elif not line.startswith(("@@", "***")) or not self._read_chunk_mark(line.rstrip(WHITE_SPACE)):
            self._read_stray(line)

    def _read_move(self, line: str) -> bool:
        """Read the line below an Update header; true if it needs no more reading."""
        words = line.rstrip(WHITE_SPACE)
        if words == END_OF_FILE:
            return True
        if words == END or words.startswith(tuple(SECTION_MARKS)):
            return False
        self._has_move = words.startswith(MOVE_TO)
        path, opened_at = self._update
        move_to = words.removeprefix(MOVE_TO) if self._has_move else None
        self._events.append(SectionOpened(SectionKind.UPDATE, path, move_to, opened_at))
        self._mode = _Mode.UPDATE
        return self._has_move

    def _open_chunk(self) -> None:
        if self._mode is _Mode.CHUNK:
            return
        headers = tuple(self._headers) if self._mode is _Mode.CHUNK_HEADER else ()
        line = self._header_line if self._mode is _Mode.CHUNK_HEADER else self._line
        self._events.append(ChunkOpened(headers, line))
        self._mode = _Mode.CHUNK

    def _read_chunk_mark(self, words: str) -> bool:
        """Read what ends a chunk or begins one; false where the line may not be here."""
        if words == "@@" or words.startswith("@@ "):
            return self._read_chunk_header(words)
        if words == END_OF_FILE:
            return self._read_end_of_file()
        if self._mode is _Mode.CHUNK_HEADER:
            if words == END:
                self._break_empty_chunk()
                return True
            return False
        return self._take_mark(words)

    def _read_chunk_header(self, words: str) -> bool:
        if self._mode is _Mode.CHUNK_HEADER:
            if not self._lenient:
                return False
        else:
            if self._mode is _Mode.CHUNK:
                self._events.append(ChunkClosed(end_of_file=False))
            self._headers.clear()
            self._header_line = self._line
            self._mode = _Mode.CHUNK_HEADER
        if words != "@@":
            self._headers.append(words[3:])
        return True

    def _read_end_of_file(self) -> bool:
        match self._mode:
            case _Mode.CHUNK:
                self._events.append(ChunkClosed(end_of_file=True))
                self._mode = _Mode.CHUNK_ENDED
            case _Mode.CHUNK_HEADER:
                self._break_empty_chunk()
            case _Mode.CHUNK_ENDED:
                return False
            case _:
                pass
        return True

    def _break_empty_chunk(self) -> None:
        self._break_line("Update hunk does not contain any lines", self._line)

    def _read_stray(self, line: str) -> None:
        if self._mode is _Mode.CHUNK_ENDED and not line.strip(WHITE_SPACE):
            return
        if self._mode in (_Mode.CHUNK, _Mode.CHUNK_ENDED):
            self._break_line(f"Expected update hunk to start with a @@ context marker, got: '{line}'", self._line)
        else:
            self._break_line(
                f"Unexpected line found in update hunk: '{line}'. Every line should start with ' ' (context line), "
                "'+' (added line), or '-' (removed line)",
                self._line,
            )
