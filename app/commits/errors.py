"""The exceptions of committing. ``str()`` of each is one clear line for a person.

::

    CommitError
    ├── CommitRefused     not begun: the choice or the repository's state does not allow it
    └── CommitFailed      git or a hook said no; nothing was committed, the index is as it was
"""

from __future__ import annotations


class CommitError(Exception):
    """Base of all errors of committing."""


class CommitRefused(CommitError):
    """Nothing was begun; the line says what to do first."""


class CommitFailed(CommitError):
    """``git commit`` ended with ``status``. What it and its hooks wrote has been streamed to the caller."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
