"""Where a chunk goes in a file: Codex's four passes, each over the whole rest of the file.

A pass searches the file's lines as one text, so a search is linear in the file whatever the chunk repeats.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import accumulate
from typing import Literal, Self

from spark_tui.protocol.errors import PatchMatchError
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.protocol.patch.events import Op, PatchLine
from spark_tui.protocol.patch.language import FOLDED_PUNCTUATION, WHITE_SPACE, Dialect
from spark_tui.protocol.patch.sections import Chunk

MOST_PLACES = 99

INDEXED_FROM = 8
"""Chunks of a section from which on it pays to know how often each line of the file is there."""

_PYTHON_ONLY_SPACE = re.compile("[\x1c-\x1f]")


class MatchPass(Enum):
    """How alike the lines of the file and of the chunk are, strictest first; one pass decides for a whole chunk."""

    EXACT = "exact"
    TRAILING_SPACE = "trailing white space ignored"
    SURROUNDING_SPACE = "white space at both ends ignored"
    PUNCTUATION = "typographic punctuation folded"

    def normalise(self, lines: list[str]) -> list[str]:
        """The form of ``lines`` that this pass compares."""
        match self:
            case MatchPass.EXACT:
                return lines
            case MatchPass.TRAILING_SPACE:
                return _strip(lines, str.rstrip)
            case MatchPass.SURROUNDING_SPACE:
                return _strip(lines, str.strip)
            case MatchPass.PUNCTUATION:
                return [
                    line if line.isascii() else line.translate(FOLDED_PUNCTUATION)
                    for line in _strip(lines, str.strip)
                ]


def _strip(lines: list[str], strip: Callable[..., str]) -> list[str]:
    """Each line stripped; Python's own idea of white space is ten times faster, and differs for four characters."""
    if _PYTHON_ONLY_SPACE.search("".join(lines)):
        return [strip(line, WHITE_SPACE) for line in lines]
    return [strip(line) for line in lines]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a chunk fits: it covers the source lines ``[start, end)``, 0-based.

    ``edits`` are the runs of lines that change, ascending. ``places`` tells in how many places of the searched rest
    of the file the deciding pass matched: 1 means unambiguous, and counting stops at 99.
    """

    start: int
    end: int
    edits: tuple[LineEdit, ...]
    matched: MatchPass
    places: int


class _Haystack:
    """The lines of a file as one pass sees them, as one ``text`` in which each line stands between line feeds.

    ``lines`` each end in ``line_break``: in a line feed, or in none, and then have none at all.
    """

    def __init__(self, lines: Sequence[str], text: str, line_break: Literal["", "\n"]) -> None:
        self._lines = lines
        self._text = text
        self._break = line_break
        lengths = map(len, lines) if line_break else map((1).__add__, map(len, lines))
        self._starts = array("Q", accumulate(lengths, initial=0))

    @classmethod
    def of(cls, lines: Sequence[str]) -> Self:
        """``lines`` without breaks."""
        return cls(lines, _needle(lines), "")

    @classmethod
    def of_source(cls, source: Sequence[str]) -> Self:
        """The lines of ``source`` as they are; nearly always its text need not be taken apart for that."""
        if source and not source[-1].endswith("\n"):
            source = [*source[:-1], source[-1] + "\n"]
        text = "".join(("\n", *source))
        if "\r" in text or text.count("\n") != len(source) + 1:
            return cls.of(_without_breaks(source))
        return cls(source, text, "\n")

    def find(self, block: Sequence[str], first: int) -> int:
        """The first line at or after ``first`` where ``block`` stands, or -1."""
        offset = self._text.find(_needle(block), self._starts[first])
        return bisect_right(self._starts, offset) - 1 if offset >= 0 else -1

    def find_all(self, block: Sequence[str], first: int) -> Iterator[int]:
        """All such lines, overlapping ones too."""
        needle = _needle(block)
        offset = self._text.find(needle, self._starts[first])
        while offset >= 0:
            yield bisect_right(self._starts, offset) - 1
            offset = self._text.find(needle, offset + 1)

    def is_unique(self, block: Sequence[str]) -> bool:
        """Whether one of the lines of ``block``, which is in the file, is there once only."""
        return any(line + self._break not in self._repeated for line in block)

    @cached_property
    def _repeated(self) -> frozenset[str]:
        """The lines that are there more than once: in a large file they are few, or few different ones."""
        if len(set(self._lines)) == len(self._lines):
            return frozenset()
        return frozenset(line for line, count in Counter(self._lines).items() if count > 1)

    def holds(self, block: Sequence[str], line: int) -> bool:
        """Whether ``block`` stands at ``line``."""
        return self._text.startswith(_needle(block), self._starts[line])


def _needle(block: Sequence[str]) -> str:
    return "\n" + "\n".join(block) + "\n" if block else "\n"


@dataclass(slots=True)
class _Sought:
    """The unfinished chunk that :meth:`SectionMatcher.preview` follows, as far as it has been matched.

    ``start`` is -1 once it is found nowhere. ``matched`` is ``None`` unless all of ``old`` stands at ``start``.
    """

    chunk: Chunk
    first: int
    seen: int
    old: list[str]
    matched: MatchPass | None
    start: int


class SectionMatcher:
    """Finds the places of one section's chunks, in order, in the file as it is before the section.

    ``source`` are the file's lines with their breaks, cut at ``\\n`` alone (see ``edits.py``). ``path`` is for
    messages. Chunks must come in file order and never see what an earlier chunk wrote.
    """

    def __init__(self, source: Sequence[str], dialect: Dialect, path: str) -> None:
        self._source = source
        self._dialect = dialect
        self._path = path
        self._cursor = 0
        self._haystacks: dict[MatchPass, _Haystack] = {}
        self._sought: _Sought | None = None
        self._counted = 0
        self.line_break = line_break_of(source)

    def place(self, chunk: Chunk) -> Placement:
        """Find ``chunk`` at or after the end of the chunk before; raises :exc:`PatchMatchError` and stays put.

        A chunk that only adds goes to the end of the file; in ``LENIENT`` right behind its header, if it has one
        and does not end with End of File.
        """
        cursor = self._after_headers(chunk)
        if not any(line.op is not Op.ADD for line in chunk.lines):
            behind_header = self._dialect is Dialect.LENIENT and chunk.headers and not chunk.end_of_file
            at = cursor if behind_header else len(self._source)
            self._cursor = cursor
            return self._placement(chunk.lines, at, MatchPass.EXACT, 1)
        for lines in (chunk.lines, _without_trailing_blank(chunk.lines)):
            if lines is None:
                break
            old = [line.text for line in lines if line.op is not Op.ADD]
            found = self._search(old, cursor, chunk.end_of_file)
            if found is not None:
                matched, start = found
                self._cursor = start + len(old)
                return self._placement(lines, start, matched, self._count(old, start, matched, chunk))
        wanted = "\n".join(chunk.texts(Op.KEEP, Op.REMOVE))
        raise PatchMatchError(f"Failed to find expected lines in {self._path}:\n{wanted}", self._path)

    def place_at(self, chunk: Chunk, start: int) -> Placement:
        """Put ``chunk`` at ``start``, one of its :meth:`alternatives`; chunks to come are searched as before."""
        places, matched, lines = self._everywhere(chunk)
        if start not in places:
            raise PatchMatchError(f"Failed to find expected lines in {self._path} at line {start + 1}", self._path)
        return self._placement(lines, start, matched, min(len(places), MOST_PLACES))

    def alternatives(self, chunk: Chunk) -> list[int]:
        """The first lines of all places in the whole file that match best, whatever headers and order say."""
        return self._everywhere(chunk)[0]

    def preview(self, chunk_so_far: Chunk) -> int | None:
        """Where the unfinished chunk would go by what has come of it; ``None`` while that is open.

        Open means: no context and no removed line yet, or a header or line that is not found. Asking again for
        the same chunk with more lines looks at the new lines only.
        """
        sought = self._sought
        if sought is None or sought.chunk is not chunk_so_far or sought.seen > len(chunk_so_far.lines):
            try:
                first = self._after_headers(chunk_so_far)
            except PatchMatchError:
                first = -1
            sought = self._sought = _Sought(chunk_so_far, first, 0, [], None, first)
        fresh = [line.text for line in chunk_so_far.lines[sought.seen :] if line.op is not Op.ADD]
        sought.seen = len(chunk_so_far.lines)
        if sought.start >= 0 and fresh:
            self._follow(sought, fresh)
        return sought.start if sought.old and sought.start >= 0 else None

    def _follow(self, sought: _Sought, fresh: list[str]) -> None:
        """Match some more lines: mostly they stand where the ones before were found."""
        verified = len(sought.old)
        sought.old += fresh
        at = sought.start + verified
        matched = sought.matched
        if matched and at <= len(self._source) and self._haystack(matched).holds(matched.normalise(fresh), at):
            return
        found = self._search(sought.old, sought.first, end_of_file=False)
        if found is not None:
            sought.matched, sought.start = found
            return
        sought.matched = None
        if sought.old[-1] == "":  # it may yet be dropped
            found = self._search(sought.old[:-1], sought.first, end_of_file=False)
        sought.start = found[1] if found is not None else -1

    def _after_headers(self, chunk: Chunk) -> int:
        cursor = self._cursor
        for header in chunk.headers:
            found = self._search([header], cursor, end_of_file=False)
            if found is None:
                raise PatchMatchError(f"Failed to find context '{header}' in {self._path}", self._path)
            cursor = found[1] + 1
        return cursor

    def _search(self, old: list[str], first: int, end_of_file: bool) -> tuple[MatchPass, int] | None:
        """The strictest pass that finds ``old`` at or after ``first``, and where; an empty one is found at once."""
        if not old:
            return MatchPass.EXACT, first
        last_start = len(self._source) - len(old)
        if last_start < first:
            return None
        for matched in MatchPass:
            block = matched.normalise(old)
            haystack = self._haystack(matched)
            if end_of_file:
                if haystack.holds(block, last_start):
                    return matched, last_start
            elif (start := haystack.find(block, first)) >= 0:
                return matched, start
        return None

    def _everywhere(self, chunk: Chunk) -> tuple[list[int], MatchPass, Sequence[PatchLine]]:
        for lines in (chunk.lines, _without_trailing_blank(chunk.lines)):
            old = [line.text for line in lines or () if line.op is not Op.ADD]
            if lines is None or not old:
                break
            for matched in MatchPass:
                block = matched.normalise(old)
                if places := list(self._haystack(matched).find_all(block, 0)):
                    return places, matched, lines
        return [], MatchPass.EXACT, chunk.lines

    def _count(self, old: list[str], start: int, matched: MatchPass, chunk: Chunk) -> int:
        if chunk.end_of_file or not old:
            return 1
        block, haystack = matched.normalise(old), self._haystack(matched)
        self._counted += 1
        if self._counted > INDEXED_FROM and haystack.is_unique(block):
            return 1  # as it is mostly, and the rest of the file need not be searched for another
        places = haystack.find_all(block, start)
        return sum(1 for _, _ in zip(range(MOST_PLACES), places, strict=False))

    def _haystack(self, matched: MatchPass) -> _Haystack:
        haystack = self._haystacks.get(matched)
        if haystack is None:
            if matched is MatchPass.EXACT:
                haystack = _Haystack.of_source(self._source)
            else:
                haystack = _Haystack.of(matched.normalise(_without_breaks(self._source)))
            self._haystacks[matched] = haystack
        return haystack

    def _placement(self, lines: Sequence[PatchLine], start: int, matched: MatchPass, places: int) -> Placement:
        edits: list[LineEdit] = []
        position = run = start
        added: list[str] = []
        for line in lines:
            match line.op:
                case Op.ADD:
                    added.append(line.text + self.line_break)
                case Op.REMOVE:
                    position += 1
                case Op.KEEP:
                    edits += self._edit(run, position, added)
                    position += 1
                    run, added = position, []
        edits += self._edit(run, position, added)
        return Placement(start, position, tuple(edits), matched, places)

    def _edit(self, start: int, end: int, added: list[str]) -> list[LineEdit]:
        """The edit that puts ``added`` for the lines ``[start, end)``, without what is the same at both ends."""
        kept = 0
        while start < end and kept < len(added) and self._source[start] == added[kept]:
            start += 1
            kept += 1
        stop = len(added)
        while start < end and kept < stop and self._source[end - 1] == added[stop - 1]:
            end -= 1
            stop -= 1
        return [LineEdit(start, end, tuple(added[kept:stop]))] if start < end or kept < stop else []


def _without_trailing_blank(lines: Sequence[PatchLine]) -> list[PatchLine] | None:
    """The chunk's lines without an empty last line to find and, if it is there, an empty last line to write.

    A context line of which only one of the two goes is then added or removed. ``None``: nothing to drop.
    """
    sought = _last_index(lines, Op.ADD)
    if sought is None or lines[sought].text:
        return None
    written = _last_index(lines, Op.REMOVE)
    if written is not None and lines[written].text:
        written = None
    result: list[PatchLine] = []
    for index, line in enumerate(lines):
        is_sought = line.op is not Op.ADD and index != sought
        is_written = line.op is not Op.REMOVE and index != written
        if is_sought or is_written:
            op = Op.KEEP if is_sought and is_written else Op.REMOVE if is_sought else Op.ADD
            result.append(PatchLine(op, line.text, line.line))
    return result


def _last_index(lines: Sequence[PatchLine], other_than: Op) -> int | None:
    return next((index for index in reversed(range(len(lines))) if lines[index].op is not other_than), None)


def line_break_of(source: Iterable[str]) -> str:
    """The line break that comes first in the file: ``\\r\\n`` or ``\\n``; the latter also where there is none."""
    first = next(iter(source), "")
    return "\r\n" if first.endswith("\r\n") else "\n"


def _without_breaks(source: Sequence[str]) -> list[str]:
    """Each line :func:`without_break`; in one go where each ends in a break, as they do but for the last."""
    texts = "".join(source).replace("\r\n", "\n").split("\n")
    if not texts[-1]:
        texts.pop()
    return texts if len(texts) == len(source) else [without_break(line) for line in source]


def without_break(line: str) -> str:
    """``line`` without its one line break, ``\\r\\n`` or ``\\n``; a lone ``\\r`` is part of the line."""
    return line[:-2] if line.endswith("\r\n") else line.removesuffix("\n")
