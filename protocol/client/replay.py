"""A recording played to a client: what the server said comes as it came, as soon as the client says what it said.

What the user did is told as :data:`Cue` to whoever plays the user. The client, the lanes and everything behind them
are the real ones; only the server, the network and the user are from the tape.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.client.recording import TERMINALS, Record
from spark_tui.protocol.client.transport import Transport
from spark_tui.protocol.errors import ConnectionLost
from spark_tui.protocol.wire.frames import decode_event, encode_frame

LONGEST_THOUGHT = 1.5
"""Seconds at most that the user of a recording takes to think, at its own speed."""


@dataclass(frozen=True, slots=True)
class Say:
    """The user sent ``text``."""

    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The user stopped the answer."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """The program tried again what had failed; whatever it waits for is over."""


@dataclass(frozen=True, slots=True)
class Over:
    """There is nothing left on the tape."""


Cue = Say | Stop | GoOn | Over


class Replay:
    """Plays ``records``; ``speed`` 2 is twice as fast, 0 does not wait. ``on_cue`` is set before it is dialled."""

    def __init__(self, records: Sequence[Record], *, speed: float = 1.0) -> None:
        self.on_cue: Callable[[Cue], None] = _ignore
        self._records = records
        self._speed = speed
        self._at = 0
        self._open: set[str | None] = set()
        self._said: list[str] = []
        self._from_client: deque[str] = deque()
        self._made_up: deque[str] = deque()
        self._sent = asyncio.Event()
        self._zero: tuple[float, float] | None = None
        self._latest = 0.0
        self._warm_ups = 0

    @property
    def model(self) -> str:
        """The model that was recorded; empty when the tape names none."""
        return next((str(record.event["model"]) for record in self._records if record.event.get("model")), "")

    def used(self, kind: str) -> bool:
        """Whether the program sent an event of ``kind``."""
        return any(record.sent and record.kind == kind for record in self._records)

    async def dial(self, endpoint: Endpoint, timing: Timing) -> Transport:
        """Go on where the tape is; a :data:`~spark_tui.protocol.client.transport.Dial`."""
        self._from_client.clear()
        self._made_up.clear()
        return _ReplayTransport(self)

    def take(self, frame: str) -> None:
        """The client sent ``frame``."""
        event = decode_event(frame)
        kind = event.type if event is not None else ""
        if kind == "response.create" and '"generate":false' in frame:
            self._answer_warm_up(event.stream_id if event is not None else None)
        else:
            self._from_client.append(kind)
        self._sent.set()

    async def next_frame(self) -> str:
        """The server's next frame. Raises :class:`ConnectionLost` where the recorded connection broke."""
        while True:
            if self._made_up:
                return self._made_up.popleft()
            if self._at >= len(self._records):
                self._tell_over()
                await self._wait_for_client()
                continue
            record = self._records[self._at]
            if record.sent:
                await self._pass(record)
                continue
            await self._pace(record.at)
            self._at += 1
            self._follow(record)
            return encode_frame(record.event)

    def _tell_over(self) -> None:
        if self._at == len(self._records):
            self._at += 1
            self._cue(Over())

    async def _pass(self, record: Record) -> None:
        """Go past what the program sent, once it has sent the same again."""
        if record.kind in self._from_client:
            while self._from_client.popleft() != record.kind:
                pass
            self._at += 1
            self._zero = None
            return
        cue = self._cue_of(record)
        if isinstance(cue, Say | Stop):
            await self._think(record.at)
        if cue is not None:
            self._cue(cue)
        await self._wait_for_client()

    def _cue(self, cue: Cue) -> None:
        # Not from within: the client is reading, and must be back from it before it is told anything.
        asyncio.get_running_loop().call_soon(self.on_cue, cue)

    def _cue_of(self, record: Record) -> Cue | None:
        """What makes the program send ``record`` again; ``None`` when it does so by itself."""
        if record.kind == "response.interrupt":
            return Stop()
        if record.kind == "response.steer":
            return self._say(record.user_texts())
        texts = record.user_texts()
        if texts and texts != self._said:
            return self._say(texts)
        if self._open:
            self._open.clear()
            raise ConnectionLost("the connection broke here when this was recorded")
        return GoOn()

    def _say(self, texts: list[str]) -> Cue | None:
        if self._said == texts:
            return None
        self._said = texts
        return Say(texts[-1])

    def _follow(self, record: Record) -> None:
        if record.kind == "response.created":
            self._open.add(record.lane)
        elif record.kind in TERMINALS:
            self._open.discard(record.lane)
        if record.kind in ("response.completed", "response.incomplete"):
            self._said = []

    async def _wait_for_client(self) -> None:
        await self._sent.wait()
        self._sent.clear()

    async def _pace(self, at: float) -> None:
        """Wait until a frame of time ``at`` is due."""
        clock = asyncio.get_running_loop().time
        self._latest = at
        if self._zero is None:
            self._zero = (clock(), at)
        began, first = self._zero
        ahead = began + (at - first) / self._speed - clock() if self._speed else 0.0
        if ahead > 0:
            await asyncio.sleep(ahead)

    async def _think(self, at: float) -> None:
        """Wait as long as the user did, within reason."""
        if self._speed:
            await asyncio.sleep(min(max(0.0, at - self._latest), LONGEST_THOUGHT) / self._speed)

    def _answer_warm_up(self, lane: str | None) -> None:
        self._warm_ups += 1
        at = {"stream_id": lane} if lane is not None else {}
        response: dict[str, Any] = {"id": f"warm_{self._warm_ups}", "status": "in_progress", "output": []}
        self._made_up.append(encode_frame({"type": "response.created", "response": response, **at}))
        done = {**response, "status": "completed"}
        self._made_up.append(encode_frame({"type": "response.completed", "response": done, **at}))


class _ReplayTransport:
    """One recorded connection after another, for a client."""

    note = "a recording is played; nothing is sent or written"
    superseded: asyncio.Event | None = None

    def __init__(self, replay: Replay) -> None:
        self.headers: Mapping[str, str] = {}
        self._replay = replay
        self._aborted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def receive(self) -> str | bytes:
        frame = asyncio.ensure_future(self._replay.next_frame())
        try:
            waited: set[asyncio.Future[Any]] = {frame, self._aborted}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if self._aborted.done():
                raise ConnectionLost("the connection was lost")
            return frame.result()
        finally:
            frame.cancel()

    async def send(self, frame: str) -> None:
        self._replay.take(frame)

    async def ping(self) -> None:
        return None

    def abort(self) -> None:
        if not self._aborted.done():
            self._aborted.set_result(None)


def _ignore(cue: Cue) -> None:
    """Nobody plays the user."""
