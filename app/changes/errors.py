"""The exceptions of the change set; ``str()`` of each is one clear line for a person.

::

    ChangeError
    ├── UnknownHunk       there is no hunk of that id
    ├── IllegalStep       the hunk's state does not allow it
    └── PlanRefused       some of the hunks cannot be accepted or undone as they stand
"""

from __future__ import annotations


class ChangeError(Exception):
    """Base of all errors of this package."""


class UnknownHunk(ChangeError):
    """No hunk of the change set has the id ``hunk_id``."""

    def __init__(self, hunk_id: str) -> None:
        super().__init__(f"there is no hunk {hunk_id}")
        self.hunk_id = hunk_id


class IllegalStep(ChangeError):
    """A hunk was asked for something that its state does not allow."""


class PlanRefused(ChangeError):
    """Nothing of a plan may be done; ``reasons`` maps each hunk that stands in the way to one line."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("; ".join(f"{hunk_id}: {reason}" for hunk_id, reason in reasons.items()))
        self.reasons = reasons
