"""A text that grows a word at a time. Pure.

Python needs fifty bytes for a string beside its letters, so a long answer kept as it came would take ten times its
size. Pieces are joined once there is a page of them.
"""

from __future__ import annotations

from bisect import bisect_right

PAGE = 4096
"""Characters from which on the pieces are joined."""


class GrowingText:
    """``str()`` is the whole text, ``len()`` its characters; to append takes time in proportion to what is new."""

    def __init__(self, text: str = "") -> None:
        self._pages: list[str] = []
        self._starts: list[int] = []
        self._pieces: list[str] = []
        self._pieces_start = 0
        self._size = 0
        self.append(text)

    def __len__(self) -> int:
        return self._size

    def __str__(self) -> str:
        return self.since(0)

    def append(self, text: str) -> None:
        """Add ``text`` at the end."""
        if not text:
            return
        self._pieces.append(text)
        self._size = size = self._size + len(text)
        if size - self._pieces_start >= PAGE:
            self._pages.append("".join(self._pieces))
            self._starts.append(self._pieces_start)
            self._pieces.clear()
            self._pieces_start = size

    def since(self, at: int) -> str:
        """What follows the first ``at`` characters; takes time in proportion to it."""
        if at >= self._size:
            return ""
        if at >= self._pieces_start:
            return self._last_piece(self._size - at)
        page = bisect_right(self._starts, at) - 1
        return "".join([self._pages[page][at - self._starts[page] :], *self._pages[page + 1 :], *self._pieces])

    def _last_piece(self, wanted: int) -> str:
        """The last ``wanted`` characters, none of them in a page."""
        first, found = len(self._pieces), 0
        while found < wanted:
            first -= 1
            found += len(self._pieces[first])
        return "".join(self._pieces[first:])[found - wanted :]
