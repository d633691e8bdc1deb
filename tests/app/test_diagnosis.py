"""The doctor's steps against servers that fail at each of them."""

from __future__ import annotations

import socket

import pytest

from spark_tui.app.diagnosis import Patience, Step, Verdict, as_json, diagnose, is_well
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.profiles import Profile
from tests.doubles.http_responses import HttpResponses
from tests.doubles.scripted_server import Peer, Refusal, ScriptedServer

QUICK = Patience(connect=0.3, answer=2.0, steer=0.3)


async def examined(base_url: str, **profile: bool) -> dict[str, Step]:
    endpoint = Endpoint(base_url, "sk-test-0123456789", "test-model", Profile(**profile))  # type: ignore[arg-type]
    return {step.name: step async for step in diagnose(endpoint, QUICK)}


def failures(steps: dict[str, Step]) -> list[str]:
    return [name for name, step in steps.items() if step.verdict is Verdict.FAILED]


async def healthy(peer: Peer) -> None:
    warm = await peer.create()
    assert warm["generate"] is False
    await peer.created("r0", stream_id="doctor")
    await peer.ended("r0", [], stream_id="doctor")
    await peer.create()
    await peer.created("r1", stream_id="doctor")
    await peer.delta("one", stream_id="doctor")
    steer = await peer.next()
    assert steer["previous_response_id"] == "r1"
    steering = {"id": "s1", "previous_response_id": "r1"}
    await peer.send("response.steer.accepted", steer=steering, stream_id="doctor")


async def test_all_is_well() -> None:
    async with ScriptedServer(healthy) as server:
        steps = await examined(server.base_url)
    assert failures(steps) == []
    assert steps["TLS"].verdict is Verdict.SKIPPED
    assert steps["lanes"].detail == steps["steering"].detail == "supported"
    assert all(step.seconds is not None for step in steps.values() if step.verdict is Verdict.OK)
    assert is_well(list(steps.values()))


async def test_what_a_server_cannot_is_no_failure() -> None:
    async def simple(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r0", "")
        await peer.create()
        await peer.created("r1")
        await peer.delta("one")
        await peer.next()
        await peer.error(400, "invalid_event_type", "unknown event")

    async with ScriptedServer(simple) as server:
        steps = await examined(server.base_url)
    assert failures(steps) == []
    assert steps["lanes"].detail.startswith("not supported")
    assert steps["steering"].detail.startswith("not supported")


@pytest.mark.parametrize("upgrade", [426, 404, 403, None])
async def test_a_blocked_websocket_is_told_and_http_examined(upgrade: int | None) -> None:
    async with HttpResponses(upgrade) as server:
        steps = await examined(server.base_url)
    assert failures(steps) == ["WebSocket"]
    assert "HTTP is used" in steps["WebSocket"].remedy
    assert steps["first token"].verdict is Verdict.OK
    assert not is_well(list(steps.values()))


async def test_a_refused_key_ends_the_examination() -> None:
    async with ScriptedServer(Refusal(401)) as server:
        steps = await examined(server.base_url)
    assert failures(steps) == ["WebSocket"]
    assert "API key" in steps["WebSocket"].detail
    assert steps["warm-up"].verdict is Verdict.SKIPPED


async def test_a_port_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    steps = await examined(f"http://127.0.0.1:{port}/v1")
    assert failures(steps) == ["TCP"]
    assert steps["TCP"].detail == f"port {port}: Connection refused"
    assert steps["TCP"].remedy


async def test_a_name_that_does_not_exist() -> None:
    steps = await examined("http://no-such-host.invalid/v1")
    assert failures(steps) == ["DNS"]


async def test_plain_tcp_where_tls_was_expected() -> None:
    async with HttpResponses(404) as server:
        steps = await examined(server.base_url.replace("http:", "https:"))
    assert failures(steps) == ["TLS"]


async def test_an_unknown_model_says_what_to_check() -> None:
    async def unknown(peer: Peer) -> None:
        await peer.create()
        await peer.error(404, "model_not_found", "there is no test-model")

    async with ScriptedServer(unknown) as server:
        steps = await examined(server.base_url)
    assert failures(steps) == ["warm-up"]
    assert "--model" in steps["warm-up"].remedy
    assert "sk-test" not in as_json(Endpoint("http://h/v1", "sk-test-0123456789", "m", Profile()), [*steps.values()])
