"""Each step of the way to the model, tried one after another: what `spark-tui doctor` prints.

A step that fails says what to do about it, and the steps that need it are skipped. The model is asked one short
question; nothing of the repository is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.fallback import is_upgrade_refused, open_http
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.client.route import Hop, first_hop
from spark_tui.protocol.client.transport import Transport, open_websocket
from spark_tui.protocol.errors import ConnectionLost, WireError
from spark_tui.protocol.tls import client_context
from spark_tui.protocol.wire.frames import ServerEvent, decode_event, encode_frame, failure_of
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import Item, TurnSettings

LANE = "doctor"
QUESTION = "Count from 1 to 50 in words, one number a line. Do nothing else."
REDIRECTION = "Stop counting and say: done."
TERMINALS = ("response.completed", "response.incomplete", "response.failed", "error")


class Verdict(Enum):
    """How a step went; ``SKIPPED`` was not needed or could not be tried."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was found out, how long it took in seconds, and for a failure what to do."""

    name: str
    verdict: Verdict
    detail: str = ""
    seconds: float | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each step may take, in seconds."""

    connect: float = 5.0
    answer: float = 60.0
    """Local servers load a model first."""
    steer: float = 5.0


class StepFailed(Exception):
    """A step failed; ``str()`` says how, ``remedy`` what to do."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


async def diagnose(endpoint: Endpoint, patience: Patience | None = None) -> AsyncGenerator[Step]:
    """Try the steps in order and give each as it is done."""
    async with contextlib.AsyncExitStack() as stack:
        examination = _Examination(endpoint, patience or Patience(), stack)
        failed = False
        for name, attempt in examination.steps:
            if failed:
                yield Step(name, Verdict.SKIPPED, "a step before it failed")
                continue
            step = await _timed(name, attempt)
            failed = step.verdict is Verdict.FAILED and not examination.has_another_way
            yield step


async def _timed(name: str, attempt: Callable[[], Awaitable[str | None]]) -> Step:
    began = time.monotonic()
    try:
        detail = await attempt()
    except StepFailed as failure:
        return Step(name, Verdict.FAILED, str(failure), time.monotonic() - began, failure.remedy)
    if detail is None:
        return Step(name, Verdict.SKIPPED, "not needed")
    return Step(name, Verdict.OK, detail, time.monotonic() - began)


