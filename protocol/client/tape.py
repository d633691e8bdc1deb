"""A recording of a session: every frame, both ways, one JSON object a line.

``{"t": seconds since the recording began, "dir": "in" or "out", "frame": the event}``; ``in`` is what the server
sent. A frame that is no JSON object is kept as a string.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

import msgspec

_KEY_LIKE = re.compile(r"\b(sk|xai|gsk|csk)-[A-Za-z0-9_-]{8,}|\bBearer\s+[A-Za-z0-9._~+/=-]{8,}")
_REDACTED = "[redacted]"
_MIN_SECRET = 4


class Tape:
    """Writes a recording to ``path``, which is made anew and readable by its owner only.

    Raises ``OSError`` when it cannot be made. Keys never reach the file: those given to :meth:`redact`, and what
    looks like one.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._started = time.monotonic()
        self._secrets: list[str] = []
        self.error: str | None = None
        """Why the recording ended before its time (the disk is full ...), in one line; ``None`` when it did not."""

    def redact(self, secret: str) -> None:
        """Keep ``secret`` out of what is written from now on; one of fewer than 4 characters hides nothing."""
        if len(secret) >= _MIN_SECRET:
            self._secrets.append(secret)

    def sent(self, frame: str) -> None:
        """Record a frame to the server."""
        self._write("out", frame)

    def received(self, frame: str | bytes) -> None:
        """Record a frame from the server."""
        self._write("in", frame)

    def close(self) -> None:
        """Write what is left. Closing again does nothing."""
        try:
            self._file.close()
        except OSError as error:
            self._fail(error)

    def _write(self, direction: str, frame: str | bytes) -> None:
        if self._file.closed:
            return
        text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        text = _KEY_LIKE.sub(_REDACTED, text)
        elapsed = time.monotonic() - self._started
        try:
            self._file.write(f'{{"t":{elapsed:.6f},"dir":"{direction}","frame":{_one_line_of_json(text)}}}\n')
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        """End the recording: a session is worth more than its tape."""
        self.error = f"the recording ended: {error.strerror or error}"
        with contextlib.suppress(OSError):
            self._file.close()


def _one_line_of_json(text: str) -> str:
    """Return ``text`` as it is where it holds a JSON object, else as a JSON string."""
    if text.startswith("{"):
        try:
            msgspec.json.decode(text, type=msgspec.Raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
        else:
            return msgspec.json.format(text, indent=-1) if "\n" in text else text
    return msgspec.json.encode(text.encode("utf-8", "replace").decode()).decode()
