"""What the diff pane is given to draw: plain rows in blocks, made by the program, never by a widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Mark(Enum):
    """How a hunk stands, as drawn. Each has its own shape on the screen, so that none is told by colour alone."""

    STREAMING = "streaming"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICTED = "conflicted"
    RETIRED = "retired"


class RowKind(Enum):
    """What a row is; CONTEXT, REMOVED and ADDED are lines of the file, the others are ours."""

    FILE = "file"
    HUNK = "hunk"
    CONTEXT = "context"
    REMOVED = "removed"
    ADDED = "added"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row. Numbers are 1-based lines of the old and the new file, ``None`` where there is none.

    ``text`` is raw: without its line break, not yet made safe. ``emphasis`` are ``[start, end)`` character ranges of
    ``text`` that differ from the line it replaces. ``partial`` marks the line that is still being written.
    In the text of a FILE or HUNK row, what follows a tab stands at the right edge (counts, notes).
    """

    kind: RowKind
    text: str
    old: int | None = None
    new: int | None = None
    emphasis: tuple[tuple[int, int], ...] = ()
    partial: bool = False


@dataclass(slots=True)
class DiffBlock:
    """Rows that change together: a file's header, or one hunk with the context around it.

    ``key`` names it for good (a hunk's id, or ``file:`` and the path). ``version`` changes whenever ``rows`` or
    ``mark`` do; rows may be appended to while a hunk streams, and the view then draws only the new ones.
    """

    key: str
    path: str
    rows: Sequence[DiffRow]
    version: int = 0
    hunk: str | None = None
    mark: Mark | None = None


@dataclass(slots=True)
class DiffDocument:
    """All that can be scrolled to, in order."""

    blocks: list[DiffBlock] = field(default_factory=list)
