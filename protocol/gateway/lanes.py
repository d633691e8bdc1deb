"""The lanes of one connection: names, order within a lane, and how many responses may run at once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from spark_tui.protocol.gateway.chain import Chain, StoredResponse, extend
from spark_tui.protocol.gateway.engine import EngineRequest
from spark_tui.protocol.gateway.refusal import Refusal
from spark_tui.protocol.gateway.requests import CreateRequest
from spark_tui.protocol.gateway.response import ResponseWriter
from spark_tui.protocol.gateway.steering import SteerQueue

MAX_NAMES = 32
"""Distinct lane names of a connection, ever; the default lane is not counted."""

MAX_QUEUED = 256
"""Creates that may wait on one connection; more are refused with 429 when their turn comes."""


@dataclass(eq=False, repr=False, slots=True)
class Run:
    """One response from its turn on the lane to its end."""

    lane: Lane
    request: CreateRequest
    engine_request: EngineRequest
    chain: Chain
    parent: StoredResponse | None
    writer: ResponseWriter
    steers: SteerQueue
    carried: SteerQueue | None = None
    """Steers of the parent that this response commits when it is created."""
    automatic: bool = False
    """Made by a steer, with no create of the client behind it."""

    def chain_with_output(self) -> Chain:
        """The chain with what the response gave. An unfinished call is left out: nobody can answer it."""
        output = [
            item
            for item in self.writer.output
            if not (str(item.get("type")).endswith("_call") and item.get("status") == "incomplete")
        ]
        return extend(self.chain, output, from_client=False)


@dataclass(eq=False, repr=False, slots=True)
class Lane:
    """Responses of one name, one after another; ``name`` is ``None`` for the default lane."""

    name: str | None
    run: Run | None = None
    queue: deque[dict[str, Any] | Refusal] = field(default_factory=deque)
    waiting_steers: tuple[str, SteerQueue] | None = None
    """A response that ended with open calls, and the steers that go before their results."""


class Lanes:
    """All lanes of one connection."""

    def __init__(self) -> None:
        self._by_name: dict[str | None, Lane] = {None: Lane(None)}
        self._queued = 0

    def named(self, name: str | None) -> Lane:
        """The lane. Raises :class:`Refusal` ``websocket_stream_limit_reached`` for the 33rd name."""
        lane = self._by_name.get(name)
        if lane is None:
            if len(self._by_name) > MAX_NAMES:
                raise Refusal(
                    f"This connection has {MAX_NAMES} stream ids already; reuse one or open another connection.",
                    code="websocket_stream_limit_reached",
                    param="stream_id",
                )
            lane = self._by_name[name] = Lane(name)
        return lane

    def put(self, lane: Lane, event: dict[str, Any]) -> None:
        """Queue a create on its lane. One too many keeps its place, as the refusal that it will get there."""
        if self._queued < MAX_QUEUED:
            lane.queue.append(event)
        else:
            message = f"{MAX_QUEUED} requests wait on this connection already; wait for one to end."
            lane.queue.append(Refusal(message, code="rate_limit_exceeded", status=429))
        self._queued += 1

    def take(self, lane: Lane) -> dict[str, Any] | Refusal:
        """The next create of ``lane``."""
        self._queued -= 1
        return lane.queue.popleft()
