"""The client: one connection that is kept open, and the lanes on it.

This is only the pump. What frames mean is decided in ``protocol/wire``, what becomes of a turn in ``lane.py``, and
when to try again in ``policy.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.lane import Lane
from spark_tui.protocol.client.policy import Timing, backoff, is_transient
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.client.transport import Dial, Transport, open_websocket
from spark_tui.protocol.errors import ConnectionLost, HandshakeRefused, WireError
from spark_tui.protocol.profiles import Profile
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.lane import Cause, Hangup
from spark_tui.protocol.wire.limits import limits_from_headers
from spark_tui.protocol.wire.link import LinkSignal, next_link_state
from spark_tui.protocol.wire.session import MAX_LANES, WireSession, checked_lane_name
from spark_tui.protocol.wire.updates import Limits, LinkChanged, LinkState

_FRAMES_PER_SLICE = 64
"""After how many frames the event loop gets a turn, when more are waiting."""
_TRIES_UNTIL_OFFLINE = 5


class Client:
    """A connection to ``endpoint`` that opens, warms and mends itself. Used on one event loop.

    ``on_link`` is called on that loop with each change of state. ``tape`` records every frame; it is closed with
    the client. ``dial`` opens the transport.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        on_link: Callable[[LinkChanged], None],
        tape: Tape | None = None,
        timing: Timing | None = None,
        dial: Dial = open_websocket,
    ) -> None:
        self.endpoint = endpoint
        self.timing = timing or Timing()
        self.can_warm = True
        self.link = LinkState.CONNECTING
        self._on_link = on_link
        self._told_link: LinkChanged | None = None
        self._tape = tape
        self._dial = dial
        self._lanes: dict[str, Lane] = {}
        self._limits: dict[tuple[str, str], Limits] = {}
        self._task: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._session: WireSession | None = None
        self._transport: Transport | None = None
        self._opened_at = 0.0
        self._heard_at = 0.0
        self._superseded = False
        self._to_send = asyncio.Event()
        self._wanted = asyncio.Event()
        self._paused: set[str] = set()
        self._readable = asyncio.Event()
        self._readable.set()
        if tape is not None and endpoint.api_key:
            tape.redact(endpoint.api_key)

    @property
    def profile(self) -> Profile:
        """What the model and its server can do."""
        return self.endpoint.profile

    async def start(self) -> None:
        """Begin to connect, in the background."""
        self._tell_link("")
        self._task = asyncio.create_task(self._run(), name="spark-tui connection")
        self._task.add_done_callback(_raise_unless_cancelled)

    def lane(self, name: str, history: History | None = None) -> Lane:
        """Return the lane called ``name``; it begins with ``history``, if it is new.

        Raises :class:`WireError` for a name that cannot be used, and for the 33rd.
        """
        lane = self._lanes.get(name)
        if lane is None:
            if len(self._lanes) >= MAX_LANES:
                raise WireError(f"a connection has at most {MAX_LANES} lanes; reuse one of them")
            lane = self._lanes[checked_lane_name(name)] = Lane(name, self, history)
        return lane

    def retarget(self, endpoint: Endpoint) -> None:
        """Use ``endpoint`` from the next connection on; whoever runs the server behind this one ends it."""
        self.endpoint = endpoint
        self.can_warm = True
        if self._tape is not None and endpoint.api_key:
            self._tape.redact(endpoint.api_key)

    def retry_now(self) -> None:
        """Try to connect now, whatever was waited for. Connected already, nothing happens."""
        self._wanted.set()

    async def aclose(self) -> None:
        """End the connection at once; turns that run are told nothing more."""
        for lane in self._lanes.values():
            lane.close()
        self._session = None
        tasks = [task for task in (self._probing, self._task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._tape is not None:
            self._tape.close()

    # What the lanes ask.

    def session_to_send(self) -> WireSession | None:
        if self._session is None:
            self._wanted.set()
            return None
        # Wall time, since it goes on while the machine sleeps: that is when sockets die unnoticed.
        silent = time.time() - self._heard_at > self.timing.probe_after
        if silent and self._probing is None and not self._paused:
            self._probing = asyncio.create_task(self._probe(self.timing.probe))
        return self._session if self._probing is None else None

    def transmit(self) -> None:
        self._to_send.set()

    def drop(self, cause: Cause, detail: str) -> None:
        session, transport = self._session, self._transport
        if session is None or transport is None:
            return
        self._session = self._transport = None
        transport.abort()
        self._signal(LinkSignal.LOST, detail)
        for lane in list(self._lanes.values()):
            lane.lost(session, cause, detail)

    def warming(self) -> None:
        self._signal(LinkSignal.WARMING)

    def settled(self) -> None:
        if self.link is LinkState.WARMING and not any(lane.is_warming for lane in self._lanes.values()):
            self._signal(LinkSignal.WARMED)
        self._rotate_if_due()

    def pending_limits(self) -> list[Limits]:
        limits = list(self._limits.values())
        self._limits.clear()
        return limits

    def pause_reading(self, name: str) -> None:
        self._paused.add(name)
        self._readable.clear()

    def resume_reading(self, name: str) -> None:
        self._paused.discard(name)
        if not self._paused:
            self._readable.set()

    # The pump.

    async def _run(self) -> None:
        delays, tries = backoff(), 0
        while True:
            try:
                await self._sleep_unless_wanted(next(delays))
                transport = await self._dial(self.endpoint, self.timing)
                if await self._serve(transport):
                    delays, tries = backoff(), 0
            except WireError as error:
                tries += 1
                if is_transient(error):
                    delays = self._postpone(error, delays, tries)
                else:
                    await self._wait_for_the_user(error)
                    delays, tries = backoff(), 0

    async def _serve(self, transport: Transport) -> bool:
        """Use ``transport`` until it ends; returns whether it was of use, so that the next try needs no delay.

        Raises :class:`WireError` when the server closed it for a reason that a new one does not mend.
        """
        session = WireSession(lanes=self.profile.lanes)
        self._session, self._transport = session, transport
        self._opened_at = time.monotonic()
        opened_at = self._heard_at = time.time()
        self._superseded = False
        background = [asyncio.create_task(self._write(transport, session)), asyncio.create_task(self._keep_alive())]
        if transport.superseded is not None:
            background.append(asyncio.create_task(self._await_better(transport.superseded)))
        try:
            self._take_limits(limits_from_headers(transport.headers, time.monotonic(), time.time()))
            self._opened()
            await self._read(transport, session)
        except ConnectionLost as error:
            if self._session is session:
                self.drop(Cause.LOST, str(error))
                if not is_transient(error):
                    raise
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            transport.abort()
        return self._heard_at > opened_at or self._superseded

    async def _read(self, transport: Transport, session: WireSession) -> None:
        lanes, tape, receive = self._lanes, self._tape, session.receive
        taken = 0
        while True:
            frame = await transport.receive()
            self._heard_at = time.time()
            if tape is not None:
                tape.received(frame)
            for name, event in receive(frame):
                if self._session is not session:
                    return
                if isinstance(event, Hangup):
                    self.drop(event.cause, event.detail)
                elif isinstance(event, Limits):
                    self._take_limits([event])
                else:
                    lanes[name].deliver(event)
            if self._session is not session:
                return
            if session.has_data_to_send:
                self._to_send.set()
            taken += 1
            if taken % _FRAMES_PER_SLICE == 0:
                await asyncio.sleep(0)
            if self._paused:
                await self._readable.wait()

    async def _write(self, transport: Transport, session: WireSession) -> None:
        with contextlib.suppress(ConnectionLost):  # the reader sees it too, with the reason
            while True:
                await self._to_send.wait()
                self._to_send.clear()
                for frame in session.data_to_send():
                    if self._tape is not None:
                        self._tape.sent(frame)
                    await transport.send(frame)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self.timing.keepalive)
            self._rotate_if_due()
            if not self._paused and self._probing is None:
                await self._ping(self.timing.answer)

    async def _await_better(self, superseded: asyncio.Event) -> None:
        await superseded.wait()
        self._superseded = True
        self._rotate_if_due()

    async def _probe(self, patience: float) -> None:
        await self._ping(patience)
        self._probing = None
        for lane in list(self._lanes.values()):
            lane.advance()

    async def _ping(self, patience: float) -> None:
        """Find out whether the server is there; if not, give the connection up."""
        transport = self._transport
        if transport is None:
            return
        try:
            async with asyncio.timeout(patience):
                await transport.ping()
            self._heard_at = time.time()
        except (TimeoutError, ConnectionLost):
            if self._transport is transport and not self._paused:  # paused, nobody reads the answer
                self.drop(Cause.LOST, "the server went silent")

    # The state.

    def _opened(self) -> None:
        """Let every lane send on the new session."""
        self.link = next_link_state(self.link, LinkSignal.OPENED)
        for lane in list(self._lanes.values()):
            lane.connected()
        self._tell_link("")

    def _postpone(self, error: WireError, delays: Iterator[float], tries: int) -> Iterator[float]:
        """Say when the next try is; returns the delays from there on."""
        told = error.retry_after if isinstance(error, HandshakeRefused) else None
        delay = next(delays) if told is None else told
        at = time.monotonic() + delay
        detail = f"{error}; trying again in {delay:.0f} s" if delay >= 1 else f"{error}; trying again"
        self._signal(LinkSignal.LOST if tries < _TRIES_UNTIL_OFFLINE else LinkSignal.UNREACHABLE, detail)
        for lane in list(self._lanes.values()):
            lane.postponed(error, at, tries)
        return _resumed(delay, delays)

    async def _wait_for_the_user(self, error: WireError) -> None:
        self._wanted.clear()
        self._signal(LinkSignal.REFUSED, str(error))
        for lane in list(self._lanes.values()):
            lane.refused(error)
        await self._wanted.wait()
        self._signal(LinkSignal.DIALLED)

    async def _sleep_unless_wanted(self, delay: float) -> None:
        """Wait ``delay`` seconds, or until a lane has something new to send."""
        self._wanted.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._wanted.wait()

    def _take_limits(self, limits: list[Limits]) -> None:
        running = [lane for lane in self._lanes.values() if lane.is_running]
        for each in limits:
            for lane in running:
                lane.deliver(each)
            if not running:
                self._limits[each.owner, each.name] = each

    def _rotate_if_due(self) -> None:
        due = self._superseded or time.monotonic() - self._opened_at >= self.timing.rotate_after
        if self._session is None or not due:
            return
        if all(lane.is_between_turns for lane in self._lanes.values()):
            self.drop(Cause.EXPIRED, "renewing the connection")

    def _signal(self, signal: LinkSignal, detail: str = "") -> None:
        self.link = next_link_state(self.link, signal)
        self._tell_link(detail)

    def _tell_link(self, detail: str) -> None:
        if not detail and self._transport is not None:
            detail = self._transport.note
        change = LinkChanged(self.link, detail)
        if change != self._told_link:
            self._told_link = change
            self._on_link(change)


def _resumed(first: float, rest: Iterator[float]) -> Iterator[float]:
    yield first
    yield from rest


def _raise_unless_cancelled(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.result()
