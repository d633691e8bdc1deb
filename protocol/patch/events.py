"""What a patch says, as it is being read: the events of the incremental parser.

The order for one patch::

    (SectionOpened (ChunkOpened PatchLine* ChunkClosed)* SectionClosed)* PatchClosed

An ``Add`` section has exactly one chunk, whose lines are all added; a ``Delete`` section has none. After a
:class:`PatchBroken` nothing follows. Events are plain data: no file has been looked at yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SectionKind(Enum):
    """What a section does to its file."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


class Op(Enum):
    """What a line of a chunk does; the value is the patch language's own mark."""

    KEEP = " "
    REMOVE = "-"
    ADD = "+"


@dataclass(frozen=True, slots=True)
class SectionOpened:
    """A file's header has been read whole (its line break came, or the next line showed the move).

    ``path`` and ``move_to`` are the model's words, not checked by anyone yet. ``line`` is 1-based.
    """

    kind: SectionKind
    path: str
    move_to: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ChunkOpened:
    """A chunk begins; ``headers`` are the texts behind ``@@``, outermost first; empty without any."""

    headers: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A whole line of a chunk; ``text`` has neither the mark nor the line break."""

    op: Op
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ChunkClosed:
    """The chunk is complete; ``end_of_file`` when ``*** End of File`` ended it."""

    end_of_file: bool


@dataclass(frozen=True, slots=True)
class SectionClosed:
    """Nothing more comes for this file from this section."""


@dataclass(frozen=True, slots=True)
class PatchClosed:
    """The patch ended as it should."""


@dataclass(frozen=True, slots=True)
class PatchBroken:
    """The text stopped being a patch. ``message`` is for a person; ``line`` is 1-based, ``None``: the whole."""

    message: str
    line: int | None


PatchEvent = SectionOpened | ChunkOpened | PatchLine | ChunkClosed | SectionClosed | PatchClosed | PatchBroken


@dataclass(frozen=True, slots=True)
class PartialLine:
    """The line that is being written: what has come so far of a line whose break has not come.

    Only for drawing: ``text`` may still turn out to be something else, so it is never part of a hunk.
    """

    op: Op
    text: str
