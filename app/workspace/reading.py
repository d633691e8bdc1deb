"""Reading a file of the work tree as it is now, whatever it is."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from spark_tui.app.workspace.beneath import Location, OpenTree
from spark_tui.app.workspace.errors import PathRefused
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.guard import check_path

MAX_BYTES = 8 * 1024 * 1024
"""The largest file that is edited or shown to a model."""

LARGE_BYTES = 256 * 1024
"""From this size on the lines of a file take so long to be cut that a frame would be late."""

FRAME_TIME = 0.01
"""Seconds in which a frame is drawn."""


def read_snapshot(root: Path, path: str) -> FileSnapshot:
    """Read ``path`` below ``root``; it never raises and never waits for anyone but the disk.

    ``path`` may be as a model wrote it; the snapshot's is normalised unless it was refused. A link that stays inside
    the tree is read through. Where there is no file, ``data`` is ``None`` and nothing is refused. A path that may
    not be read, a directory, a device, a FIFO, a file that is too large, binary (it has a NUL) or not UTF-8 gives a
    snapshot with its ``refusal``.
    """
    try:
        normalised = check_path(path, root)
        with OpenTree(root) as tree:
            location = tree.locate(normalised)
            if location.status is None:
                return FileSnapshot(normalised, None)
            data, status = read_located(tree, location, normalised)
    except PathRefused as refused:
        return FileSnapshot(path, None, refusal=refused.reason)
    except OSError as error:
        return FileSnapshot(path, None, refusal=f"cannot be read: {error.strerror}")
    return FileSnapshot(normalised, data, stat.S_IMODE(status.st_mode), _unfit(data))


def cut_behind_frame(snapshot: FileSnapshot) -> FileSnapshot:
    """Cut the lines of ``snapshot``, in a thread, and return it; of a large file once a frame had its time.

    Cutting holds the interpreter's lock, and what was written meanwhile for that file waits to be drawn for the first
    time.
    """
    if snapshot.data is not None and len(snapshot.data) >= LARGE_BYTES:
        time.sleep(FRAME_TIME)
    return snapshot.cut()


def read_located(
    tree: OpenTree, location: Location, path: str, most: int = MAX_BYTES
) -> tuple[bytes, os.stat_result]:
    """The bytes of a file that was found, and its status; any bytes will do.

    Raises :exc:`PathRefused` where it is not (or no longer) a regular file or larger than ``most`` bytes, and
    :exc:`OSError` where the system refuses.
    """
    descriptor = tree.open_file(location)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise PathRefused(path, "is not a regular file")
        data = _read_at_most(descriptor, most + 1)
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise PathRefused(path, f"larger than {most // 1024 // 1024} MiB")
    return data, status


def _read_at_most(descriptor: int, most: int) -> bytes:
    """What an opened regular file holds from here on, at most ``most`` bytes."""
    pieces: list[bytes] = []
    while most > 0 and (piece := os.read(descriptor, min(most, 1 << 20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _unfit(data: bytes) -> str | None:
    if b"\0" in data:
        return "a binary file: it has a NUL byte"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: the byte at offset {error.start} does not fit"
    return None
