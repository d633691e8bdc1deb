"""One line for the user, and how it is meant."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Severity(Enum):
    """How a notice is meant."""

    INFORMATION = "info"
    WARNING = "warning"
    ERROR = "error"


Notify = Callable[[str, Severity], None]
