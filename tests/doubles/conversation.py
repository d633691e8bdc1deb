"""The model's side of a conversation, played by a test on its own event loop; a story has it on another thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from tests.doubles.scripted_server import Json, Peer, custom_call

PATCH = """*** Begin Patch
*** Update File: a.py
@@
-b = 2
+b = 3
*** End Patch
"""


class Conversation:
    """Answers warm-ups; every other event of the client waits in ``asked`` for the test, which says the rest."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[Json] = asyncio.Queue()
        self.peer: Peer | None = None

    async def script(self, peer: Peer) -> None:
        """Answer warm-ups; hand every other event to the test."""
        self.peer = peer
        while True:
            event = await peer.next()
            if event.get("generate") is False:
                await peer.created("warm")
                await peer.ended("warm", [])
            else:
                self.asked.put_nowait(event)

    async def begin(self, response_id: str = "r1", words: str = "I begin.") -> Json:
        """Take what the client asks next and begin to answer it."""
        asked = await self.asked.get()
        await self.answer(response_id, words)
        return asked

    async def answer(self, response_id: str, words: str) -> None:
        """Begin an answer to what was taken before."""
        assert self.peer is not None
        await self.peer.created(response_id)
        await self.peer.delta(words, f"msg_{response_id}")

    async def steered(self, response_id: str, successor_id: str, words: str) -> None:
        """Accept a steer of an answer, end that where it is, and begin the one that takes its place."""
        assert self.peer is not None
        await self.peer.send("response.steer.accepted", steer={"id": "s1", "previous_response_id": response_id})
        await self.peer.ended(response_id, [], status="incomplete", incomplete_details={"reason": "steered"})
        await self.answer(successor_id, words)

    async def flood(self, texts: Iterable[str], response_id: str = "r1") -> None:
        """Send more of the message of an answer, one delta after the other."""
        assert self.peer is not None
        for text in texts:
            await self.peer.delta(text, f"msg_{response_id}")

    async def call(self, name: str, arguments: Json, response_id: str = "r1") -> None:
        """Send a whole function call, and end the answer."""
        assert self.peer is not None
        text = json.dumps(arguments)
        ids = {"id": f"fc_{response_id}", "call_id": f"call_{response_id}"}
        call = {"type": "function_call", "name": name, "arguments": text, **ids}
        await self.peer.send("response.output_item.added", item={**call, "arguments": ""}, output_index=1)
        await self.peer.item(call, 1)
        await self.peer.ended(response_id, [call])

    async def begin_patch(self, text: str, response_id: str = "r1") -> None:
        """Send the beginning of a patch."""
        assert self.peer is not None
        call = custom_call(f"call_{response_id}", "apply_patch", "")
        await self.peer.send("response.output_item.added", item=call, output_index=1)
        await self.peer.send("response.custom_tool_call_input.delta", item_id=call["id"], output_index=1, delta=text)

    async def patch(self, response_id: str = "r1", text: str = PATCH) -> None:
        """Send a whole patch, and end the answer."""
        assert self.peer is not None
        call = custom_call(f"call_{response_id}", "apply_patch", text)
        await self.begin_patch(text, response_id)
        await self.peer.item(call, 1)
        await self.peer.ended(response_id, [call])

    async def end(self, response_id: str = "r1") -> None:
        assert self.peer is not None
        await self.peer.ended(response_id, [])

    async def fail(self, response_id: str = "r1") -> None:
        assert self.peer is not None
        await self.peer.ended(
            response_id, [], status="failed", error={"code": "invalid_prompt", "message": "refused"}
        )
