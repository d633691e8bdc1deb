"""Finding a patch in plain text while it streams, for models that have no tools. Pure.

A patch begins at a line ``*** Begin Patch``, with or without a markdown fence around it, and ends with the line
``*** End Patch``; an indented one may be a line of a file. Text is held back only while it may still turn out to be
one of these lines or a fence before one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

BEGIN = "*** Begin Patch"
END = "*** End Patch"
FENCE = "```"


class Place(Enum):
    """Where in the text the finder is."""

    TEXT = "text"
    FENCE = "fence"
    PATCH = "patch"
    AFTER_FENCED = "after_fenced"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one kind: ``patch`` tells whether it belongs to a patch; ``ends`` that the patch is complete."""

    text: str
    patch: bool = False
    ends: bool = False


class PlainPatchFinder:
    """Splits a text that arrives in pieces into prose and patches."""

    def __init__(self) -> None:
        self._place = Place.TEXT
        self._line = ""
        self._sent = 0
        self._fence = ""
        self._fenced = False

    def feed(self, text: str) -> list[Piece]:
        """The pieces that ``text`` settles, in order."""
        pieces: list[Piece] = []
        *whole, rest = text.split("\n")
        for part in whole:
            self._line += part + "\n"
            self._end_line(pieces)
        if rest:
            self._take(rest, pieces)
        return [piece for piece in pieces if piece.text or piece.ends]

    def finish(self) -> list[Piece]:
        """What was held back; a patch that is not closed ends here."""
        pieces: list[Piece] = []
        if self._line or self._fence:
            self._end_line(pieces)
        pieces.append(Piece(self._fence))
        if self._place is Place.PATCH:
            pieces.append(Piece("", patch=True, ends=True))
        self._fence, self._place = "", Place.TEXT
        return [piece for piece in pieces if piece.text or piece.ends]

    def _take(self, text: str, pieces: list[Piece]) -> None:
        """Part of a line: through at once when the line cannot be a marker."""
        if self._sent:
            pieces.append(Piece(text, patch=self._place is Place.PATCH))
            return
        self._line += text
        if not self._may_be_marker(self._line):
            pieces.append(Piece(self._release() + self._line, patch=self._place is Place.PATCH))
            self._sent, self._line = 1, ""

    def _may_be_marker(self, line: str) -> bool:
        match self._place:
            case Place.PATCH:
                return _begins(END, line)
            case Place.AFTER_FENCED:
                return _begins(FENCE, line) or _begins(BEGIN, line)
            case Place.FENCE:
                return _begins(BEGIN, line)
            case Place.TEXT:
                return _begins(BEGIN, line) or _begins(FENCE, line) or line.startswith(FENCE)

    def _release(self) -> str:
        """The fence line that turned out to belong to prose."""
        fence, self._fence = self._fence, ""
        if self._place in (Place.FENCE, Place.AFTER_FENCED):
            self._place = Place.TEXT
        return fence

    def _end_line(self, pieces: list[Piece]) -> None:
        line, self._line = self._line, ""
        if self._sent:
            self._sent = 0
            pieces.append(Piece(line, patch=self._place is Place.PATCH))
            return
        word = line.rstrip()
        if self._place is Place.PATCH:
            pieces.append(Piece(line, patch=True, ends=word == END))
            if word == END:
                self._place = Place.AFTER_FENCED if self._fenced else Place.TEXT
        elif word == BEGIN:
            self._fenced = bool(self._fence) or self._place is Place.AFTER_FENCED
            self._fence, self._place = "", Place.PATCH
            pieces.append(Piece(line, patch=True))
        elif self._place is Place.AFTER_FENCED and word == FENCE:
            self._place = Place.TEXT
        elif self._place is Place.AFTER_FENCED and not word:
            pieces.append(Piece(line))
        elif self._place is Place.TEXT and word.startswith(FENCE):
            self._fence, self._place = line, Place.FENCE
        else:
            pieces.append(Piece(self._release() + line))


def _begins(marker: str, line: str) -> bool:
    """Whether ``line`` may grow into ``marker``, or is it with white space behind."""
    return marker.startswith(line) or line.rstrip() == marker
