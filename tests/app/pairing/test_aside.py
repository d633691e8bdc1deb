"""A question beside the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from spark_tui.app.pairing.aside import ask_aside
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Ended, Item, MessageDone, TurnSettings, Update

SETTINGS = TurnSettings("some-model", "Say it.")


class SomeLane:
    """Answers with ``updates``; none: it never ends."""

    def __init__(self, *updates: Update, busy: bool = False) -> None:
        self.history = History([{"type": "message"}])
        self.is_between_turns = not busy
        self.sent: list[Item] = []
        self.stopped = False
        self._updates = updates

    def send(self, items: list[Item], settings: TurnSettings, on_update: Callable[[Update], None]) -> None:
        assert self.history.items == []
        self.sent += items
        for update in self._updates:
            on_update(update)

    def stop(self) -> None:
        self.stopped = True


async def test_the_answer_is_the_text_of_its_messages() -> None:
    lane = SomeLane(MessageDone("m1", "Fix it"), Ended("r", "completed", None, None, None))
    assert await ask_aside(lane, SETTINGS, "diff") == "Fix it"
    assert lane.sent[0]["content"][0]["text"] == "diff"


async def test_what_failed_is_no_answer() -> None:
    lane = SomeLane(MessageDone("m1", "Fi"), Ended("r", "failed", "busy", None, None))
    assert await ask_aside(lane, SETTINGS, "diff") == ""


async def test_a_busy_lane_is_not_asked() -> None:
    lane = SomeLane(busy=True)
    assert await ask_aside(lane, SETTINGS, "diff") == ""
    assert lane.sent == []


async def test_giving_up_stops_the_answer() -> None:
    lane = SomeLane()
    asking = asyncio.ensure_future(ask_aside(lane, SETTINGS, "diff"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert lane.stopped
