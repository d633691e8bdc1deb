"""The lines of the diff pane: blocks in order, found by line, by key and by what they are. No widget here."""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.widgets.block_index import BlockIndex
from spark_tui.widgets.highlight import Highlights
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind

_SERIAL_SHIFT = 32
_LANES = {RowKind.CONTEXT: "on", RowKind.REMOVED: "o", RowKind.ADDED: "n"}
_OPEN = (Mark.PENDING, Mark.CONFLICTED)


class ShownBlock:
    """A block in the pane; ``number`` names it for good."""

    __slots__ = ("block", "highlights", "number")

    def __init__(self, number: int, block: DiffBlock) -> None:
        self.number = number
        self.block = block
        self.highlights = Highlights(self._line_at)

    def _line_at(self, index: int) -> tuple[str, str]:
        row = self.block.rows[index]
        return _LANES.get(row.kind, ""), row.text


class DiffLines:
    """The blocks that are shown. A *place* is a block's position among them."""

    def __init__(self) -> None:
        self._blocks: list[ShownBlock] = []
        self._places: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._headers: dict[str, int] = {}
        self._next_number = 0
        self._index = BlockIndex()
        self.digits = 3
        """The width of a line number; it never gets smaller, so that nothing jumps."""
        self.streaming: int | None = None
        """The place of the hunk that is being written, the last one if there are several."""

    def replace(self, blocks: Sequence[DiffBlock]) -> None:
        """Show ``blocks``; one whose key was shown before keeps its number and its colours."""
        known = {shown.block.key: shown for shown in self._blocks}
        same = {id(shown.block) for shown in self._blocks if shown.block.mark is not Mark.STREAMING}
        self._blocks = [self._shown(block, known.get(block.key)) for block in blocks]
        self._places = {block.key: place for place, block in enumerate(blocks)}
        self._numbers = {shown.number: place for place, shown in enumerate(self._blocks)}
        self._headers = {}
        for place, block in enumerate(blocks):
            if block.hunk is None and block.rows and block.rows[0].kind is RowKind.FILE:
                self._headers.setdefault(block.path, place)
            if id(block) not in same:  # the rows of all others have been looked at
                self._widen(block)
        self._index.replace([len(block.rows) for block in blocks])
        self.streaming = self._find_streaming()

    def touch(self, key: str) -> None:
        """Look again at the block ``key``. Raises :exc:`KeyError` if it is not shown."""
        place = self._places[key]
        block = self._blocks[place].block
        self._index.resize(place, len(block.rows))
        self._widen(block)
        if block.mark is Mark.STREAMING or place == self.streaming:
            self.streaming = self._find_streaming()

    def _shown(self, block: DiffBlock, known: ShownBlock | None) -> ShownBlock:
        if known is not None:
            known.block = block
            return known
        self._next_number += 1
        return ShownBlock(self._next_number, block)

    def _widen(self, block: DiffBlock) -> None:
        for row in block.rows[-2:]:
            self.digits = max(self.digits, len(str(max(row.old or 0, row.new or 0))))

    def _find_streaming(self) -> int | None:
        for place in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[place].block
            if block.mark is Mark.STREAMING and block.rows:
                return place
        return None

    # By line

    @property
    def count(self) -> int:
        """Lines in all."""
        return self._index.total

    def locate(self, line: int) -> tuple[int, int]:
        """The place of the block that holds ``line``, and the row of the block. Raises :exc:`IndexError`."""
        return self._index.locate(line)

    def row(self, line: int) -> DiffRow:
        """The row at ``line``."""
        place, offset = self._index.locate(line)
        return self._blocks[place].block.rows[offset]

    def serial(self, line: int) -> int:
        """A number that names the line while its block is shown."""
        place, offset = self._index.locate(line)
        return self._blocks[place].number << _SERIAL_SHIFT | offset

    def line_of(self, serial: int) -> int | None:
        """The line that ``serial`` names, the block's last one if it has become shorter; ``None`` if it is gone."""
        place = self._numbers.get(serial >> _SERIAL_SHIFT)
        if place is None:
            return None
        offset = serial & ((1 << _SERIAL_SHIFT) - 1)
        size = len(self._blocks[place].block.rows)
        return self._index.start(place) + min(offset, size - 1) if size else None

    # By place

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
        rows = self._blocks[place].block.rows
        start, end = self.span(place)
        offset = min(len(rows), end - start) - 1
        while offset > 0 and rows[offset].kind is RowKind.CONTEXT and not rows[offset].partial:
            offset -= 1
        return start + max(offset, 0)

    # Finding places

    def hunks(self) -> list[int]:
        """The places of all hunks that have rows."""
        return [
            place for place, shown in enumerate(self._blocks) if shown.block.hunk is not None and shown.block.rows
        ]

    def files(self) -> list[int]:
        """The places of all file headers."""
        return sorted(self._headers.values())

    def header(self, place: int) -> int | None:
        """The place of the header of the file that the block at ``place`` belongs to."""
        return self._headers.get(self._blocks[place].block.path)

    def hunk(self, hunk_id: str) -> int | None:
        """The place of that hunk."""
        return next((place for place in self.hunks() if self._blocks[place].block.hunk == hunk_id), None)

    def next_open(self, place: int) -> int | None:
        """The next hunk after ``place`` that waits for a decision, round the end."""
        waiting = [at for at in self.hunks() if self._blocks[at].block.mark in _OPEN and at != place]
        return next((at for at in waiting if at > place), waiting[0] if waiting else None)
