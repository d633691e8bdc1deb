"""The way to the model: the built-in engine, a local server behind the gateway, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from spark_tui.app.local_servers import LocalServer
from spark_tui.app.model_link import OFFLINE_MODEL, ModelLink
from spark_tui.app.remembered import Remembered
from spark_tui.app.settings import Settings
from spark_tui.protocol.client.replay import Replay
from spark_tui.protocol.profiles import Steering
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import Ended, LinkChanged, LinkState, TextDelta, TurnSettings, Update
from tests.doubles.fake_upstream import sse, upstream

CHAT = sse(
    {"choices": [{"delta": {"content": "I am local."}}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    "[DONE]",
)


class Told:
    """What the link tells, waited for."""

    def __init__(self, link: ModelLink) -> None:
        self.link = link
        self.updates: list[Update] = []
        self.ended = asyncio.Event()

    async def say(self, text: str) -> str:
        """Send ``text`` and return what was answered."""
        self.updates.clear()
        self.ended.clear()
        settings = TurnSettings(self.link.endpoint.model, "")
        self.link.client.lane("main").send([user_message(text)], settings, self._on_update)
        await self.ended.wait()
        return "".join(update.text for update in self.updates if isinstance(update, TextDelta))

    def _on_update(self, update: Update) -> None:
        self.updates.append(update)
        if isinstance(update, Ended):
            self.ended.set()


async def test_a_local_server_takes_over_and_gives_back(tmp_path: Path) -> None:
    complaints: list[str] = []
    links: list[LinkChanged] = []
    link = ModelLink(
        Settings(rate=0),
        Remembered(tmp_path / "remembered.json"),
        on_link=links.append,
        notify=lambda line, severity: complaints.append(line),
    )
    told = Told(link)
    await link.start()
    try:
        assert "rename" in await told.say("what can you do?")
        async with upstream([CHAT]) as server:
            link.use_local(LocalServer("Ollama", server.url, ("qwen3-coder",)))
            assert link.endpoint.model == "qwen3-coder"
            assert link.endpoint.profile.steering is Steering.STEER
            assert await told.say("hello") == "I am local."
            assert server.requests[0]["model"] == "qwen3-coder"
        link.use_local(None)
        assert link.endpoint.model == OFFLINE_MODEL
        assert "rename" in await told.say("what can you do?")
    finally:
        await link.aclose()
    assert complaints == []
    assert LinkState.OFFLINE not in [change.state for change in links]


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
async def test_a_local_server_may_take_over_while_the_gateway_starts(tmp_path: Path, turns: int) -> None:
    remembered = Remembered(tmp_path / "remembered.json")
    link = ModelLink(Settings(rate=0), remembered, on_link=lambda change: None, notify=lambda *_: None)
    starting = asyncio.create_task(link.start())
    try:
        async with upstream([CHAT]) as server:
            for _ in range(turns):
                await asyncio.sleep(0)
            link.use_local(LocalServer("Ollama", server.url, ("qwen3-coder",)))
            await starting
            assert await Told(link).say("hello") == "I am local."
    finally:
        await link.aclose()


async def test_a_configured_endpoint_trusts_its_bundle_and_starts_no_gateway(tmp_path: Path) -> None:
    settings = Settings(base_url="https://model.test/v1", api_key="sk-x", model="m", ca_bundle="/some/bundle.pem")
    link = ModelLink(settings, Remembered(tmp_path / "r"), on_link=lambda change: None, notify=lambda *_: None)
    assert link.endpoint.ca_bundle == "/some/bundle.pem"
    assert not link.takes_local
    await link.aclose()


async def test_a_replay_needs_no_network(tmp_path: Path) -> None:
    link = ModelLink(
        Settings(),
        Remembered(tmp_path / "r"),
        on_link=lambda change: None,
        notify=lambda *_: None,
        replay=Replay([]),
    )
    assert not link.takes_local
    assert link.endpoint.profile.steering is Steering.NONE
    await link.aclose()
