"""What the operating system tells of a work tree and of its git directory, by way of a process of its own.

:mod:`~spark_tui.app.workspace.watch_process` watches, by watchfiles; this is the end that reads.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.paths import to_git
from spark_tui.app.workspace.watch_records import Batch, Began, RecordReader

COMMAND = (sys.executable, "-P", "-X", "utf8", "-m", "spark_tui.app.workspace.watch_process")
"""How the process is started. Names are UTF-8 to it, as they are to git, whatever the locale."""

TICK_MS = 100
"""Milliseconds after which the caller has its turn, also where nothing happens."""

PIECE = 1 << 14
"""Bytes read at once: a flood is taken in pieces of half a millisecond, between which the event loop has its turn."""


class WatchProcessDied(RuntimeError):
    """The process that watches ended by itself."""


def system_events(repository: Repository, stop: threading.Event) -> Iterator[Began | Batch]:
    """What changes, until ``stop``; blocks.

    A batch at least every :data:`TICK_MS`, empty when nothing happened. :class:`Began` is first, and comes again when
    some was missed. Raises :exc:`OSError` where the system cannot watch, and :exc:`WatchProcessDied`.
    """
    folders = [to_git(str(folder)) for folder in (repository.root, repository.git_dir, repository.common_dir)]
    process = start_process(folders)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield from _read(process.stdout.fileno(), stop)
    finally:
        process.terminate()
        process.stdin.close()
        process.stdout.close()
        process.wait()
    if not stop.is_set():
        raise WatchProcessDied


def start_process(folders: list[bytes]) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, where the terminal's keys do not reach it. Raises :exc:`OSError`."""
    return subprocess.Popen(
        [*COMMAND, *folders],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _read(descriptor: int, stop: threading.Event) -> Iterator[Began | Batch]:
    """What comes, until it ends."""
    reader = RecordReader()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while not stop.is_set():
        if not poll.poll(TICK_MS):
            yield set()
        elif data := os.read(descriptor, PIECE):
            yield from reader.feed(data)
        else:
            return
