"""What was found out or answered once and holds for every repository: one small JSON file in the state folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from pathlib import Path
from typing import Any

from spark_tui.app.settings import DIRS
from spark_tui.app.whole_file import write_whole

FILE = "remembered.json"
HTTP_PLACES = "http_only"
LOCAL_SERVERS = "local_servers"

_one_write = threading.Lock()


def remembered_path() -> Path:
    """Where the file is: in the platform's state folder."""
    return DIRS.user_state_path / FILE


class Remembered:
    """The file's contents, read when it is made. Damaged or missing, there is nothing; unwritable, it stays so.

    Changes are written in the background where an event loop runs, each over what the file holds by then, so that
    programs side by side do not undo each other's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table = _read(path)
        self._writing: set[asyncio.Future[None]] = set()

    def uses_http(self, place: str) -> bool:
        """Whether WebSockets to ``place`` (``host:port``) did not get through the last time."""
        return self._get(HTTP_PLACES, place) is True

    def set_uses_http(self, place: str, blocked: bool) -> None:
        """Remember whether WebSockets get through to ``place``."""
        self._set(HTTP_PLACES, place, True if blocked else None)

    def local_answer(self, base_url: str) -> bool | None:
        """Whether the user wants the local server at ``base_url``; ``None`` before that was answered."""
        answer = self._get(LOCAL_SERVERS, base_url)
        return answer if isinstance(answer, bool) else None

    def set_local_answer(self, base_url: str, wanted: bool) -> None:
        """Remember the user's answer."""
        self._set(LOCAL_SERVERS, base_url, wanted)

    async def settle(self) -> None:
        """Return when everything is written that will be."""
        await asyncio.gather(*self._writing)

    def _get(self, section: str, key: str) -> Any:
        table = self._table.get(section)
        return table.get(key) if isinstance(table, dict) else None

    def _set(self, section: str, key: str, value: bool | None) -> None:
        if self._get(section, key) == value:
            return
        _put(self._table, section, key, value)
        writing = asyncio.get_running_loop().run_in_executor(None, _write, self._path, section, key, value)
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)


def _read(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _put(table: dict[str, Any], section: str, key: str, value: bool | None) -> None:
    entries = table.get(section)
    if not isinstance(entries, dict):
        entries = table[section] = {}
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value


def _write(path: Path, section: str, key: str, value: bool | None) -> None:
    """Remembering is a convenience: where the folder cannot be written, the same is found out again."""
    with contextlib.suppress(OSError), _one_write:
        table = _read(path)
        _put(table, section, key, value)
        write_whole(path, json.dumps(table, indent=1) + "\n")
