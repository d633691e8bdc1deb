"""The gateway as a child process: found where it was said to be, replaced, started again, and gone at the end."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from spark_tui.app.gateway_child import QUICK_DEATHS, GatewayChild
from tests.doubles.lane import once_round


class Watched:
    def __init__(self) -> None:
        self.deaths: asyncio.Queue[str] = asyncio.Queue()
        self.child = GatewayChild(["--engine", "offline"], self.deaths.put_nowait)

    async def answers(self, token: str | None = None) -> str:
        """The first event of an answer over the child's address."""
        address = self.child.address
        headers = {"Authorization": f"Bearer {address.token if token is None else token}"}
        async with connect(f"{address.base_url}/responses", additional_headers=headers) as socket:
            await socket.send(json.dumps({"type": "response.create", "model": "offline", "input": "hi"}))
            return str(json.loads(await socket.recv())["type"])

    async def until_another(self, pid: int | None) -> None:
        while self.child.pid in (None, pid):
            await once_round()


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    watched = Watched()
    await watched.child.start()
    yield watched
    await watched.child.aclose()


async def test_it_is_found_at_once_and_wants_its_token(watched: Watched) -> None:
    assert await watched.answers() == "response.created"
    with pytest.raises(InvalidStatus):
        await watched.answers("wrong")


async def test_it_is_not_there_when_it_was_closed() -> None:
    watched = Watched()
    await watched.child.start()
    pid = watched.child.pid
    assert pid is not None
    await watched.child.aclose()
    assert watched.child.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ConnectionRefusedError):
        await watched.answers()
    assert watched.deaths.empty()


@pytest.mark.parametrize("quick", [0.0, 60.0])
async def test_one_that_was_killed_is_started_again_on_the_same_address_however_young(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, quick: float
) -> None:
    monkeypatch.setattr("spark_tui.app.gateway_child.QUICK_DEATH", quick)
    pid = watched.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "started again" in await watched.deaths.get()
    assert await watched.answers() == "response.created"
    assert watched.child.pid != pid


async def test_one_that_is_killed_again_and_again_is_given_up(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_tui.app.gateway_child.QUICK_DEATH", 60.0)
    told: list[str] = []
    pid: int | None = None
    for _ in range(QUICK_DEATHS):
        await watched.until_another(pid)
        pid = watched.child.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        told.append(await watched.deaths.get())
    assert ["again" in line for line in told] == [True, True, False]
    assert "spark-tui serve" in told[-1]


async def test_one_that_cannot_be_started_again_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    pid = watched.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "started again" in await watched.deaths.get()
    assert "was not started again (Resource temporarily unavailable)" in await watched.deaths.get()


async def test_one_that_cannot_live_is_given_up_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.gateway_child.QUICK_DEATH", 60.0)
    watched = Watched()
    watched.child.replace(["--no-such-option"])
    await watched.child.start()
    told = await watched.deaths.get()
    assert "ended at once (exit 2)" in told
    assert "spark-tui serve" in told
    await watched.child.aclose()


async def test_other_arguments_take_its_place_without_a_word(watched: Watched) -> None:
    pid = watched.child.pid
    assert await watched.answers() == "response.created"
    watched.child.replace(["--engine", "offline", "--rate", "0"])
    await watched.until_another(pid)
    assert await watched.answers() == "response.created"
    assert watched.deaths.empty()
