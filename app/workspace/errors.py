"""The exceptions of ``spark_tui.app.workspace``'s reading and writing.

Each carries one clear line for a person, safe to print.

::

    WorkspaceError
    ├── PathRefused      the path may not be read or written
    ├── WriteConflict    a file is no longer what the write was made for
    ├── WriteFailed      the system would not do it
    └── Locked           another program is writing here
"""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.widgets.safe_text import safe_line


class WorkspaceError(Exception):
    """Base of all errors of reading and writing the work tree."""


class PathRefused(WorkspaceError):
    """``path`` (as the caller named it) may not be used; ``reason`` is a clause without the path."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{safe_line(path)}: {reason}")
        self.path = path
        self.reason = reason


class WriteConflict(WorkspaceError):
    """Nothing was written, since the files ``paths`` are not what the write expected: someone edited them.

    ``kept`` names copies, below the state directory, of edits that could not go back into their file.
    """

    def __init__(self, paths: Sequence[str], kept: Sequence[str] = ()) -> None:
        line = f"{_listed(paths)} changed in the meantime: nothing was written, look at the new content and try again"
        if kept:
            line += f" (edits that were overtaken are kept in {_listed(kept)})"
        super().__init__(line)
        self.paths = tuple(paths)
        self.kept = tuple(kept)


class WriteFailed(WorkspaceError):
    """The system refused a step. The message says what is true of the files now and what to do next."""


class Locked(WorkspaceError):
    """Another program held the lock for the whole wait; ``holder`` is what it wrote of itself."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"{safe_line(holder)} is writing to this work tree: nothing was written, try again")
        self.holder = holder


def _listed(paths: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(safe_line(path) for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"
