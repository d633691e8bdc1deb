"""What a recording showed, and when: it is played to a terminal emulator, and watched row by row."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from typing import Any

import pyte

ROWS, COLUMNS = 40, 120
"""The size of the terminal."""

PARTIAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$")
UNSUPPORTED = re.compile(
    rb"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-?]*[ -/]+[@-~]"
    rb"|\x1b\[\?[0-9;]*[umnc]"
)
"""Sequences that pyte would print as text or misread."""

UPDATE_END = re.compile(rb"(?<=\x1b\[\?2026l)")

Watcher = Callable[[int, list[str]], None]


class _Screen(pyte.Screen):
    """pyte lacks SU and SD, with which some programs scroll a region."""

    def scroll_up(self, count: int = 1, **_: Any) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        row, self.cursor.y = self.cursor.y, bottom
        for _index in range(min(count or 1, bottom - top + 1)):
            self.index()
        self.cursor.y = row

    def scroll_down(self, count: int = 1, **_: Any) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        row, self.cursor.y = self.cursor.y, top
        for _index in range(min(count or 1, bottom - top + 1)):
            self.reverse_index()
        self.cursor.y = row

    def report_device_status(self, *_: Any, **__: Any) -> None:
        """The recorder has answered already."""

    report_device_attributes = report_device_status


class _Stream(pyte.Stream):
    csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}  # noqa: RUF012
    events = pyte.Stream.events | {"scroll_up", "scroll_down"}


class Emulator:
    """A terminal's screen."""

    def __init__(self) -> None:
        self._screen = _Screen(COLUMNS, ROWS)
        self._stream = _Stream(self._screen)
        self._decode = codecs.getincrementaldecoder("utf8")("replace").decode
        self._carry = b""
        self._in_update = False

    @property
    def text(self) -> str:
        """The screen as it is now."""
        return "\n".join(self._row(y) for y in range(ROWS))

    def feed(self, data: bytes) -> list[str]:
        """Take output; returns the rows that it made visible, none while a synchronized update is open.

        Where several updates end in ``data``, the rows of each are there, as a terminal may have shown them.
        """
        data = self._carry + data
        cut = PARTIAL.search(data[-4096:])
        self._carry = data[len(data) - len(cut.group()) :] if cut else b""
        data = data[: len(data) - len(self._carry)]
        return [row for piece in UPDATE_END.split(data) for row in self._feed_piece(piece)]

    def _feed_piece(self, data: bytes) -> list[str]:
        begin, end = data.rfind(b"\x1b[?2026h"), data.rfind(b"\x1b[?2026l")
        if begin != end:
            self._in_update = begin > end
        self._stream.feed(self._decode(UNSUPPORTED.sub(b"", data)))
        if self._in_update:
            return []
        rows = [self._row(y) for y in self._screen.dirty if y < ROWS]
        self._screen.dirty.clear()
        return rows

    def _row(self, y: int) -> str:
        line = self._screen.buffer[y]
        return "".join(line[x].data for x in range(COLUMNS))


def play(chunks: Iterable[tuple[int, bytes]], *watchers: Watcher) -> Emulator:
    """Play a recording to ``watchers``: each gets the time and the rows that changed. Returns the last screen."""
    emulator = Emulator()
    for at, data in chunks:
        if rows := emulator.feed(data):
            for watch in watchers:
                watch(at, rows)
    return emulator


class Seen:
    """The first time that each match of a pattern was on the screen, from ``after`` on."""

    def __init__(self, pattern: str, after: int = 0) -> None:
        self.at: dict[str, int] = {}
        self._find = re.compile(pattern).findall
        self._after = after

    def __call__(self, at: int, rows: list[str]) -> None:
        if at >= self._after:
            for row in rows:
                for match in self._find(row):
                    self.at.setdefault(match, at)

    @property
    def first(self) -> int | None:
        """When the first of all was."""
        return min(self.at.values(), default=None)


class Drawn:
    """How long after each of ``keys``, and before the next, the last row was drawn that ``pattern`` fits."""

    def __init__(self, pattern: str, keys: list[int]) -> None:
        self.after: dict[int, float] = {}
        self._fits = re.compile(pattern).search
        self._keys = keys

    def __call__(self, at: int, rows: list[str]) -> None:
        key = max((key for key in self._keys if key <= at), default=None)
        if key is not None and any(map(self._fits, rows)):
            self.after[key] = (at - key) / 1e6


class Typed:
    """How long each key took until the whole text up to it stood in one row; ``keys`` are (time, letter)."""

    def __init__(self, prefix: str, keys: list[tuple[int, str]]) -> None:
        self.echoes: list[float] = []
        self.shown: list[int] = []
        self._text = prefix
        self._keys = keys

    def __call__(self, at: int, rows: list[str]) -> None:
        while len(self.echoes) < len(self._keys):
            pressed, letter = self._keys[len(self.echoes)]
            if at < pressed or not any(self._text + letter in row for row in rows):
                return
            self._text += letter
            self.shown.append(at)
            self.echoes.append((at - pressed) / 1e6)
