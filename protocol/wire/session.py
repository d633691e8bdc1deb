"""One connection's worth of the protocol, without I/O.

Frames go in by :meth:`WireSession.receive`, frames to send come out of :meth:`WireSession.data_to_send`. Nothing
survives the connection here: what does is the program's ``History`` of each lane.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Sequence
from enum import Enum

from spark_tui.protocol.errors import WireError
from spark_tui.protocol.wire.frames import ServerEvent, decode_event, encode_frame, failure_of, text_field
from spark_tui.protocol.wire.lane import Cause, Hangup, LaneEvent, Phase, WireLane
from spark_tui.protocol.wire.limits import limits_from_event, limits_from_headers
from spark_tui.protocol.wire.updates import Item

MAX_LANES = 32
"""Distinct names that a connection may ever use (protocol.md 4.3)."""
MAX_ACTIVE = 16
"""Responses that run at once on a connection (protocol.md 4.2)."""
CONNECTION = ""
"""The name under which events come that concern no lane in particular; also the default lane's."""

_LANE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}\Z")
_NOTHING: Sequence[tuple[str, LaneEvent]] = ()


class LaneSupport(Enum):
    """Whether the server keeps lanes apart, by echoing ``stream_id``."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


def checked_lane_name(name: str) -> str:
    """Return ``name``, or raise :class:`WireError` when it cannot name a lane. Empty is the default lane."""
    if name and not _LANE_NAME.match(name):
        raise WireError(f"{name!r} cannot name a lane: use 1 to 256 of A-Z a-z 0-9 _ - .")
    return name


class WireSession:
    """The lanes of one connection.

    Until the server has echoed a ``stream_id``, and for good when it does not, one response runs at a time: its
    events could not be told from another's.
    """

    def __init__(self, *, lanes: bool = True) -> None:
        self.support = LaneSupport.UNKNOWN if lanes else LaneSupport.NO
        self._lanes: dict[str, WireLane] = {}
        self._waiting: deque[tuple[str, Item]] = deque()
        self._outgoing: list[Item] = []
        self._latest: WireLane | None = None

    def lane(self, name: str) -> WireLane:
        """Return the lane called ``name``; raises :class:`WireError` for the 33rd name or an unusable one."""
        lane = self._lanes.get(name)
        if lane is None:
            if name and sum(1 for known in self._lanes if known) >= MAX_LANES:
                raise WireError(f"a connection has at most {MAX_LANES} lanes; reuse one of them")
            lane = self._lanes[checked_lane_name(name)] = WireLane(name, self._outgoing)
        return lane

    @property
    def active(self) -> int:
        """How many lanes have a response under way."""
        return sum(lane.phase is not Phase.IDLE for lane in self._lanes.values())

    def submit(self, name: str, frame: Item) -> None:
        """Send ``frame``, a ``response.create``, on lane ``name``, in its turn."""
        self.lane(name)
        self._waiting.append((name, frame))
        self._send_waiting()

    def withdraw(self, name: str) -> bool:
        """Forget what waits on lane ``name`` and was not sent; returns whether there was anything."""
        kept = deque(entry for entry in self._waiting if entry[0] != name)
        withdrawn = len(kept) != len(self._waiting)
        self._waiting = kept
        return withdrawn

    def give_up_steers(self, name: str, reason: str) -> Sequence[LaneEvent]:
        """Stop waiting for the answers to the steers of lane ``name``, which may end its response."""
        told = self.lane(name).give_up_steers(reason)
        self._send_waiting()
        return told

    @property
    def has_data_to_send(self) -> bool:
        """Whether :meth:`data_to_send` would return anything."""
        return bool(self._outgoing)

    def data_to_send(self) -> list[str]:
        """Return the frames to send now, in order. They are returned once."""
        frames = [encode_frame(event) for event in self._outgoing]
        self._outgoing.clear()
        return frames

    def receive(self, frame: str | bytes) -> Sequence[tuple[str, LaneEvent]]:
        """Take one frame and return what it tells, each with its lane. Never raises."""
        event = decode_event(frame)
        if event is None:
            return _NOTHING
        if event.type in _RARE:
            return self._receive_rare(event)
        lane = self._lane_of(event)
        return self._deliver(lane, event) if lane is not None else _NOTHING

    def _deliver(self, lane: WireLane, event: ServerEvent) -> Sequence[tuple[str, LaneEvent]]:
        told = lane.receive(event)
        if not told:
            return _NOTHING
        if lane.phase is Phase.IDLE:
            self._send_waiting()
        name = lane.name
        return [(name, each) for each in told]

    def _lane_of(self, event: ServerEvent) -> WireLane | None:
        if event.stream_id is not None:
            lane = self._lanes.get(event.stream_id)
            if lane is not None and self.support is LaneSupport.UNKNOWN:
                self.support = LaneSupport.YES
            return lane
        if self.support is LaneSupport.YES:
            return self._lanes.get(CONNECTION)
        latest = self._latest
        if self.support is LaneSupport.UNKNOWN and latest is not None and latest.name:
            self.support = LaneSupport.NO
        return latest

    def _receive_rare(self, event: ServerEvent) -> Sequence[tuple[str, LaneEvent]]:
        """Take an event that may concern the connection, or does not say which lane it is about."""
        now, wall = time.monotonic(), time.time()
        if event.type == "codex.rate_limits":
            found = limits_from_event(event.rate_limits or {}, now, wall, event.limit_name or "")
            return [(CONNECTION, limits) for limits in found]
        if event.type != "error":
            lane = self._steered_lane(event)
            return self._deliver(lane, event) if lane is not None else _NOTHING
        failure = failure_of(event)
        if failure.code == "websocket_connection_limit_reached":
            return [(CONNECTION, Hangup(Cause.EXPIRED, failure.message))]
        told: list[tuple[str, LaneEvent]] = [
            (CONNECTION, limits) for limits in limits_from_headers(failure.headers or {}, now, wall)
        ]
        lane = self._lanes.get(event.stream_id) if event.stream_id is not None else self._blamed_lane()
        if lane is not None:
            told.extend(self._deliver(lane, event))
        return told

    def _steered_lane(self, event: ServerEvent) -> WireLane | None:
        """Return the lane that a steer event is about: a refusal of an unknown response names no lane."""
        if event.stream_id is not None:
            return self._lanes.get(event.stream_id)
        parent_id = text_field(event.steer, "previous_response_id")
        steered = [lane for lane in self._lanes.values() if lane.steers]
        return next((lane for lane in steered if lane.steers.concern(parent_id)), steered[0] if steered else None)

    def _blamed_lane(self) -> WireLane | None:
        """Return the lane that an error without a name is most likely about.

        The server answers what it cannot route without a name: the newest thing said to it. Requests that are
        still unanswered come first, then steers and interrupts, then a response that runs alone.
        """
        for phase in (Phase.SENT, Phase.STOPPING):
            for lane in self._lanes.values():
                if lane.phase is phase:
                    return lane
        for lane in self._lanes.values():
            if lane.steers.unanswered:
                return lane
        busy = [lane for lane in self._lanes.values() if lane.phase is not Phase.IDLE]
        return busy[0] if len(busy) == 1 else None

    def _send_waiting(self) -> None:
        """Send what waits, oldest first, as far as its lane and the connection are free."""
        blocked: set[str] = set()
        for _ in range(len(self._waiting)):
            name, frame = self._waiting.popleft()
            lane = self._lanes[name]
            limit = MAX_ACTIVE if self.support is LaneSupport.YES else 1
            if name in blocked or lane.phase is not Phase.IDLE or self.active >= limit:
                blocked.add(name)
                self._waiting.append((name, frame))
                continue
            if name and self.support is not LaneSupport.NO:
                frame = {**frame, "stream_id": name}
            lane.create(frame)
            self._latest = lane


_RARE = frozenset(
    ("error", "codex.rate_limits", "response.steer.accepted", "response.steer.pending", "response.steer.failed")
)
