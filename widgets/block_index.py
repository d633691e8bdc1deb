"""Which block a line is in, when lines come in blocks that grow."""

from __future__ import annotations

from bisect import bisect_right


class BlockIndex:
    """The sizes of blocks in order, and the line each begins at, computed again only from where a size changed."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._starts: list[int] = [0]
        self._valid = 0

    def __len__(self) -> int:
        return len(self._sizes)

    def replace(self, sizes: list[int]) -> None:
        """Begin anew with these sizes."""
        self._sizes = sizes
        self._starts = [0] * (len(sizes) + 1)
        self._valid = 0

    def splice(self, block: int, removed: int, sizes: list[int]) -> None:
        """Let ``sizes`` take the place of ``removed`` blocks from ``block`` on."""
        self._sizes[block : block + removed] = sizes
        self._starts[block + 1 :] = [0] * (len(self._sizes) - block)
        self._valid = min(self._valid, block)

    def append(self, size: int) -> None:
        """Add a block at the end."""
        self._settle()
        self._sizes.append(size)
        self._starts.append(self._starts[-1] + size)
        self._valid += 1

    def resize(self, block: int, size: int) -> None:
        """Set the size of one block, in lines; at least 1 for a block that can be located."""
        if self._sizes[block] != size:
            self._sizes[block] = size
            self._valid = min(self._valid, block)

    @property
    def total(self) -> int:
        """Lines in all."""
        self._settle()
        return self._starts[-1]

    def start(self, block: int) -> int:
        """The first line of ``block``."""
        self._settle()
        return self._starts[block]

    def locate(self, line: int) -> tuple[int, int]:
        """The block that holds ``line``, and the line's place in it. Raises :exc:`IndexError` outside."""
        self._settle()
        if not 0 <= line < self._starts[-1]:
            raise IndexError(line)
        block = bisect_right(self._starts, line) - 1
        return block, line - self._starts[block]

    def _settle(self) -> None:
        for block in range(self._valid, len(self._sizes)):
            self._starts[block + 1] = self._starts[block] + self._sizes[block]
        self._valid = len(self._sizes)
