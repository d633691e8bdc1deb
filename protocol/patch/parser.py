"""The patch language, read as it arrives: text in any pieces in, events out.

The parser never raises and looks at no file. The same text gives the same events however it is cut; a line is
read when its break has come, or at the end.
"""

from __future__ import annotations

from spark_tui.protocol.patch.events import PartialLine, PatchEvent
from spark_tui.protocol.patch.language import Dialect
from spark_tui.protocol.patch.line_reader import LineReader

__all__ = ["Dialect", "PatchParser"]


class PatchParser:
    """Reads one patch.

    >>> parser = PatchParser(Dialect.CODEX)
    >>> parser.feed("*** Begin Patch\\n*** Delete File: a")
    []
    >>> parser.feed("\\n")
    [SectionOpened(kind=<SectionKind.DELETE: 'delete'>, path='a', move_to=None, line=2), SectionClosed()]
    """

    def __init__(self, dialect: Dialect) -> None:
        self._reader = LineReader(dialect)
        self._pieces: list[str] = []

    def feed(self, text: str) -> list[PatchEvent]:
        """Take the next piece of the patch; returns what it completed. After the end or a break, nothing."""
        if self._reader.is_over:
            return []
        if "\n" not in text:
            if text:
                self._pieces.append(text)
            return []
        first, *rest = text.split("\n")
        self._pieces.append(first)
        rest.insert(0, "".join(self._pieces))
        self._pieces = [rest.pop()]
        for line in rest:
            self._reader.take(line)
            if self._reader.is_over:
                self._pieces.clear()
                break
        return self._reader.drain()

    def finish(self) -> list[PatchEvent]:
        """The text is over: close the patch, or break it where its end is missing.

        A last line without a break counts only if it ends the patch; otherwise it may be cut and is not read.
        """
        if self._reader.is_over:
            return []
        last = "".join(self._pieces)
        self._pieces.clear()
        self._reader.finish(last)
        return self._reader.drain()

    @property
    def partial(self) -> PartialLine | None:
        """What can be drawn of the line that is being written; costs the length of that line.

        ``None`` while the line may still be a marker, and outside of a chunk that has been opened.
        """
        if not any(self._pieces):
            return None
        text = "".join(self._pieces)
        self._pieces = [text]
        op = self._reader.op_of_partial(text)
        return None if op is None else PartialLine(op, text[1:].rstrip("\r"))
