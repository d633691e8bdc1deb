"""The rows of a view as they were drawn, known by what they were made from.

A row is drawn once, also when it scrolls out of view and comes back; and what stays where it was is handed to Textual
as it was handed before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import groupby

from textual.cache import LRUCache
from textual.strip import Strip

STRIPS_KEPT = 1024


class DrawnRows:
    """What is in view, from the top: rows with equal keys look the same at one width."""

    def __init__(self) -> None:
        self.keys: Sequence[Hashable] = ()
        """What each row in view was made from."""
        self._strips: LRUCache[Hashable, Strip] = LRUCache(STRIPS_KEPT)
        self._ready: list[Strip | None] = []
        self._look: object = None

    def clear(self) -> None:
        """Nothing looks as it did."""
        self._strips.clear()
        self.keys, self._ready = (), []

    def change(self, keys: Sequence[Hashable]) -> list[tuple[int, int]]:
        """Rows with ``keys`` are in view now. Returns the runs ``[start, end)`` that are others than before; where
        their number is another, that is all."""
        before, self.keys = self.keys, keys
        if len(before) != len(keys):
            self._ready = [None] * len(keys)
            return [(0, len(keys))]
        changed = [y for y, (old, new) in enumerate(zip(before, keys, strict=True)) if old != new]
        for y in changed:
            self._ready[y] = None
        runs = ([y for _, y in run] for _, run in groupby(enumerate(changed), lambda each: each[1] - each[0]))
        return [(run[0], run[-1] + 1) for run in runs]

    def drawn(self, y: int, width: int, draw: Callable[[int], Strip]) -> Strip:
        """Row ``y``; ``draw`` is asked for a row that has not been drawn at this width."""
        key = self.keys[y], width
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = draw(y)
        return strip

    def ready(self, y: int, look: object, finish: Callable[[int], Strip]) -> Strip:
        """Row ``y`` as it is handed over; ``finish`` is asked where row or ``look``, what is done to it, changed."""
        if look != self._look:
            self._look, self._ready = look, [None] * len(self.keys)
        strip = self._ready[y]
        if strip is None:
            strip = self._ready[y] = finish(y)
        return strip
