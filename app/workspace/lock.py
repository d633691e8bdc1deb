"""One writer at a time: a lock that the kernel frees when its holder dies, and that names the holder."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spark_tui.app.workspace.errors import Locked

WAIT = 1.0
"""How long to wait for another writer, in seconds; a transaction takes a fraction of it."""

_POLL = 0.01
_LONGEST_HOLDER = 200


@contextmanager
def write_lock(path: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock file ``path`` (made if need be, never removed); raise :exc:`Locked` after ``wait`` seconds.

    It excludes other processes and other threads alike. Raises :exc:`OSError` where the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _acquire(descriptor, time.monotonic() + wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"spark-tui (process {os.getpid()})".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                raise
        if time.monotonic() >= deadline:
            text = os.pread(descriptor, _LONGEST_HOLDER, 0).decode("utf-8", "replace")
            raise Locked(text.strip() or "another program")
        time.sleep(_POLL)
