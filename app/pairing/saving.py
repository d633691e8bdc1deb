"""Saving a session as it happens, off the event loop, a few times a second at most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from spark_tui.app.pairing.store import SessionStore
from spark_tui.app.pairing.transcript import Entry, Transcript

DELAY = 0.2
"""Seconds from a change to its save at least: what a kill can take back of what is only in memory."""

REST = 20
"""A save waits so many times as long as the one before kept the event loop: at most a twentieth goes to saving."""


class Saver:
    """Keeps ``store`` up to date with what ``state`` returns and with ``transcript``; no store, nothing is saved."""

    def __init__(
        self, store: SessionStore | None, state: Callable[[], dict[str, Any]], transcript: Transcript
    ) -> None:
        self._store = store
        self._state = state
        self._transcript = transcript
        self._saved_parts = {entry.key: _mark(entry) for entry in transcript.entries}
        self._waiting: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._again = False
        self._took = 0.0

    def save_soon(self) -> None:
        """Something changed that should outlive a crash."""
        if self._store is None or self._waiting is not None:
            return
        if self._running is not None:
            self._again = True
            return
        self._waiting = asyncio.get_running_loop().call_later(max(DELAY, REST * self._took), self._begin)

    async def aclose(self) -> None:
        """Save what is left, and let the store go."""
        if self._store is None:
            return
        changed = self._waiting is not None or self._again
        if self._waiting is not None:
            self._waiting.cancel()
        if self._running is not None:
            await self._running
        if changed:
            await self._save(self._store)
        self._store.close()
        self._store = None

    def _begin(self) -> None:
        self._waiting = None
        if self._store is not None:
            self._running = asyncio.create_task(self._save(self._store))
            self._running.add_done_callback(self._ended)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._running = None
        if self._again:
            self._again = False
            self.save_soon()

    async def _save(self, store: SessionStore) -> None:
        begun = time.perf_counter()
        state = self._state()
        entries = self._changed_entries()
        self._took = time.perf_counter() - begun

        def write() -> None:
            store.append_entries(entries)
            store.save_state(state)

        await asyncio.to_thread(write)

    def _changed_entries(self) -> list[Entry]:
        changed = []
        for entry in self._transcript.entries:
            mark = _mark(entry)
            if self._saved_parts.get(entry.key) != mark:
                self._saved_parts[entry.key] = mark
                changed.append(Entry(entry.key, entry.speaker, list(entry.parts), entry.note))
        return changed


def _mark(entry: Entry) -> tuple[int, int, str]:
    """What differs when an entry does: it only grows, or is replaced by a text of its own."""
    return len(entry.parts), len(entry.parts[-1]) if entry.parts else 0, entry.note
