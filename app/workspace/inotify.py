"""Linux's ``inotify``: one queue of what happens in folders that are named one by one.

watchfiles walks a whole tree, ignored folders included, before it answers, and holds the interpreter's lock all the
while: 0.7 s for 22,000 folders. Here each folder is a system call of its own, the lock is free during it, and the
caller says which folders there are.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
from collections.abc import Iterator
from contextlib import suppress
from enum import IntFlag
from typing import NamedTuple


class Mask(IntFlag):
    """What happened; the bits are those of ``sys/inotify.h``."""

    MODIFY = 0x2
    ATTRIB = 0x4
    CLOSE_WRITE = 0x8
    MOVED_FROM = 0x40
    MOVED_TO = 0x80
    CREATE = 0x100
    DELETE = 0x200
    OVERFLOW = 0x4000
    IGNORED = 0x8000
    ONLY_FOLDERS = 0x1000000
    DONT_FOLLOW = 0x2000000
    FOLDER = 0x40000000


CHANGES = Mask.MODIFY | Mask.ATTRIB | Mask.CLOSE_WRITE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.CREATE | Mask.DELETE
_ADDED = int(CHANGES | Mask.ONLY_FOLDERS | Mask.DONT_FOLLOW)
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 16


class Happened(NamedTuple):
    """``path`` is the file or folder that it happened to, below one that is watched; empty for an overflow."""

    mask: int
    path: str


class Inotify:
    """One queue. Raises :exc:`OSError` where the system has no more of them; use it in one thread."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise _error()
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._folders: dict[int, str] = {}

    def close(self) -> None:
        """Watch nothing more."""
        with suppress(OSError):
            os.close(self._descriptor)

    def add(self, folder: str) -> None:
        """Watch ``folder``, but not those in it. Raises :exc:`OSError`, as for one that is gone or closed to us."""
        number = self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _ADDED)
        if number < 0:
            raise _error()
        self._folders[number] = folder

    def drop(self, folder: str) -> None:
        """Watch ``folder`` no more, nor any below it."""
        below = f"{folder}/"
        for number in [number for number, name in self._folders.items() if f"{name}/".startswith(below)]:
            self._libc.inotify_rm_watch(self._descriptor, number)
            del self._folders[number]

    @property
    def folders(self) -> frozenset[str]:
        """What is watched."""
        return frozenset(self._folders.values())

    def read(self, timeout: float) -> list[Happened]:
        """What happened since the last call, in order; waits up to ``timeout`` seconds for something."""
        if not self._poll.poll(timeout * 1000):
            return []
        try:
            data = os.read(self._descriptor, _BUFFER)
        except BlockingIOError:
            return []
        return list(self._parse(data))

    def _parse(self, data: bytes) -> Iterator[Happened]:
        at = 0
        while at < len(data):
            number, mask, _, length = _HEAD.unpack_from(data, at)
            start = at + _HEAD.size
            at = start + length
            if mask & Mask.OVERFLOW:
                yield Happened(mask, "")
            elif mask & Mask.IGNORED:
                self._folders.pop(number, None)
            elif (folder := self._folders.get(number)) is not None and length:
                name = data[start:at].rstrip(b"\0")
                yield Happened(mask, f"{folder}/{os.fsdecode(name)}")


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
