"""A turn on its way to the server, and what a lane needs of the connection for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, Protocol

from spark_tui.protocol.client.policy import ResendBudget, Timing
from spark_tui.protocol.profiles import Profile
from spark_tui.protocol.wire.lane import Cause
from spark_tui.protocol.wire.session import WireSession
from spark_tui.protocol.wire.updates import Ended, Item, Limits, TurnSettings, Update, Usage

OnUpdate = Callable[[Update], None]


class TurnStage(Enum):
    """Where a turn is on its way to the server."""

    WAITING = "waiting"
    DELAYED = "delayed"
    SUBMITTED = "submitted"


@dataclass(slots=True)
class Turn:
    """One request of the program, with what is needed to send it again. A warm-up is one that nobody watches."""

    items: list[Item]
    settings: TurnSettings
    on_update: OnUpdate
    warms: bool = False
    stage: TurnStage = TurnStage.WAITING
    recorded: bool = False
    response_id: str = ""
    budget: ResendBudget = field(default_factory=ResendBudget)

    def ended(
        self,
        status: Literal["completed", "incomplete", "failed"],
        reason: str | None = None,
        code: str | None = None,
        *,
        usage: Usage | None = None,
        calls: tuple[str, ...] = (),
    ) -> Ended:
        """Return what to tell of the end of this turn."""
        return Ended(self.response_id, status, reason, code, usage, calls)


class Host(Protocol):
    """What a lane needs of the connection."""

    timing: Timing
    can_warm: bool
    """Whether the server takes warm-ups, as far as is known."""

    @property
    def profile(self) -> Profile: ...

    def session_to_send(self) -> WireSession | None:
        """Return the session if it can be sent on now; else the lane is told when it can be."""
        ...

    def transmit(self) -> None:
        """Send what the session has to send."""
        ...

    def drop(self, cause: Cause, detail: str) -> None:
        """Give the connection up at once and open another."""
        ...

    def warming(self) -> None:
        """A warm-up was sent."""
        ...

    def settled(self) -> None:
        """A turn or a warm-up is over."""
        ...

    def pending_limits(self) -> list[Limits]:
        """Return the limits that no turn has been told yet."""
        ...

    def pause_reading(self, name: str) -> None: ...

    def resume_reading(self, name: str) -> None: ...
