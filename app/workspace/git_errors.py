"""The exceptions of working with git. ``str()`` of each is one clear line for a person.

::

    GitError
    ├── NotARepository     the folder is not inside a work tree that can be edited
    ├── GitUnavailable     git is not installed, or is too old
    ├── GitTimeout         a git process did not end in time and was stopped
    └── GitFailed          git said no; ``output`` holds all that it said
"""

from __future__ import annotations


class GitError(Exception):
    """Base of all errors of talking with git."""


class NotARepository(GitError):
    """The folder is no work tree: no repository, a bare one, or a folder inside ``.git``."""


class GitUnavailable(GitError):
    """There is no git that can be used."""


class GitTimeout(GitError):
    """A git process took longer than it was given; it and its children were stopped."""


class GitFailed(GitError):
    """git ended with ``status``; ``output`` is what it wrote on stderr, not made safe for the screen."""

    def __init__(self, message: str, *, status: int, output: str) -> None:
        super().__init__(message)
        self.status = status
        self.output = output
