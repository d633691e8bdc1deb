"""A conversation on disk, so that a killed program goes on where it was.

One folder a session under ``<git-dir>/spark-tui/sessions``: ``transcript.jsonl`` only grows, by one line for what is
new in an entry (``at`` is the character that its ``text`` begins at; without it, 0: a new text for the whole entry);
``state.json`` is replaced whole (change set, undo records, draft), and names the file that holds the conversation,
which only grows too (:mod:`spark_tui.app.pairing.item_log`).
A folder is held by a kernel lock while its session runs, so that a second program takes another one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from spark_tui.app.pairing.item_log import PATTERN, ItemLog
from spark_tui.app.pairing.transcript import Entry, Speaker
from spark_tui.protocol.growing_text import GrowingText

FORMAT = 1
SESSIONS = "sessions"
STATE = "state.json"
TRANSCRIPT = "transcript.jsonl"
LOCK = "lock"
DEPTH = 3
"""How deep the state is written piece by piece: each file of the change set."""

KEPT_SESSIONS = 50
"""Older sessions than these are removed when a new one begins."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is new in the entry ``key``: ``text`` from its character ``at`` on, in place of what stood there."""

    key: str
    speaker: Speaker
    at: int
    text: str
    note: str = ""


class SessionStore:
    """One session's folder, held until :meth:`close`. Every method blocks: call it off the event loop."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock
        self._items = ItemLog(folder)

    @classmethod
    def create(cls, state_dir: Path) -> SessionStore:
        """Begin a new session under ``state_dir``. Raises :exc:`OSError` where nothing can be written there."""
        sessions = state_dir / SESSIONS
        sessions.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        for number in range(1000):
            folder = sessions / (stamp if number == 0 else f"{stamp}-{number:03}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                store = cls(folder, _take_lock(folder))
                _prune(sessions)
                return store
        raise OSError(f"no free session name in {sessions}")

    @classmethod
    def latest(cls, state_dir: Path) -> SessionStore | None:
        """Take up the newest session that no running program holds and that says anything; ``None`` without one."""
        for folder in _folders(state_dir / SESSIONS):
            if (folder / STATE).exists() or (folder / TRANSCRIPT).exists():
                try:
                    return cls(folder, _take_lock(folder))
                except OSError:
                    continue
        return None

    def close(self) -> None:
        """Let the session go; an empty one leaves nothing behind."""
        if not (self.folder / STATE).exists() and not (self.folder / TRANSCRIPT).exists():
            with contextlib.suppress(OSError):
                (self.folder / LOCK).unlink()
                self.folder.rmdir()
        os.close(self._lock)

    def save_state(self, state: dict[str, Any]) -> None:
        """Replace the saved state by ``state`` (plain JSON data), whole or not at all.

        Of ``history.items`` in it, which nobody changes, only what is new is written.
        """
        if "history" in state:
            state = {**state, "history": self._items.write(state["history"]["items"])}
        fresh = self.folder / (STATE + ".new")
        with fresh.open("w", encoding="utf-8", errors="surrogatepass") as file:
            file.writelines(_in_pieces({"format": FORMAT, **state}, DEPTH))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / STATE)
        self._items.drop_older()

    def load_state(self) -> dict[str, Any]:
        """Return what :meth:`save_state` saved last; empty where there is nothing, or nothing that can be read."""
        try:
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8", errors="surrogatepass"))
        except (OSError, ValueError):
            return {}
        if not isinstance(state, dict) or state.get("format") != FORMAT:
            return {}
        return self._with_items(state)

    def _with_items(self, state: dict[str, Any]) -> dict[str, Any]:
        """``state`` with its conversation, without one where that cannot be read."""
        saved = state.pop("history", None)
        if isinstance(saved, dict) and "items" in saved:  # as it was saved before there was a file of its own
            return {**state, "history": saved}
        with contextlib.suppress(OSError, ValueError):
            state["history"] = {"items": self._items.read(saved)}
        return state

    def append(self, passages: Iterable[Passage]) -> None:
        """Add ``passages``. Adding one again, after an error, changes nothing."""
        lines = "".join(json.dumps(_record(passage)) + "\n" for passage in passages)
        if lines:
            with (self.folder / TRANSCRIPT).open("a+b") as file:
                if _is_cut_short(file):
                    file.write(b"\n")
                file.write(lines.encode())

    def load_entries(self) -> list[Entry]:
        """Return the entries in order; a line that a crash cut short is left out."""
        entries: dict[str, Entry] = {}
        try:
            lines = (self.folder / TRANSCRIPT).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        for line in lines:
            try:
                passage = _passage(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            entry = entries.setdefault(passage.key, Entry(passage.key, passage.speaker))
            if passage.at < len(entry.words):
                entry.words = GrowingText(entry.text[: passage.at])
            entry.words.append(passage.text)
            entry.note = passage.note
        return list(entries.values())


def _in_pieces(value: Any, depth: int) -> Iterator[str]:
    """``value`` as JSON, what it holds down to ``depth`` one by one, since to make it takes the lock."""
    if depth and isinstance(value, dict):
        yield "{"
        for number, (key, inner) in enumerate(value.items()):
            yield f"{',' if number else ''}{json.dumps(key)}:"
            yield from _in_pieces(inner, depth - 1)
        yield "}"
    elif depth and isinstance(value, list):
        yield "["
        for number, inner in enumerate(value):
            yield "," if number else ""
            yield from _in_pieces(inner, depth - 1)
        yield "]"
    else:
        yield json.dumps(value, separators=(",", ":"))


def _record(passage: Passage) -> dict[str, Any]:
    at = {"at": passage.at} if passage.at else {}
    return {"key": passage.key, "speaker": passage.speaker.value, **at, "text": passage.text, "note": passage.note}


def _passage(record: Any) -> Passage:
    """What :func:`_record` made. Raises :exc:`ValueError`, :exc:`KeyError` or :exc:`TypeError` for anything else."""
    key, at, text, note = record["key"], record.get("at", 0), record["text"], record["note"]
    if not (isinstance(key, str) and isinstance(at, int) and isinstance(text, str) and isinstance(note, str)):
        raise TypeError("not a passage")
    return Passage(key, Speaker(record["speaker"]), max(at, 0), text, note)


def _is_cut_short(file: BinaryIO) -> bool:
    """Whether a crash or a full disk left a line without its end: what follows must not be part of it."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _take_lock(folder: Path) -> int:
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _folders(sessions: Path) -> list[Path]:
    """The session folders, newest first."""
    try:
        return sorted((path for path in sessions.iterdir() if path.is_dir()), reverse=True)
    except OSError:
        return []


def _prune(sessions: Path) -> None:
    for folder in _folders(sessions)[KEPT_SESSIONS:]:
        try:
            lock = _take_lock(folder)
        except OSError:
            continue
        for path in (*folder.glob(PATTERN), *(folder / name for name in (STATE, STATE + ".new", TRANSCRIPT, LOCK))):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
        os.close(lock)
