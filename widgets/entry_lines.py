"""The lines of an entry that is written a piece at a time, and its blocks of code. Pure.

Only the last line grows. Finished lines are kept joined, a page of them at a time: an object for each would take more
than its letters do, and, made among the short-lived ones of a stream, would hold the memory of those.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from spark_tui.widgets.markdown import closes_fence, fence_mark

PAGE_LINES = 64


@dataclass(slots=True, eq=False)
class CodeBlock:
    """A fenced block: the fence that opens it is the entry's line ``opening``, the code begins at ``first``.

    ``end`` is the line after the fence that closes it; ``None`` while it is open.
    """

    mark: str
    language: str
    opening: int
    end: int | None = None

    @property
    def first(self) -> int:
        """The first line of code, if there is any."""
        return self.opening + 1


class EntryLine(NamedTuple):
    """One line as it came, counted from 0. The one that ``is_last`` may still grow; ``block`` is what it belongs to,
    fences included."""

    number: int
    text: str
    is_last: bool = False
    block: CodeBlock | None = None
    is_fence: bool = False


class EntryLines:
    """A sequence of at least one line. ``fenced``: fences mark blocks of code."""

    __slots__ = ("_blocks", "_fenced", "_finished", "_last", "_open_page", "_openings", "_page", "_pages")

    def __init__(self, *, fenced: bool = False) -> None:
        self._fenced = fenced
        self._blocks: list[CodeBlock] = []
        self._openings: list[int] = []
        self._pages: list[str] = []
        self._page: list[str] = []
        """The finished lines that are in no page yet."""
        self._open_page: tuple[int, list[str]] = (-1, [])
        """The page that was looked at last, in lines."""
        self._finished = 0
        self._last = ""

    def __len__(self) -> int:
        return self._finished + 1

    def __getitem__(self, index: int) -> EntryLine:
        """The line at ``index``, which is not negative. Raises :exc:`IndexError` past the last one."""
        block = self._block_at(index) if self._openings else None
        if index < self._finished:
            is_fence = block is not None and (index == block.opening or index + 1 == block.end)
            return EntryLine(index, self._finished_text(index), False, block, is_fence)
        if index > self._finished:
            raise IndexError(index)
        # It may close a block before its line break has come.
        closes = block is not None and closes_fence(self._last, block.mark)
        return EntryLine(index, self._last, True, block, closes)

    @property
    def last_text(self) -> str:
        """The line that may still grow, as far as it came."""
        return self._last

    def text(self, index: int) -> str:
        """The text of the line at ``index``, which is not negative. Raises :exc:`IndexError` past the last one."""
        return self._finished_text(index) if index < self._finished else self[index].text

    def append(self, text: str) -> None:
        """Add ``text`` at the end; each line break in it finishes a line."""
        if "\n" not in text:
            self._last += text
            return
        first, *others = text.split("\n")
        self._finish(self._last + first)
        self._last = others.pop()
        for line in others:
            self._finish(line)

    def code_in(self, first: int, last: int) -> Iterator[tuple[CodeBlock, int, int]]:
        """Which finished lines of code there are among ``first`` to ``last``: the block, and the first and the last
        of them, counted from the block's first."""
        last = min(last, self._finished - 1)
        at = max(bisect_right(self._openings, first) - 1, 0)
        for block in self._blocks[at : bisect_right(self._openings, last)]:
            begin = max(first, block.first)
            end = last if block.end is None else min(last, block.end - 2)
            if begin <= end:
                yield block, begin - block.first, end - block.first

    def _finished_text(self, index: int) -> str:
        page, place = divmod(index, PAGE_LINES)
        if page == len(self._pages):
            return self._page[place]
        if page != self._open_page[0]:
            self._open_page = page, self._pages[page].split("\n")
        return self._open_page[1][place]

    def _block_at(self, index: int) -> CodeBlock | None:
        place = bisect_right(self._openings, index) - 1
        if place < 0:
            return None
        block = self._blocks[place]
        return block if block.end is None or index < block.end else None

    def _finish(self, line: str) -> None:
        line = line.removesuffix("\r")
        if self._fenced:
            self._look_for_fence(line)
        self._finished += 1
        self._page.append(line)
        if len(self._page) == PAGE_LINES:
            self._pages.append("\n".join(self._page))
            self._page.clear()

    def _look_for_fence(self, line: str) -> None:
        block = self._blocks[-1] if self._blocks else None
        if block is not None and block.end is None:
            if closes_fence(line, block.mark):
                block.end = self._finished + 1
        elif (opened := fence_mark(line)) is not None:
            self._blocks.append(CodeBlock(*opened, self._finished))
            self._openings.append(self._finished)
