"""A recording as an engine: the responses of a tape, replayed one after another.

A tape holds one JSON object a line: ``t`` in seconds, ``dir`` ``in`` for frames of the server, and the ``frame``,
as text or as an object.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spark_tui.protocol.engines.responses_stream import ResponsesTranslator
from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.gateway import json_text
from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest, Failed

TERMINALS = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})


@dataclass(slots=True)
class Take:
    """One recorded response: its events, each with its time in seconds."""

    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    @property
    def is_warmup(self) -> bool:
        """Whether there is nothing to see: the gateway answers warm-ups by itself."""
        kinds = {event.get("type") for _, event in self.events}
        return kinds <= {"response.created", "response.in_progress", "response.completed"} and not any(
            (event.get("response") or {}).get("output") for _, event in self.events
        )


class TapeEngine:
    """Answers each request with the tape's next response."""

    name = "tape"

    def __init__(self, takes: list[Take], *, speed: float = 1.0) -> None:
        self._takes = takes
        self._speed = speed
        self._next = 0

    @classmethod
    def open(cls, path: Path, *, speed: float = 1.0) -> TapeEngine:
        """Read a recording; ``speed`` 2 is twice as fast, 0 does not wait. Raises :class:`ProtocolError`."""
        try:
            with path.open("rb") as lines:
                takes = read_takes(lines)
        except OSError as error:
            raise ProtocolError(f"Cannot read the tape {path}: {error.strerror}.") from None
        except ValueError as error:
            raise ProtocolError(f"{path} is not a tape: {error}.") from None
        return cls(takes, speed=speed)

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """See :class:`~spark_tui.protocol.gateway.engine.Engine`."""
        if self._next >= len(self._takes):
            yield Failed("The tape holds no further response.", code="tape_ended", status=400)
            return
        take = self._takes[self._next]
        self._next += 1
        translator = ResponsesTranslator()
        clock = asyncio.get_running_loop().time
        begin, first = clock(), take.events[0][0]
        for at, recorded in take.events:
            if self._speed and (ahead := begin + (at - first) / self._speed - clock()) > 0:
                await asyncio.sleep(ahead)
            for event in translator.feed(recorded):
                yield event
        if not translator.ended:
            yield translator.cut()

    async def aclose(self) -> None:
        """Nothing to free."""


def read_takes(lines: Iterable[bytes]) -> list[Take]:
    """The responses of a tape, warm-ups left out, in the order in which they began.

    Raises :class:`ValueError` that names the line at fault. A last line that was cut off is passed over.
    """
    takes: list[Take] = []
    running: dict[Any, Take] = {}
    broken: int | None = None
    for number, line in enumerate(lines, 1):
        if broken is not None:
            raise ValueError(f"line {broken} is not a recorded frame")
        try:
            at, event = _server_event(line)
        except (ValueError, KeyError, TypeError, AttributeError):
            broken = number
            continue
        if event is None:
            continue
        lane = event.get("stream_id")
        if event.get("type") == "response.created" or (event.get("type") == "error" and lane not in running):
            takes.append(running.setdefault(lane, Take()))
        if lane in running:
            running[lane].events.append((at, event))
            if event.get("type") in TERMINALS:
                del running[lane]
    if broken == 1:
        raise ValueError("line 1 is not a recorded frame")
    return [take for take in takes if not take.is_warmup]


def _server_event(line: bytes) -> tuple[float, dict[str, Any] | None]:
    """Time and event of a line; no event for what the client sent, and for a frame that was no event."""
    record = json_text.decode(line)
    at, frame = float(record["t"]), record["frame"]
    if record["dir"] != "in":
        return at, None
    if isinstance(frame, str):
        try:
            frame = json_text.decode(frame.encode())
        except ValueError:
            return at, None
    return at, frame if isinstance(frame, dict) else None