class _Examination:
    """The steps, and what they pass on to each other."""

    def __init__(self, endpoint: Endpoint, patience: Patience, stack: contextlib.AsyncExitStack) -> None:
        self.steps: list[tuple[str, Callable[[], Awaitable[str | None]]]] = [
            ("DNS", self._resolve),
            ("TCP", self._connect),
            ("TLS", self._secure),
            ("WebSocket", self._upgrade),
            ("HTTP", self._fall_back),
            ("warm-up", self._warm_up),
            ("first token", self._first_token),
            ("lanes", self._lanes),
            ("steering", self._steer),
        ]
        self._endpoint = endpoint
        self._patience = patience
        self._stack = stack
        self._hop = Hop(endpoint.host, endpoint.port)
        self._transport: Transport | None = None
        self.has_another_way = False
        """Whether the step that failed last leaves another way to the server."""
        self._echoes_lane = False
        self._response_id = ""
        self._ended = False

    async def _resolve(self) -> str | None:
        try:
            self._hop = first_hop(self._endpoint)
        except WireError as error:
            raise StepFailed(str(error), "correct the URL, or unset it") from None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience.connect):
                found = await loop.getaddrinfo(self._hop.host, self._hop.port, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise StepFailed("the name service did not answer", "check the network") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise StepFailed(
                f"{self._hop.host}: {reason}", "check the base URL's host name, then the network"
            ) from None
        where = found[0][4][0]
        return f"{'proxy ' if self._hop.is_proxy else ''}{self._hop.host} is {where}"

    async def _connect(self) -> str | None:
        hop = self._hop
        try:
            async with asyncio.timeout(self._patience.connect):
                _, writer = await asyncio.open_connection(hop.host, hop.port)
        except TimeoutError:
            raise StepFailed(
                f"port {hop.port} does not answer", "check the firewall; HTTPS_PROXY may be needed"
            ) from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            remedy = "check the proxy" if hop.is_proxy else "check that the server runs, and the base URL's port"
            raise StepFailed(f"port {hop.port}: {reason}", remedy) from None
        writer.close()
        return f"port {hop.port} is open"

    async def _secure(self) -> str | None:
        if not self._endpoint.is_secure or self._hop.is_proxy:
            return None  # behind a proxy, TLS begins within the tunnel, with the upgrade
        try:
            context = await asyncio.to_thread(client_context, self._endpoint.ca_bundle)
            async with asyncio.timeout(self._patience.connect):
                _, writer = await asyncio.open_connection(self._hop.host, self._hop.port, ssl=context)
        except WireError as error:
            raise StepFailed(str(error), "correct ca_bundle or SPARK_TUI_CA_BUNDLE") from None
        except TimeoutError:
            raise StepFailed("no answer", "something on the way drops TLS; ask whoever runs the network") from None
        except OSError as error:
            raise StepFailed(
                getattr(error, "verify_message", "") or error.strerror or str(error),
                "set SPARK_TUI_CA_BUNDLE to the file of the authority that signs here; without TLS use http://",
            ) from None
        version = writer.get_extra_info("ssl_object").version()
        writer.transport.abort()
        return f"{version}, the certificate is trusted"

    async def _upgrade(self) -> str | None:
        try:
            self._transport = await open_websocket(self._endpoint, Timing(open=self._patience.connect))
        except WireError as error:
            # TCP and TLS work by now, so what is in the way may well be in the way of WebSockets only.
            self.has_another_way = is_upgrade_refused(error) or isinstance(error, ConnectionLost)
            remedy = "let WebSockets through; until then HTTP is used" if self.has_another_way else "do as it says"
            raise StepFailed(str(error), remedy) from None
        self._stack.callback(self._transport.abort)
        return "open"

    async def _fall_back(self) -> str | None:
        if self._transport is not None:
            return None
        self.has_another_way = False
        try:
            self._transport = await open_http(self._endpoint, Timing())
        except WireError as error:
            raise StepFailed(str(error), "check the base URL") from None
        self._stack.callback(self._transport.abort)
        return "used in place of the WebSocket"

    async def _warm_up(self) -> str | None:
        if not self._endpoint.profile.warmup:
            return None
        await self._create([], generate=False)
        event = await self._until(lambda event: event.type in TERMINALS)
        if event.type in ("error", "response.failed"):
            raise _refused(event)
        return "taken"

    async def _first_token(self) -> str | None:
        await self._create([user_message(QUESTION)])
        event = await self._until(lambda event: event.type.endswith(".delta") or event.type in TERMINALS)
        if event.type in ("error", "response.failed"):
            raise _refused(event)
        self._ended = event.type in TERMINALS
        return "the model answers"

    async def _lanes(self) -> str | None:
        return "supported" if self._echoes_lane else "not supported: answers come one after another"

    async def _steer(self) -> str | None:
        if self._ended or not self._response_id:
            return "not known: the answer was over too soon"
        frame = {"type": "response.steer", "previous_response_id": self._response_id, "input": REDIRECTION}
        await self._send(frame)
        try:
            async with asyncio.timeout(self._patience.steer):
                event = await self._until(
                    lambda event: event.type.startswith("response.steer.") or event.type in TERMINALS
                )
        except (TimeoutError, StepFailed):
            return "not supported: redirecting stops the answer and asks anew"
        if event.type == "response.steer.accepted":
            return "supported"
        if event.type in ("response.completed", "response.incomplete"):
            return "not known: the answer was over too soon"
        return "not supported: redirecting stops the answer and asks anew"

    # -- the wire ----------------------------------------------------------------------------------------------

    async def _create(self, items: list[Item], *, generate: bool = True) -> None:
        frame = History(items).request(TurnSettings(self._endpoint.model, ""), generate=generate)
        if self._endpoint.profile.lanes:
            frame["stream_id"] = LANE
        await self._send(frame)

    async def _send(self, frame: Item) -> None:
        assert self._transport is not None
        try:
            await self._transport.send(encode_frame(frame))
        except ConnectionLost as error:
            raise _lost(error) from None

    async def _until(self, condition: Callable[[ServerEvent], bool]) -> ServerEvent:
        assert self._transport is not None
        try:
            async with asyncio.timeout(self._patience.answer):
                while True:
                    event = decode_event(await self._transport.receive())
                    if event is None:
                        continue
                    self._echoes_lane |= event.stream_id == LANE
                    if event.type == "response.created" and event.response is not None:
                        self._response_id = str(event.response.get("id") or "")
                    if condition(event):
                        return event
        except TimeoutError:
            raise StepFailed(
                "no answer", "the server may be overloaded, or loading a model; try again later"
            ) from None
        except ConnectionLost as error:
            raise _lost(error) from None


def _lost(error: ConnectionLost) -> StepFailed:
    return StepFailed(str(error), "try again; if it stays so, check what the server logs")


def _refused(event: ServerEvent) -> StepFailed:
    failure = failure_of(event)
    match failure.status, failure.code:
        case 401 | 403, _:
            remedy = "check the API key (SPARK_TUI_API_KEY), and what it may use"
        case 404, _:
            remedy = "check the base URL and --model"
        case 429, _:
            remedy = "wait for the limit's end, or use another key"
        case _, "model_not_found":
            remedy = "check --model"
        case status, _ if status is not None and status >= 500:
            remedy = "try again later; if it stays so, check what the server logs"
        case _:
            remedy = "check --model and the base URL"
    return StepFailed(failure.message, remedy)


def as_json(endpoint: Endpoint, steps: list[Step]) -> str:
    """The steps as one JSON object; times in milliseconds."""
    table: dict[str, Any] = {
        "endpoint": endpoint.host,
        "model": endpoint.model,
        "ok": is_well(steps),
        "steps": [
            {
                "name": step.name,
                "verdict": step.verdict.value,
                "detail": step.detail,
                "ms": None if step.seconds is None else round(step.seconds * 1000, 1),
                "remedy": step.remedy,
            }
            for step in steps
        ],
    }
    return json.dumps(table, indent=2)


def is_well(steps: list[Step]) -> bool:
    """Whether nothing failed."""
    return all(step.verdict is not Verdict.FAILED for step in steps)
