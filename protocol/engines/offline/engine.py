"""The offline engine behind the gateway: answers as a model does, as a stream of small pieces at a settable pace."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator

from spark_tui.protocol.engines.offline.compaction import pack
from spark_tui.protocol.engines.offline.dialogue import kept_of, read_dialogue
from spark_tui.protocol.engines.offline.planner import next_step
from spark_tui.protocol.engines.offline.toolset import PATCH_TOOL, Toolset
from spark_tui.protocol.gateway.engine import (
    CallInput,
    CallOpened,
    EngineEvent,
    EngineRequest,
    Finished,
    ItemDone,
    Text,
)
from spark_tui.protocol.wire.updates import CallKind, Usage

DEFAULT_RATE = 1200.0
"""Tokens a second."""

BREATH = 64
"""Pieces after which other work gets a chance when there is no limit."""

_PIECE = re.compile(r"\s?\w{1,6}|\s+|[^\w\s]{1,3}")


class OfflineEngine:
    """``rate`` is in tokens a second, 0 for as fast as they are taken. Raises :exc:`ValueError` below 0."""

    name = "offline"

    def __init__(self, rate: float = DEFAULT_RATE) -> None:
        if rate < 0:
            raise ValueError("the rate is a number of tokens a second, 0 for no limit")
        self._rate = rate

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """Answer ``request``; reading the chain and lexing files happen off the event loop."""
        tools = Toolset.of(request.tools)
        if request.input and request.input[-1].get("type") == "compaction_trigger":
            kept = await asyncio.to_thread(lambda: kept_of(read_dialogue(request.input, tools)))
            yield ItemDone({"type": "compaction", "encrypted_content": pack(kept)})
            yield Finished(Usage(input_tokens=_tokens_in(request)))
            return
        step = await asyncio.to_thread(lambda: next_step(read_dialogue(request.input, tools), tools))
        pace = _Pace(self._rate)
        written = 0
        for piece in pieces(step.words):
            await pace.wait()
            written += 1
            yield Text(piece)
        for ask in step.asks:
            yield CallOpened(_call_id(), ask.name, CallKind.FUNCTION)
            for piece in pieces(ask.arguments):
                await pace.wait()
                written += 1
                yield CallInput(piece)
        for patch in step.patches:
            assert tools.patching is not None
            yield CallOpened(_call_id(), PATCH_TOOL, tools.patching)
            for piece in pieces(tools.patch_input(patch)):
                await pace.wait()
                written += 1
                yield CallInput(piece)
        yield Finished(Usage(input_tokens=_tokens_in(request), output_tokens=written))

    async def aclose(self) -> None:
        """Nothing is held."""


def pieces(text: str) -> Iterator[str]:
    """Cut ``text`` into token-sized pieces; joined they are ``text`` again."""
    return (found[0] for found in _PIECE.finditer(text))


class _Pace:
    """Lets one piece through each time it is due."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._start = time.monotonic()
        self._count = 0

    async def wait(self) -> None:
        self._count += 1
        if self._rate == 0:
            if self._count % BREATH == 0:
                await asyncio.sleep(0)
            return
        due = self._start + self._count / self._rate - time.monotonic()
        if due > 0:
            await asyncio.sleep(due)


def _tokens_in(request: EngineRequest) -> int:
    """About as many as a model would count."""
    return (len(json.dumps(request.input)) + len(request.instructions)) // 4


def _call_id() -> str:
    return "call_" + secrets.token_hex(12)
