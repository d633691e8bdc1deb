"""The lines of the diff pane: blocks in order, found by line, by key and by what they are. No widget here.

What is shown of a block depends on three things: whether its file is folded, whether its mark passes the filter, and
whether old and new stand below or beside one another. A block of which nothing is shown keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from spark_tui.widgets.block_index import BlockIndex
from spark_tui.widgets.find import Find
from spark_tui.widgets.highlight import Wanted
from spark_tui.widgets.rows import (
    CHANGED,
    CODE,
    DiffBlock,
    DiffRow,
    Mark,
    RowKind,
    highest_of,
    row_like,
    runs_of,
    texts_of,
)
from spark_tui.widgets.shown_block import NAME_BITS, ShownBlock, row_ranges
from spark_tui.widgets.side_by_side import SideBySide

_NAME = (1 << NAME_BITS) - 1
_OPEN = (Mark.PENDING, Mark.CONFLICTED)


class Filter(Enum):
    """Which hunks are shown."""

    ALL = "all"
    PENDING = "pending"
    CONFLICTED = "conflicted"
    ACCEPTED = "accepted"

    def passes(self, mark: Mark | None) -> bool:
        """Whether hunks with ``mark`` are shown; what is being written is shown among the pending ones."""
        match self:
            case Filter.ALL:
                return True
            case Filter.PENDING:
                return mark in (Mark.PENDING, Mark.STREAMING)
            case Filter.CONFLICTED:
                return mark is Mark.CONFLICTED
            case Filter.ACCEPTED:
                return mark is Mark.ACCEPTED


class DiffLines:
    """The blocks that are shown. A *place* is a block's position among them."""

    def __init__(self) -> None:
        self._blocks: list[ShownBlock] = []
        self._places: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._headers: dict[str, int] = {}
        self._next_number = 0
        self._streams: set[int] = set()
        self._index = BlockIndex()
        self.filter = Filter.ALL
        self.side_by_side = False
        self.folded: set[str] = set()
        """The paths of the files of which only the header is shown."""
        self.digits = 3
        """The width of a line number; it never gets smaller, so that nothing jumps."""
        self.streaming: int | None = None
        """The place of the hunk that is being written, the last one if there are several."""

    def replace(self, blocks: Sequence[DiffBlock]) -> None:
        """Show ``blocks``; one whose key was shown before keeps its number and its colours."""
        self.splice(0, len(self._blocks), blocks)

    def splice(self, place: int, removed: int, blocks: Sequence[DiffBlock]) -> list[DiffBlock]:
        """Let ``blocks`` take the place of ``removed`` blocks from ``place`` on; returns those that are gone.

        A block whose key is among the removed keeps its number and its colours. What stands before ``place`` is not
        looked at.
        """
        before = self._blocks[place : place + removed]
        known = {shown.block.key: shown for shown in before}
        same = {id(shown.block) for shown in before if shown.block.mark is not Mark.STREAMING}
        fresh = [self._shown(block, known.pop(block.key, None)) for block in blocks]
        self._blocks[place : place + removed] = fresh
        for shown in known.values():
            del self._places[shown.block.key], self._numbers[shown.number]
            self._streams.discard(shown.number)
        for at in range(place, len(self._blocks) if removed != len(fresh) else place + removed):
            shown = self._blocks[at]
            self._places[shown.block.key] = self._numbers[shown.number] = at
        for shown in fresh:
            if id(shown.block) not in same:  # the rows of all others have been looked at
                shown.look()
                self._widen(shown.block)
            self._note_stream(shown)
        self._note_headers(before, fresh)
        self._lay_out(place, removed, fresh)
        return [shown.block for shown in known.values()]

    def _note_headers(self, before: Sequence[ShownBlock], fresh: Sequence[ShownBlock]) -> None:
        """Know the first header of each path, after ``before`` gave way to ``fresh``."""
        if any(shown.is_header for shown in before):
            self._headers, fresh = {}, self._blocks
        for shown in fresh:
            if shown.is_header:
                self._headers.setdefault(shown.block.path, shown.number)

    def _lay_out(self, place: int, removed: int, fresh: Sequence[ShownBlock]) -> None:
        if self.filter is not Filter.ALL:
            self.arrange()
            return
        if self.side_by_side:
            for shown in fresh:
                shown.beside = SideBySide(shown.block.rows)
        self._index.splice(place, removed, [self._visible_size(shown) for shown in fresh])
        self.streaming = self._find_streaming()

    def touch(self, key: str) -> DiffBlock:
        """Look again at the block ``key`` and return it. Raises :exc:`KeyError` if it is not shown."""
        place = self._places[key]
        shown = self._blocks[place]
        shown.look()
        self._widen(shown.block)
        self._note_stream(shown)
        if shown.is_header and shown.block.path not in self._headers:
            self._note_headers([shown], ())
        if self.filter is not Filter.ALL:
            self.arrange()
            return shown.block
        if self.side_by_side:
            shown.beside = SideBySide(shown.block.rows)
        self._index.resize(place, self._visible_size(shown))
        if shown.block.mark is Mark.STREAMING or place == self.streaming:
            self.streaming = self._find_streaming()
        return shown.block

    def arrange(self) -> None:
        """Lay everything out anew, after the filter, the folds or :attr:`side_by_side` changed."""
        for shown in self._blocks:
            shown.beside = SideBySide(shown.block.rows) if self.side_by_side else None
        passing = self._passing_files()
        self._index.replace([self._visible_size(shown, passing) for shown in self._blocks])
        self.streaming = self._find_streaming()

    def _passing_files(self) -> set[str] | None:
        """The files that have a hunk to show; ``None``: all."""
        if self.filter is Filter.ALL:
            return None
        return {s.block.path for s in self._blocks if s.block.hunk is not None and self.filter.passes(s.block.mark)}

    def _visible_size(self, shown: ShownBlock, passing: set[str] | None = None) -> int:
        block = shown.block
        if shown.is_header:
            return shown.size if passing is None or block.path in passing else 0
        if block.path in self.folded and block.path in self._headers:
            return 0
        if block.hunk is None:
            return shown.size if passing is None or block.path in passing else 0
        return shown.size if self.filter.passes(block.mark) else 0

    def _shown(self, block: DiffBlock, known: ShownBlock | None) -> ShownBlock:
        if known is not None:
            known.block = block
            return known
        self._next_number += 1
        return ShownBlock(self._next_number, block)

    def _widen(self, block: DiffBlock) -> None:
        self.digits = max(self.digits, len(str(highest_of(block.rows))))

    def _note_stream(self, shown: ShownBlock) -> None:
        if shown.block.mark is Mark.STREAMING and not shown.is_header:
            self._streams.add(shown.number)
        else:
            self._streams.discard(shown.number)

    def _find_streaming(self) -> int | None:
        places = sorted((self._numbers[number] for number in self._streams), reverse=True)
        return next((place for place in places if self.is_visible(place)), None)

    # By line

    @property
    def count(self) -> int:
        """Lines in all."""
        return self._index.total

    def locate(self, line: int) -> tuple[int, int]:
        """The place of the block that holds ``line``, and the line of the block. Raises :exc:`IndexError`."""
        return self._index.locate(line)

    def row(self, line: int) -> DiffRow:
        """The row at ``line``, the new one where two stand side by side."""
        place, offset = self._index.locate(line)
        shown = self._blocks[place]
        return shown.block.rows[shown.leading_row(offset)]

    def serial(self, line: int) -> int:
        """A number that names the line while its block is shown."""
        place, offset = self._index.locate(line)
        shown = self._blocks[place]
        return shown.number << NAME_BITS | shown.name_of(shown.leading_row(offset))

    def line_of(self, serial: int) -> int | None:
        """The line that ``serial`` names, the block's last one if it has become shorter; ``None`` if it is gone.

        Of a file that was folded it is the header.
        """
        place = self._numbers.get(serial >> NAME_BITS)
        if place is None:
            return None
        shown = self._blocks[place]
        if not self.is_visible(place):
            header = self.header(place)
            return self._index.start(header) if header is not None and self.is_visible(header) else None
        return self._index.start(place) + min(shown.offset_of(shown.row_named(serial & _NAME)), shown.size - 1)

    def uncoloured(self, first: int, last: int, knows: Callable[[str], bool]) -> Iterator[Wanted]:
        """What of the lines ``first`` to ``last`` is in a language that ``knows`` and shows no colours yet."""
        line = first
        while line <= last < self.count:
            place, offset = self.locate(line)
            shown = self._blocks[place]
            end = min(last, self.span(place)[1] - 1)
            language = "/" + shown.block.path
            if knows(language):
                for start, final in row_ranges(shown, offset, offset + end - line):
                    if shown.highlights.lacks(start, final):
                        yield Wanted(shown.highlights, language, start, final)
            line = end + 1

    # By place

    @property
    def block_count(self) -> int:
        """Blocks in all, also those of which nothing is shown."""
        return len(self._blocks)

    def at(self, place: int) -> ShownBlock:
        """The block at ``place``."""
        return self._blocks[place]

    def span(self, place: int) -> tuple[int, int]:
        """The lines ``[start, end)`` of the block."""
        return self._index.start(place), self._index.start(place + 1)

    def last_written(self, place: int) -> int:
        """The line of a hunk that the model wrote last: what follows it is context.

        A block may have grown since it was looked at; its newest rows are not lines yet.
        """
        shown = self._blocks[place]
        rows = shown.block.rows
        start, end = self.span(place)
        if not self.is_visible(place):
            return start
        row = len(rows) - 1
        if not rows[row].partial:
            for kind, count in reversed(runs_of(rows)):
                if kind is not RowKind.CONTEXT:
                    break
                row -= count
        return min(start + shown.offset_of(max(row, 0)), end - 1)

    def first_change(self, place: int) -> int:
        """The line of the first change of a hunk that is in the pane; its first line where it has none."""
        shown = self._blocks[place]
        start, end = self.span(place)
        return min(start + shown.offset_of(shown.first_change or 0), end - 1)

    def next_change(self, line: int) -> int | None:
        """The first line after ``line`` in the same block that is removed or added; ``None`` without one."""
        place, offset = self._index.locate(line)
        shown = self._blocks[place]
        row, at = shown.leading_row(offset), 0
        for kind, count in runs_of(shown.block.rows):
            if kind in CHANGED and at + count > row:
                return self._index.start(place) + shown.offset_of(max(at, row + 1))
            at += count
        return None

    def line_like(self, path: str, row: DiffRow) -> int | None:
        """The line of the file ``path`` with the kind and the numbers of ``row``; ``None`` if it is not shown."""
        for place, shown in enumerate(self._blocks):
            if shown.block.path == path and self.is_visible(place):
                found = row_like(shown.block.rows, row)
                if found is not None:
                    return self._index.start(place) + shown.offset_of(found)
        return None

    def is_visible(self, place: int) -> bool:
        """Whether the block has lines in the pane."""
        start, end = self.span(place)
        return end > start

    # Finding places

    def hunks(self) -> list[int]:
        """The places of all hunks that have lines in the pane."""
        return [
            place
            for place, shown in enumerate(self._blocks)
            if shown.block.hunk is not None and self.is_visible(place)
        ]

    def files(self) -> list[int]:
        """The places of all file headers in the pane."""
        places = sorted(self._numbers[number] for number in self._headers.values())
        return [place for place in places if self.is_visible(place)]

    def header(self, place: int) -> int | None:
        """The place of the header of the file that the block at ``place`` belongs to."""
        return self._header_of(self._blocks[place].block.path)

    def _header_of(self, path: str) -> int | None:
        number = self._headers.get(path)
        return None if number is None else self._numbers[number]

    def first_of(self, path: str) -> int | None:
        """The place of the first hunk of the file, else of its header; ``None`` if nothing of it is in the pane."""
        hunk = next((place for place in self.hunks() if self._blocks[place].block.path == path), None)
        header = self._header_of(path)
        return hunk if hunk is not None or header is None or not self.is_visible(header) else header

    def place(self, key: str) -> int | None:
        """The place of the block ``key``, in the pane or not; a hunk's key is its id."""
        return self._places.get(key)

    def hunk(self, hunk_id: str) -> int | None:
        """The place of that hunk, if it has lines in the pane."""
        return next((place for place in self.hunks() if self._blocks[place].block.hunk == hunk_id), None)

    def next_open(self, place: int) -> int | None:
        """The next hunk after ``place`` that waits for a decision, round the end."""
        waiting = [at for at in self.hunks() if self._blocks[at].block.mark in _OPEN and at != place]
        return next((at for at in waiting if at > place), waiting[0] if waiting else None)

    def matches(self, find: Find) -> list[int]:
        """The lines in the pane that hold the text: lines of code and names of files, each once, in order."""
        found: list[int] = []
        for place, shown in enumerate(self._blocks):
            if self.is_visible(place):
                start = self._index.start(place)
                for row in _matching_rows(shown.block.rows, find):
                    found.append(start + shown.offset_of(row))
        return found if not self.side_by_side else sorted(set(found))


def _matching_rows(rows: Sequence[DiffRow], find: Find) -> Iterator[int]:
    texts = texts_of(rows)
    at = 0
    for kind, count in runs_of(rows):
        for index in range(at, at + count):
            text = next(texts)
            if (kind in CODE and find.matches(text)) or (
                kind is RowKind.FILE and find.matches(text.partition("\t")[0])
            ):
                yield index
        at += count
