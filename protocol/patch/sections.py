"""The parts of a patch as whole things, collected from the parser's events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from spark_tui.protocol.errors import PatchSyntaxError
from spark_tui.protocol.patch.events import (
    ChunkClosed,
    ChunkOpened,
    Op,
    PatchBroken,
    PatchEvent,
    PatchLine,
    SectionKind,
    SectionOpened,
)


@dataclass(slots=True)
class Chunk:
    """Lines that belong together. While it streams, ``lines`` grows at its end and nowhere else.

    ``headers`` are the texts behind ``@@``, outermost first. ``end_of_file``: the chunk must touch the end.
    """

    headers: tuple[str, ...] = ()
    lines: list[PatchLine] = field(default_factory=list)
    end_of_file: bool = False

    def texts(self, *ops: Op) -> list[str]:
        """The texts of the lines that do one of ``ops``."""
        return [line.text for line in self.lines if line.op in ops]


@dataclass(slots=True)
class Section:
    """What the patch does to one file. ``path`` and ``move_to`` are the patch's words; ``line`` is 1-based."""

    kind: SectionKind
    path: str
    move_to: str | None
    line: int
    chunks: list[Chunk] = field(default_factory=list)


def collect(events: Iterable[PatchEvent]) -> list[Section]:
    """Put the events of a patch together; raises :exc:`PatchSyntaxError` where it broke.

    A section or chunk that has not been closed yet is part of the result as far as it has come.
    """
    sections: list[Section] = []
    for event in events:
        match event:
            case PatchLine():
                sections[-1].chunks[-1].lines.append(event)
            case ChunkOpened():
                sections[-1].chunks.append(Chunk(event.headers))
            case ChunkClosed():
                sections[-1].chunks[-1].end_of_file = event.end_of_file
            case SectionOpened():
                sections.append(Section(event.kind, event.path, event.move_to, event.line))
            case PatchBroken():
                raise PatchSyntaxError(event.message, event.line)
            case _:
                pass
    return sections
