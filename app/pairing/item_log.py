"""The items of a conversation on disk, in a file that grows by what is new.

A conversation is sent and saved as a whole, but mostly it grows: to write all of it with each change of a draft would
cost more the longer it is. ``history-N.jsonl`` holds one item a line. Who names the file says also how much of it
counts, so what a crash left behind that is nothing, and the next write cuts it off. A conversation that became
another one, since it was summed up, begins a new file; the old one stays until the new one is named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PATTERN = "history-*.jsonl"


class ItemLog:
    """The files in ``folder``. Every method blocks: call it off the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._size = 0
        self._items: list[Any] = []

    def write(self, items: Sequence[Any]) -> dict[str, Any]:
        """Let a file hold ``items`` (JSON data that nobody changes), and wait until the disk has it.

        Returns its name and size for :meth:`read`; what was returned before can still be read. Raises :exc:`OSError`;
        it can be called again then.
        """
        name, size, known = self._name, self._size, len(self._items)
        grew = len(items) >= known and all(old is new for old, new in zip(self._items, items, strict=False))
        if not name or not grew:
            name, size, known = f"history-{self._last_number() + 1}.jsonl", 0, 0
        if name != self._name or known < len(items):
            with (self._folder / name).open("ab") as file:
                file.truncate(size)
                for item in items[known:]:
                    size += file.write(json.dumps(item, separators=(",", ":")).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        self._name, self._size, self._items = name, size, list(items)
        return {"file": name, "size": size}

    def read(self, saved: Any) -> list[Any]:
        """Return the items of what :meth:`write` returned, and go on from there. Raises :exc:`OSError` where the file
        is not there or too short, :exc:`ValueError` for anything else than was written."""
        try:
            name, size = saved["file"], saved["size"]
            if Path(name).name != name:
                raise ValueError("not a name of a file")
            with (self._folder / name).open("rb") as file:
                data = file.read(size)
        except (KeyError, TypeError) as error:
            raise ValueError("not a conversation's file") from error
        if len(data) != size:
            raise OSError(f"{name} is not whole")
        items = [json.loads(line) for line in data.splitlines()]
        self._name, self._size, self._items = name, size, list(items)
        return items

    def drop_older(self) -> None:
        """Remove all files but the one that :meth:`write` named last. Raises :exc:`OSError`."""
        for path in self._folder.glob(PATTERN):
            if path.name != self._name:
                path.unlink(missing_ok=True)

    def _last_number(self) -> int:
        numbers = [path.stem.removeprefix("history-") for path in self._folder.glob(PATTERN)]
        return max((int(number) for number in numbers if number.isdecimal()), default=0)
