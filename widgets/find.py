"""What is searched for in the diff pane. Pure.

>>> Find("Total").spans("total Total")
((6, 11),)
>>> Find("total").spans("total Total")
((0, 5), (6, 11))
"""

from __future__ import annotations

from dataclasses import dataclass

SPANS_MOST = 64
"""Matches of one line that are shown; a line of a megabyte of the same letter has no use for more."""


@dataclass(frozen=True, slots=True)
class Find:
    """Text to look for, as it is; case counts only where ``text`` has a capital letter. Empty text is nowhere."""

    text: str

    def matches(self, line: str) -> bool:
        """Whether ``line`` holds the text."""
        return bool(self.text) and self.text in self._folded(line)

    def spans(self, line: str) -> tuple[tuple[int, int], ...]:
        """The ``[start, end)`` ranges of ``line`` that are the text, none overlapping, at most :data:`SPANS_MOST`."""
        found: list[tuple[int, int]] = []
        if not self.text:
            return ()
        folded = self._folded(line)
        if len(folded) != len(line):
            return ()
        at = folded.find(self.text)
        while at >= 0 and len(found) < SPANS_MOST:
            found.append((at, at + len(self.text)))
            at = folded.find(self.text, at + len(self.text))
        return tuple(found)

    def _folded(self, line: str) -> str:
        return line if self.text != self.text.lower() else line.lower()
