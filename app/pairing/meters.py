"""The figures of the status line that the session knows: speed, tokens, limits, and what is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from spark_tui.app.pairing.speed import SpeedMeter
from spark_tui.protocol.wire.updates import Limits, Usage


@dataclass(slots=True)
class Waiting:
    """Why nothing comes: ``reason`` is one line, ``until`` is when it is tried again (monotonic seconds).

    ``limited``: it is a rate limit that ends then.
    """

    reason: str
    since: float
    until: float | None = None
    limited: bool = False


@dataclass(slots=True)
class Meters:
    """What was measured of the turn, and what the server last told; ``None`` and empty until then."""

    speed: SpeedMeter | None = None
    usage: Usage | None = None
    limits: dict[tuple[str, str], Limits] = field(default_factory=dict)
    waiting: Waiting | None = None
    clock: Callable[[], float] = time.monotonic

    def turn_began(self) -> None:
        """A message of the user's goes out: the turn is measured from here."""
        self.speed = SpeedMeter(self.clock())

    def response_started(self) -> None:
        """The server has taken the request up."""
        self.waiting = None
        if self.speed is not None:
            self.speed.response_started(self.clock())

    def wrote(self, characters: int) -> None:
        """The model wrote so much more."""
        self.waiting = None
        if self.speed is not None:
            self.speed.wrote(characters, self.clock())

    def held_up(self, reason: str, until: float | None = None, *, limited: bool = False) -> None:
        """Nothing comes now; see :class:`Waiting`."""
        self.waiting = Waiting(reason, self.clock(), until, limited)

    def limits_told(self, limits: Limits) -> None:
        """The server said how much is left of one limit."""
        self.limits[limits.owner, limits.name] = limits

    def response_ended(self, usage: Usage | None) -> None:
        """The answer is over; ``usage`` is what the server counted, if it did."""
        self.waiting = None
        if usage is not None:
            self.usage = usage
            if self.speed is not None:
                self.speed.counted(usage.output_tokens)
