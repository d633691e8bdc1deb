"""When to try again, and how often: pure decisions, no clock and no socket."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from spark_tui.protocol.errors import ConnectionLost, HandshakeRefused, RequestFailed, WireError
from spark_tui.protocol.wire.frames import Failure
from spark_tui.protocol.wire.lane import Cause
from spark_tui.protocol.wire.limits import retry_delay

MAX_ATTEMPTS = 5
"""How often a request that a server failed for a passing reason is sent again by itself."""

_PASSING_STATUS = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))
_PASSING_CODES = frozenset(("rate_limit_exceeded", "server_error", "server_is_overloaded", "slow_down"))
_LASTING_CODES = frozenset(("insufficient_quota", "billing_hard_limit_reached", "usage_limit_reached"))
_LASTING_CLOSES = frozenset((1002, 1003, 1007, 1008, 1009, 1010))


def is_transient(error: WireError) -> bool:
    """Whether the same thing, tried again later, may succeed without the user's doing."""
    match error:
        case HandshakeRefused(status=status):
            return status in _PASSING_STATUS
        case ConnectionLost(code=code):
            return code not in _LASTING_CLOSES
        case RequestFailed(code=code, status=status):
            return code not in _LASTING_CODES and (code in _PASSING_CODES or status in _PASSING_STATUS)
        case _:
            return False


def backoff(
    *, first: float = 0.5, longest: float = 30.0, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Yield the delays before each try, in seconds: none at first, then doubling up to ``longest``.

    Each is shortened by up to a quarter, so that many clients do not return at once (protocol.md 1.7).
    """
    yield 0.0
    delay = first
    while True:
        yield delay * (1.0 - 0.25 * jitter())
        delay = min(longest, delay * 2)


def error_of(failure: Failure) -> RequestFailed:
    """Return ``failure`` as the exception that says the same."""
    return RequestFailed(failure.message, code=failure.code, status=failure.status)


@dataclass(slots=True)
class ResendBudget:
    """How much of resending one turn has used up."""

    causes: set[Cause] = field(default_factory=set)
    attempts: int = 0
    _delays: Iterator[float] = field(default_factory=backoff)

    def allow_resend(self, cause: Cause) -> bool:
        """Take one full resend for ``cause``; a turn has one for each, and no limit for the user's own doing."""
        if cause in self.causes:
            return False
        if cause is not Cause.STOPPED:
            self.causes.add(cause)
        return True

    def delay_after(self, failure: Failure, wall: float) -> float | None:
        """Take one more attempt after ``failure``, if it may pass; returns the delay before it, in seconds.

        ``None`` says not to try again. A forgotten conversation is sent again at once, one time; otherwise the
        delay is what the server told, or our own. ``wall`` is ``time.time()``.
        """
        if failure.code == "previous_response_not_found":
            return 0.0 if self.allow_resend(Cause.PARENT_FORGOTTEN) else None
        if not is_transient(error_of(failure)) or self.attempts >= MAX_ATTEMPTS:
            return None
        self.attempts += 1
        own = next(self._delays)
        told = retry_delay(failure.headers or {}, failure.message, wall)
        return own if told is None else told

    @property
    def used(self) -> int:
        """How often the turn was sent again."""
        return len(self.causes) + self.attempts


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of a connection, in seconds."""

    open: float = 10.0
    """How long opening may take."""
    fall_back_after: float = 2.0
    """After how much waiting for a WebSocket the same server is used over HTTP."""
    reach: float = 0.8
    """How long a bare TCP connection may take that tells a blocked WebSocket from a network that is down."""
    upgrade_again: float = 15.0
    """After how long a WebSocket is tried again behind HTTP; twice as long each time, up to 20 times as long."""
    keepalive: float = 20.0
    """How often a connection is pinged."""
    answer: float = 20.0
    """How long a ping may stay unanswered."""
    probe_after: float = 30.0
    """After how much silence a ping must be answered before something is sent."""
    probe: float = 3.0
    """How long that ping may take."""
    rotate_after: float = 55 * 60.0
    """After how long a connection is replaced, between turns; servers end it at 60 minutes."""
    interrupt: float = 2.0
    """How long a server may take to stop a response before the connection is dropped instead."""
    steer: float = 5.0
    """How long a finished response waits for the answer to a steer."""
