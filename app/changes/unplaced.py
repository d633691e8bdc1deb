"""What a patch writes to a file that is still being read: shown before it is known where it goes."""

from __future__ import annotations

from collections.abc import Iterable

from spark_tui.protocol.patch.events import ChunkOpened, PatchEvent, PatchLine, SectionClosed
from spark_tui.protocol.patch.sections import Chunk


class Unplaced:
    """The chunks of the section of ``path``, as far as they have come. ``key`` names it among all sections."""

    def __init__(self, key: str, path: str) -> None:
        self.key = key
        self.path = path
        self.chunks: list[Chunk] = []
        """In order; the last one grows, and more come."""
        self._ended = False

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
