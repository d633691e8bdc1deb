"""Saving a session as it happens, off the event loop, a few times a second at most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spark_tui.app.pairing.store import Passage, SessionStore
from spark_tui.app.pairing.transcript import Entry, Transcript

DELAY = 0.2
"""Seconds from a change to its save at least: what a kill can take back of what is only in memory."""

REST = 20
"""A save waits so many times as long as the one before kept the event loop: at most a twentieth goes to saving."""

WRITING_REST = 4
"""And so many times as long as it was written, off the loop: what is saved grows with the session."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """How much of an entry is in the store: so many ``characters``."""

    characters: int = 0
    note: str = ""
    replaced: int = 0


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
        self._saved = {
            entry.key: _Saved(len(entry.words), entry.note, entry.replaced) for entry in transcript.entries
        }
        self._waiting: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._again = False
        self._failing = False
        self._rest = 0.0

    def save_soon(self) -> None:
        """Something changed that should outlive a crash."""
        if self._store is None or self._waiting is not None:
            return
        if self._running is not None:
            self._again = True
            return
        self._waiting = asyncio.get_running_loop().call_later(max(DELAY, self._rest), self._begin)

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
        saved: dict[str, _Saved] = {}
        passages: list[Passage] = []
        for entry in self._transcript.entries:
            passage = _new_in(entry, self._saved.get(entry.key))
            if passage is not None:
                passages.append(passage)
                saved[entry.key] = _Saved(len(entry.words), entry.note, entry.replaced)
        self._rest = REST * (time.perf_counter() - begun)

        def write() -> None:
            begun = time.thread_time()
            store.append(passages)
            store.save_state(state)
            self._rest = max(self._rest, WRITING_REST * (time.thread_time() - begun))

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            if not self._failing:
                self._failing = True
                self._on_trouble(f"this session is not saved: {error.strerror}; it is tried again as you go on")
        else:
            self._failing = False
            self._saved |= saved


def _new_in(entry: Entry, saved: _Saved | None) -> Passage | None:
    """What of ``entry`` is not in the store; ``None``: nothing."""
    if saved is None or saved.replaced != entry.replaced:
        saved = _Saved(note=entry.note, replaced=entry.replaced)
    elif saved.characters == len(entry.words) and saved.note == entry.note:
        return None
    return Passage(entry.key, entry.speaker, saved.characters, entry.words.since(saved.characters), entry.note)
