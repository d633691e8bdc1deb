"""What is being written of a patch, for those who draw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spark_tui.app.changes.hunk import Hunk
from spark_tui.protocol.patch.events import ChunkOpened, PatchEvent, PatchLine, SectionClosed
from spark_tui.protocol.patch.sections import Chunk


@dataclass(slots=True)
class OpenChunk:
    """The chunk that is being written, to draw it.

    ``lines`` grows. ``hunk`` has the changed ones. Where the chunk goes is known once ``start`` is not ``None``: the
    line of the file's *base* that its first line will stand at, as of the last look.
    """

    chunk: Chunk
    hunk: Hunk
    start: int | None = None

    @property
    def lines(self) -> list[PatchLine]:
        """The whole lines that have come, in order."""
        return self.chunk.lines


class Unplaced:
    """What is written to a file that is still being read, so that it is not known yet where it goes.

    It is the section of ``path``, and ``key`` names it among all sections.
    """

    def __init__(self, key: str, path: str) -> None:
        self.key = key
        self.path = path
        self.chunks: list[Chunk] = []
        """In order; the last one grows, and more come."""
        self._ended = False

    @property
    def grows(self) -> bool:
        """Whether the last of :attr:`chunks` is there and may get more lines."""
        return bool(self.chunks) and not self._ended

    def take(self, events: Iterable[PatchEvent]) -> None:
        """Look at the next ``events``; those behind the section's end belong to others."""
        for event in events:
            if self._ended:
                return
            match event:
                case ChunkOpened():
                    self.chunks.append(Chunk(event.headers))
                case PatchLine() if self.chunks:
                    self.chunks[-1].lines.append(event)
                case SectionClosed():
                    self._ended = True
                case _:
                    pass
