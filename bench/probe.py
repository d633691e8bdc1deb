"""What the program told of itself (``app/probe.py``): its event loop, and what the terminal took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figures
from spark_tui.app.probe import WRITTEN_AFTER

FRAME_NS = 16_000_000
"""A frame at 60 Hz: nothing may hold the loop for longer."""


class Probe:
    """Reads ``path``, which a program without a probe never makes: then every figure is ``None``.

    ``since`` and ``until`` are in ns of CLOCK_MONOTONIC; ``None`` is the end of what was told. ``patience`` is
    for how many seconds the program may keep what it has to tell.
    """

    def __init__(self, path: Path, *, patience: float = 2 * WRITTEN_AFTER / 1e9) -> None:
        self._path = path
        self._patience = patience

    def figures(self, since: int = 0, until: int | None = None) -> Figures:
        """The longest time that the loop was held, how often for longer than a frame, the longest collection."""
        if not self._path.exists():
            return {}
        stalls = self.stalls(since, until)
        pauses = [took for _, took in self._timed("gc", since, until)]
        return {
            "loop_stall_max_ms": max((held for _, held in stalls), default=0) / 1e6,
            "loop_over_16ms": float(sum(held > FRAME_NS for _, held in stalls)),
            "gc_pause_max_ms": max(pauses, default=0) / 1e6,
        }

    def stalls(self, since: int = 0, until: int | None = None) -> list[tuple[int, int]]:
        """When the loop was held, and for how many ns."""
        return list(self._timed("loop", since, until))

    def taken(self) -> list[tuple[int, int]]:
        """When the terminal had taken a piece of output, and how many bytes it had by then."""
        total, found = 0, []
        for kind, at, size, *_ in self._lines():
            if kind == "out":
                total += int(size)
                found.append((int(at), total))
        return found

    def _timed(self, kind: str, since: int, until: int | None) -> Iterator[tuple[int, int]]:
        for name, at, took, *_ in self._lines():
            if name == kind and int(at) >= since and (until is None or int(at) <= until):
                yield int(at), int(took)

    def _lines(self) -> Iterator[list[str]]:
        if self._path.exists():
            time.sleep(self._patience)
            for line in self._path.read_text().splitlines(True):
                if line.endswith("\n"):
                    yield line.split()
