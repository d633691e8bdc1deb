"""What the watching process writes: records that end in NUL, since the name of a file may hold any other byte.

A record is one letter and what belongs to it. Both ends import this module, and the writing end little else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum


class Change(Enum):
    """What happened to a path; the value is the letter of its record."""

    ADDED = b"A"
    MODIFIED = b"M"
    DELETED = b"D"


class Began:
    """What happens from now on is told; what happened just before was seen by nobody."""


Batch = set[tuple[Change, str]]
"""What happened together, by absolute path; bytes of a path that are not UTF-8 are lone surrogates."""

_BEGAN, _END_OF_BATCH, _REFUSED = b"B", b"E", b"X"


def began() -> bytes:
    """The record that says that watching began, or began anew."""
    return _BEGAN + b"\0"


def batch(changes: Iterable[tuple[Change, str]]) -> bytes:
    """The records of what happened together."""
    told = [change.value + path.encode("utf-8", "surrogateescape") + b"\0" for change, path in changes]
    return b"".join(told) + _END_OF_BATCH + b"\0"


def refused(reason: str) -> bytes:
    """The record that says why nothing can be watched; it is the last."""
    return _REFUSED + reason.encode("utf-8", "replace").replace(b"\0", b" ") + b"\0"


class RecordReader:
    """Reads the records again, in whatever pieces they come."""

    def __init__(self) -> None:
        self._rest = b""
        self._batch: Batch = set()

    def feed(self, data: bytes) -> Iterator[Began | Batch]:
        """What is complete with ``data``. Raises :exc:`OSError` with the reason where nothing can be watched."""
        *records, self._rest = (self._rest + data).split(b"\0")
        for record in records:
            letter, content = record[:1], record[1:]
            if letter == _BEGAN:
                yield Began()
            elif letter == _END_OF_BATCH:
                whole, self._batch = self._batch, set()
                yield whole
            elif letter == _REFUSED:
                raise OSError(content.decode("utf-8", "replace"))
            else:
                self._batch.add((Change(letter), content.decode("utf-8", "surrogateescape")))
