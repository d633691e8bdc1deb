"""Our client against a foreign server: ``aimock``, which keeps to less of the protocol than we ask for.

It sends no sequence numbers, answers warm-ups with output, ignores ``previous_response_id``, and cuts its deltas
where it likes, between the halves of a surrogate pair too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from shutil import which

import pytest

from spark_tui.protocol.wire.updates import CallDelta, CallDone, LinkState, MessageDone, TurnSettings
from tests.doubles.recording_client import SETTINGS, recording_client
from tests.peers.programs import AIMOCK, serving

NODE = which("node")
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not AIMOCK.exists() or NODE is None, reason="aimock is not there: see .peers/npm.log"),
    pytest.mark.timeout(60),
]

WORDS = "Grüße 👩‍💻, here is\nsome text." * 20
PATCH = "*** Begin Patch\n*** Add File: a.md\n+é\n*** End Patch\n"
FIXTURES = [
    {"match": {"toolCallId": "call_7"}, "response": {"content": "thank you"}},
    {"match": {"userMessage": "words"}, "response": {"content": WORDS}},
    {
        "match": {"userMessage": "a tool"},
        "response": {"toolCalls": [{"name": "apply_patch", "arguments": {"patch": PATCH}, "id": "call_7"}]},
    },
    {"match": {"userMessage": "fail"}, "response": {"error": {"message": "no such luck", "type": "server_error"}}},
]

TOOL = {"type": "function", "name": "apply_patch", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Deltas of one UTF-16 unit: every emoji comes in halves."""
    folder = tmp_path_factory.mktemp("aimock")
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": FIXTURES}))
    assert NODE is not None
    command = [
        NODE,
        str(AIMOCK),
        "--port",
        "0",
        "--fixtures",
        str(fixtures),
        "--chunk-size",
        "1",
        "--log-level",
        "info",
    ]
    with serving(command, says=lambda line: "http://" in line, log=folder / "log") as line:
        start = line.index("http://")
        yield line[start:].split()[0].rstrip("/") + "/v1"


async def test_text_comes_whole_whatever_the_deltas(url: str) -> None:
    async with recording_client(url) as told:
        told.say("words")
        assert (await told.ended()).status == "completed"
        assert told.text == WORDS
        assert [done.text for done in told.of(MessageDone)] == [WORDS]


async def test_turns_go_on_though_the_server_forgets_and_answers_warm_ups(url: str) -> None:
    async with recording_client(url) as told:
        told.client.lane("main").warm(SETTINGS)
        await told.link(LinkState.READY)
        for number in range(1, 4):
            told.say("words")
            assert (await told.ended(number)).status == "completed"
        assert told.text == WORDS * 3


async def test_a_call_is_answered(url: str) -> None:
    settings = TurnSettings("test-model", "be brief", (TOOL,))
    async with recording_client(url) as told:
        told.say("a tool", settings=settings)
        assert (await told.ended()).open_calls == ("call_7",)
        (call,) = told.of(CallDone)
        assert (call.name, json.loads(call.arguments)) == ("apply_patch", {"patch": PATCH})
        assert "".join(delta.text for delta in told.of(CallDelta)) == call.arguments
        told.reply([{"type": "function_call_output", "call_id": "call_7", "output": "staged"}])
        assert (await told.ended(2)).status == "completed"
        assert told.text == "thank you"


async def test_several_lanes_at_once(url: str) -> None:
    """aimock knows no lanes: nothing may get lost or mixed up when several ask at once."""
    async with recording_client(url, lanes=False) as told:
        for number in range(3):
            told.say("words", told.client.lane(f"lane-{number}"))
        for number in range(1, 4):
            assert (await told.ended(number)).status == "completed"
        assert told.text == WORDS * 3


async def test_an_error_is_told(url: str) -> None:
    async with recording_client(url) as told:
        told.say("fail")
        ended = await told.ended()
        assert (ended.status, ended.reason) == ("failed", "no such luck")
