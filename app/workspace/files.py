"""A file of the work tree as plain data: what was read, and what is to be written.

Paths are relative to the work tree's root, with ``/`` between parts, as git prints them with ``-z``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from spark_tui.protocol.patch.edits import split_lines

BOM = "\ufeff"
"""The byte order mark as a character."""


def digest(data: bytes) -> str:
    """The SHA-256 of ``data`` in hexadecimal: how the program tells whether bytes are the same."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class FileSnapshot:
    """One file at one moment. ``data`` is ``None`` where there is no file; ``mode`` is then 0.

    ``refusal`` is one line that says why the file may not be edited (outside the work tree, a device, not UTF-8,
    too large ...); it is ``None`` for every file that may, and then ``data`` decodes as UTF-8.
    """

    path: str
    data: bytes | None
    mode: int = 0
    refusal: str | None = None

    @property
    def digest(self) -> str | None:
        """:func:`digest` of the bytes; ``None`` where there is no file."""
        return None if self.data is None else digest(self.data)

    @property
    def text(self) -> str:
        """The content; empty where there is no file. Raises :exc:`UnicodeDecodeError` on a refused file only."""
        return "" if self.data is None else self.data.decode("utf-8")

    @cached_property
    def lines(self) -> list[str]:
        """The lines of :attr:`text` with their breaks and without a byte order mark; cut once, not to be changed."""
        return split_lines(self.text.removeprefix(BOM))

    def cut(self) -> FileSnapshot:
        """Cut the lines of a file that may be edited now, as the thread that read it should; returns itself."""
        if self.refusal is None:
            _ = self.lines
        return self


@dataclass(frozen=True, slots=True)
class FileWrite:
    """One file of a transaction.

    ``before`` is the digest of the bytes that must be there at the write, ``None`` where no file must be.
    ``data`` is the whole new content, ``None`` deletes. ``mode`` (permission bits) is for a new file that takes over
    another's, as on a move; ``None`` keeps the file's own, or the umask's for a new file.
    """

    path: str
    before: str | None
    data: bytes | None
    mode: int | None = None
