"""One question on a lane of its own, beside the conversation: what it says goes into no transcript and no history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from spark_tui.app.pairing.items import user_message
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Ended, Item, MessageDone, TurnSettings, Update


class AsideLane(Protocol):
    """What an aside needs of a lane of the connection (``spark_tui.protocol.client.lane``)."""

    history: History

    @property
    def is_between_turns(self) -> bool:
        """Whether nothing is being asked on it."""
        ...

    def send(self, items: list[Item], settings: TurnSettings, on_update: Callable[[Update], None]) -> None:
        """Ask for one response."""

    def stop(self) -> None:
        """End the running response."""


async def ask_aside(lane: AsideLane, settings: TurnSettings, question: str) -> str:
    """The answer's text; empty where there is none, or where the lane is still busy with another question."""
    if not lane.is_between_turns:
        return ""
    lane.history.replace([])
    said: dict[str, str] = {}
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def take(update: Update) -> None:
        match update:
            case MessageDone(item_id, text):
                said[item_id] = text
            case Ended() if not ended.done():
                ended.set_result(update.status == "completed")

    lane.send([user_message(question)], settings, take)
    try:
        return "".join(said.values()) if await ended else ""
    except asyncio.CancelledError:
        lane.stop()
        raise
