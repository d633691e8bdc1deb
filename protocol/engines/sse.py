"""Server-sent events, read from bytes that arrive in any pieces. Pure.

Follows the "interpreting an event stream" rules of the HTML standard, except that an event which the end of the
stream cuts off before its blank line is given all the same: servers forget it.
"""

from __future__ import annotations

import re

_LINE = re.compile(rb"\r\n|\n|\r")


class EventStream:
    """Gives the ``data`` of each event; names, ids, retry times and comments are of no use here."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self._first = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that ``chunk`` completes."""
        if not chunk:
            return []
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
        self._after_cr = chunk[-1:] == b"\r" if chunk else False
        lines = _LINE.split(chunk)
        self._rest.append(lines[0])
        if len(lines) == 1:
            return []
        lines[0] = b"".join(self._rest)
        self._rest = [lines.pop()]
        return self._events(lines)

    def finish(self) -> list[bytes]:
        """The data of an event that was not closed by a blank line."""
        lines = [b"".join(self._rest), b""]
        self._rest = []
        return self._events(lines)

    def _events(self, lines: list[bytes]) -> list[bytes]:
        found = []
        if self._first:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
            self._first = False
        for line in lines:
            if not line:
                if self._data:
                    found.append(b"\n".join(self._data))
                    self._data = []
            elif line.startswith(b"data:"):
                value = line[5:]
                self._data.append(value[1:] if value[:1] == b" " else value)
            elif line == b"data":
                self._data.append(b"")
        return found
