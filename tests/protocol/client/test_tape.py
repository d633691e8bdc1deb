from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from spark_tui.protocol.client.tape import Tape
from tests.doubles.recording_client import KEY, recording_client
from tests.doubles.scripted_server import Peer, ScriptedServer


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_frames_are_kept_one_a_line_whatever_they_are(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    tape = Tape(path)
    tape.sent('{"type": "a"}')
    for frame in ('{"type":\n"b"}', "{no json\n", b"\xff", '{"d":"\\ud83d"}', "[1]"):
        tape.received(frame)
    tape.close()
    recorded = lines(path)
    assert [(line["dir"], line["frame"]) for line in recorded] == [
        ("out", {"type": "a"}),
        ("in", {"type": "b"}),
        ("in", "{no json\n"),
        ("in", "\ufffd"),
        ("in", '{"d":"\\ud83d"}'),
        ("in", "[1]"),
    ]
    assert all(isinstance(line["t"], float) and line["t"] >= 0 for line in recorded)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        Tape(tmp_path / "link")


async def test_a_session_is_recorded_both_ways_without_its_key(tmp_path: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r1", f"your key is {KEY}, mine Bearer abcdefgh12345, another sk-proj-abcdefgh")

    path = tmp_path / "session.jsonl"
    async with ScriptedServer(script) as server, recording_client(server.base_url, tape=Tape(path)) as told:
        told.say("hi")
        await told.ended()
    recorded = lines(path)
    assert [line["dir"] for line in recorded] == ["out", "in", "in", "in", "in"]
    text = path.read_text(encoding="utf-8")
    for secret in (KEY, "abcdefgh12345", "sk-proj-"):
        assert secret not in text
    assert "your key is" in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    tape = Tape(Path("/dev/full"))
    for _ in range(2000):
        tape.sent('{"type": "a"}')
    tape.close()
    assert tape.error is not None
    assert "No space left" in tape.error
