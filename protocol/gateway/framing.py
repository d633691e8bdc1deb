"""Encoding the events of one response: numbered, and marked with the lane where it has a name."""

from __future__ import annotations

from typing import Any

import msgspec

_encode = msgspec.json.encode


class Framer:
    """Makes the frames of one response. ``sequence_number`` starts at 0 and counts steer events too."""

    def __init__(self, stream_id: str | None) -> None:
        self._sequence = 0
        self._lane: dict[str, Any] = {} if stream_id is None else {"stream_id": stream_id}
        self._tail = b"}" if stream_id is None else b',"stream_id":%b}' % _encode(stream_id)

    def event(self, type_: str, **fields: Any) -> bytes:
        """One event as a frame."""
        number = self._sequence
        self._sequence = number + 1
        return _encode({"type": type_, "sequence_number": number, **fields, **self._lane})

    def delta_head(self, type_: str, **fields: Any) -> bytes:
        """The part that all deltas of one item share, for :meth:`delta`."""
        return _encode({"type": type_, **fields})[:-1] + b',"sequence_number":'

    def delta(self, head: bytes, text: str) -> bytes:
        """One delta as a frame. Raises :class:`UnicodeEncodeError` for a lone surrogate, and counts nothing then."""
        body = _encode(text)
        number = self._sequence
        self._sequence = number + 1
        return b'%b%d,"delta":%b%b' % (head, number, body, self._tail)
