"""A client with everything it told written down, for tests that drive it against a scripted server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.lane import Lane
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.profiles import Profile
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import Ended, Item, LinkChanged, LinkState, TextDelta, TurnSettings, Update

SETTINGS = TurnSettings("test-model", "be brief")
KEY = "sk-test-0123456789"
T = TypeVar("T")


class Recorder:
    """What a client and its lanes told, and ways to wait for it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.updates: list[Update] = []
        self.links: list[LinkChanged] = []
        self._changed = asyncio.Event()

    def on_update(self, update: Update) -> None:
        self.updates.append(update)
        self._changed.set()

    def on_link(self, change: LinkChanged) -> None:
        self.links.append(change)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once ``condition`` holds; looked at after each thing told, and now and then."""
        async with asyncio.timeout(8):
            while not condition():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.01):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    def of(self, kind: type[T]) -> list[T]:
        """Return the updates of one kind."""
        return [update for update in self.updates if isinstance(update, kind)]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.of(TextDelta))

    async def link(self, state: LinkState) -> None:
        await self.until(lambda: self.client.link is state)

    async def ended(self, count: int = 1) -> Ended:
        """Return the ``count``-th end, when it has come."""
        await self.until(lambda: len(self.of(Ended)) >= count)
        return self.of(Ended)[count - 1]

    def say(self, text: str, lane: Lane | None = None, settings: TurnSettings = SETTINGS) -> Lane:
        """Send a message of the user on ``lane``, by default the one called ``main``."""
        lane = lane or self.client.lane("main")
        lane.send([user_message(text)], settings, self.on_update)
        return lane

    def reply(self, items: list[Item]) -> None:
        """Send the results of calls on the lane called ``main``."""
        self.client.lane("main").send(items, SETTINGS, self.on_update)


@asynccontextmanager
async def recording_client(
    base_url: str, *, timing: Timing | None = None, tape: Tape | None = None, **profile: Any
) -> AsyncIterator[Recorder]:
    """Start a client of ``base_url`` whose profile has the fields ``profile``; it is closed in the end."""
    endpoint = Endpoint(base_url, KEY, "test-model", replace(Profile(), **profile))
    recorder: Recorder
    client = Client(endpoint, on_link=lambda change: recorder.on_link(change), tape=tape, timing=timing)
    recorder = Recorder(client)
    await client.start()
    try:
        yield recorder
    finally:
        await client.aclose()
