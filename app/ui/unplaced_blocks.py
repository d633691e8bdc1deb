"""The blocks of a section whose file is still being read: lines without numbers, and no key decides on them."""

from __future__ import annotations

from spark_tui.app.changes.open_chunks import Unplaced
from spark_tui.app.ui.diff_rows import StreamRows
from spark_tui.app.ui.file_blocks import Splice
from spark_tui.protocol.patch.events import PartialLine
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind


class UnplacedBlocks:
    """They stand behind the blocks of all files, and give way to those of their own once that has been read."""

    def __init__(self) -> None:
        self._section: Unplaced | None = None
        self._blocks: list[DiffBlock] = []
        self._rows: list[StreamRows] = []
        self._look: tuple[int, PartialLine | None] = (0, None)
        """How many lines the last chunk had, and the one that was being written."""

    def update(self, section: Unplaced | None, partial: PartialLine | None) -> tuple[Splice | None, list[str]]:
        """Look at what has come, ``partial`` behind its last chunk. Returns which blocks came and went, with the
        place counted from the first, and the keys of those that only changed in themselves."""
        removed = 0
        if section is not self._section:
            removed = len(self._blocks)
            self._section, self._blocks, self._rows = section, [], []
        place = len(self._blocks)
        grown = [] if section is None else self._look_at(section, partial)
        added = self._blocks[place:]
        return (Splice(place, removed, added) if removed or added else None), grown

    def _look_at(self, section: Unplaced, partial: PartialLine | None) -> list[str]:
        """Look at the chunk that was the last one, and at those that have come behind it."""
        if not self._blocks:
            header = DiffRow(RowKind.FILE, f"{section.path}\t")
            self._blocks.append(self._block(section, "file", (header,)))
        grown: list[str] = []
        for index in range(max(len(self._rows) - 1, 0), len(section.chunks)):
            lines = section.chunks[index].lines
            look = len(lines), partial if index == len(section.chunks) - 1 else None
            if index == len(self._rows):
                self._rows.append(StreamRows(lambda start: ""))
                self._blocks.append(self._block(section, index, self._rows[index]))
            elif look != self._look:
                self._blocks[-1].version += 1
                grown.append(self._blocks[-1].key)
            self._look = look
            self._rows[index].update(lines, None, partial=look[1])
        return grown

    @staticmethod
    def _block(section: Unplaced, name: int | str, rows: StreamRows | tuple[DiffRow, ...]) -> DiffBlock:
        return DiffBlock(f"unplaced:{section.key}:{name}", section.path, rows, mark=Mark.STREAMING)
