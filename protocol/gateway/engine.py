"""The one interface between the gateway and what answers behind it.

An engine turns a request into a stream of :data:`EngineEvent`. It knows nothing of sockets, lanes, response ids or
event framing; the gateway's response writer makes the protocol's events from what it yields, at the pace at which
it can be sent (a slow client is felt as a slow ``async for``). An engine is stopped by closing its iterator
(``aclose``), so it frees what it holds in ``finally``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from spark_tui.protocol.wire.updates import CallKind, Item, Usage


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One response to make: the request's fields, and ``input`` with the whole chain before it, oldest first."""

    response_id: str
    input: list[Item]
    instructions: str
    tools: list[Item]
    fields: dict[str, Any] = field(default_factory=dict)
    """The ``response.create`` as received, for fields that only some engines pass on."""

    @property
    def model(self) -> str:
        """The model's name as the client asked for it; empty when it did not."""
        return str(self.fields.get("model") or "")


@dataclass(frozen=True, slots=True)
class Text:
    """More of the message. Consecutive ones belong to one message item."""

    delta: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """More of the reasoning summary."""

    delta: str


@dataclass(frozen=True, slots=True)
class CallOpened:
    """A tool call begins; what :class:`CallInput` brings until the next event of another kind belongs to it."""

    call_id: str
    name: str
    kind: CallKind
    extra: Item = field(default_factory=dict)
    """Further fields of the item: the ``operation`` of a built-in ``apply_patch``, a ``namespace`` ..."""


@dataclass(frozen=True, slots=True)
class CallInput:
    """More of the open call's input."""

    delta: str


@dataclass(frozen=True, slots=True)
class ItemDone:
    """The open item is complete; without it an item ends where an event of another kind begins.

    ``item`` is the item as the upstream tells it, empty when it tells nothing: its fields replace what the deltas
    built. With no item open, or another type of item open, ``item`` is one that has no deltas (``compaction``,
    ``web_search_call`` ...) and passes as it is.
    """

    item: Item = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The upstream took the request. The response begins with this, or with the first event of its content."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end; ``incomplete`` names the reason when the answer was cut (``max_output_tokens`` ...)."""

    usage: Usage | None = None
    incomplete: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine could not answer; becomes ``response.failed``, or an ``error`` before anything was sent."""

    message: str
    code: str = "server_error"
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The upstream queues the request; becomes ``response.queued``."""


EngineEvent = Text | Reasoning | CallOpened | CallInput | ItemDone | Accepted | Waiting | Finished | Failed


class Engine(Protocol):
    """What stands behind the gateway."""

    name: str
    """As given to ``--engine``."""

    def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """Answer ``request``. The last event is :class:`Finished` or :class:`Failed`, unless it is closed first."""
        ...

    async def aclose(self) -> None:
        """Free what the engine holds. It is not used afterwards."""
        ...
