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
    """Keeps ``store`` up to date with what ``state`` returns and with ``transcript``; no store, nothing is saved.

    ``on_trouble`` gets one line when saving begins to fail; it is tried again with every further change.
    """

    def __init__(
        self,
        store: SessionStore | None,
        state: Callable[[], dict[str, Any]],
        transcript: Transcript,
        on_trouble: Callable[[str], None],
    ) -> None:
        self._store = store
        self._state = state
        self._transcript = transcript
        self._on_trouble = on_trouble
        self._saved = {entry.key: _mark(entry) for entry in transcript.entries}
        self._waiting: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._again = False
        self._failing = False
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
        if self._running is not None:
            await self._running
        changed = self._waiting is not None or self._again
        if self._waiting is not None:
            self._waiting.cancel()
        if changed or self._failing:
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

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            if not self._failing:
                self._failing = True
                self._on_trouble(f"this session is not saved: {error.strerror}; it is tried again as you go on")
        else:
            self._failing = False
            self._saved.update((entry.key, _mark(entry)) for entry in entries)

    def _changed_entries(self) -> list[Entry]:
        return [
            Entry(entry.key, entry.speaker, list(entry.parts), entry.note)
            for entry in self._transcript.entries
            if self._saved.get(entry.key) != _mark(entry)
        ]


def _mark(entry: Entry) -> tuple[int, str, str]:
    """What differs when an entry does: it only grows, or is replaced by a text of its own."""
    return len(entry.parts), entry.parts[-1] if entry.parts else "", entry.note
