"""What the operating system tells of a work tree and of its git directory, by absolute path.

On Linux each folder is watched by itself, by :mod:`~spark_tui.app.workspace.linux_events`. Elsewhere whole trees are,
by watchfiles; it is imported only there, since that takes long.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from enum import Enum

from spark_tui.app.workspace.git import Repository

QUIET_MS = 40
"""Milliseconds without a change after which what was seen is told; an editor saves in several writes."""

LONGEST_MS = 100
"""Milliseconds after which it is told although changes go on."""


class Change(Enum):
    """What happened to a path."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


def system_events(repository: Repository, stop: threading.Event) -> Iterator[set[tuple[Change, str]]]:
    """What changes from now on, until ``stop``; blocks.

    A set at least every :data:`LONGEST_MS`, empty when nothing happened; the first says that the watch is up. Raises
    :exc:`OSError` or :exc:`RuntimeError` where the system cannot watch.
    """
    if sys.platform == "linux":
        from spark_tui.app.workspace.linux_events import events
    else:
        from spark_tui.app.workspace.tree_events import events
    return events(repository, stop)
