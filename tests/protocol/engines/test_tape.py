"""Recordings as answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spark_tui.protocol.engines import EngineOptionError, EngineOptions, make_engine
from spark_tui.protocol.engines.tape import TapeEngine, read_takes
from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest, Failed, Finished, Text

REQUEST = EngineRequest("resp_1", [], "", [])


def line(t: float, kind: str, direction: str = "in", *, as_text: bool = False, **fields: Any) -> bytes:
    frame: Any = {"type": f"response.{kind}", **fields}
    return json.dumps({"t": t, "dir": direction, "frame": json.dumps(frame) if as_text else frame}).encode() + b"\n"


def take(text: str, **fields: Any) -> list[bytes]:
    return [
        line(0, "create", "out"),
        line(0.1, "created", response={}, **fields),
        line(0.2, "output_text.delta", delta=text, **fields),
        line(0.3, "completed", response={"output": [{"type": "message"}]}, **fields),
    ]


WARM_UP = [line(0, "created", response={}), line(0, "completed", response={"output": []})]


async def answer(engine: TapeEngine) -> list[EngineEvent]:
    return [event async for event in engine.respond(REQUEST) if isinstance(event, Text | Finished | Failed)]


async def test_responses_are_replayed_one_after_another() -> None:
    engine = TapeEngine(read_takes([*WARM_UP, *take("a"), *take("b", as_text=True)]), speed=0)
    assert await answer(engine) == [Text("a"), Finished()]
    assert await answer(engine) == [Text("b"), Finished()]
    (failed,) = await answer(engine)
    assert isinstance(failed, Failed)
    assert failed.code == "tape_ended"


async def test_frame_that_is_no_event_is_passed_over() -> None:
    junk = b'{"t": 0.2, "dir": "in", "frame": "{"}\n'
    engine = TapeEngine(read_takes([*take("a")[:2], junk, *take("a")[2:]]), speed=0)
    assert await answer(engine) == [Text("a"), Finished()]


async def test_lanes_are_told_apart() -> None:
    lanes = zip(take("a", stream_id="x"), take("b", stream_id="y"), strict=True)
    engine = TapeEngine(read_takes([one for pair in lanes for one in pair]), speed=0)
    assert await answer(engine) == [Text("a"), Finished()]
    assert await answer(engine) == [Text("b"), Finished()]


async def test_waits_are_those_of_the_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("spark_tui.protocol.engines.tape.asyncio.sleep", sleep)
    lines = [line(5, "created"), line(25, "output_text.delta", delta="x"), line(45, "completed", response={})]
    await answer(TapeEngine(read_takes(lines), speed=2))
    assert waited == pytest.approx([10, 20], abs=1)


async def test_recording_that_breaks_off() -> None:
    engine = TapeEngine(read_takes([*take("a")[:3], b'{"t": 1, "dir": "in", "fra']), speed=0)
    *_, failed = await answer(engine)
    assert isinstance(failed, Failed)


@pytest.mark.parametrize("content", [b"hello\n", b"{}\n{}\n", b'{"t": "x", "dir": "in", "frame": {}}\n'])
def test_what_is_no_tape_is_said_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(ProtocolError, match="line 1 is not a recorded frame"):
        make_engine("tape", EngineOptions(tape=path))


def test_unknown_engine() -> None:
    with pytest.raises(EngineOptionError, match="offline, chat, responses, tape"):
        make_engine("magic", EngineOptions())
