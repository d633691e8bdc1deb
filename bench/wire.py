"""What the wire costs (``make bench-wire``): CPU an event beside the official SDK, throughput, bytes over 50 turns.

The gateway with a scripted engine runs in a process of its own; each client is another one, so that the CPU time of
each is its own. All figures of a table are from one run. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, EngineEvent, EngineRequest, Finished, Text
from spark_tui.protocol.gateway.server import serve
from spark_tui.protocol.gateway.settings import GatewaySettings
from spark_tui.protocol.profiles import profile_for
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import CallKind, Ended, Item, TextDelta, TurnSettings, Update, Usage

EVENTS = 100_000
TURNS = 50
ROUNDS = 3
SETTINGS = TurnSettings("offline", "You are a pair programmer. " * 60, ({"type": "function", "name": "read_file"},))


class ScriptedEngine:
    """``stream N`` answers with N deltas as fast as they are taken; anything else with a call, then with 20 words."""

    name = "scripted"

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        last = request.input[-1]
        if last.get("type") == "function_call_output":
            for _ in range(20):
                yield Text("word ")
        elif (words := str(last["content"])).startswith("stream "):
            for number in range(int(words.split()[1])):
                if number % 64 == 0:
                    await asyncio.sleep(0)
                yield Text("four")
        else:
            yield CallOpened(f"call_{len(request.input)}", "read_file", CallKind.FUNCTION)
            yield CallInput('{"path": "a.py"}')
        yield Finished(Usage(1, 0, 1))

    async def aclose(self) -> None:
        """Nothing is held."""


def main() -> None:
    """Run all measurements and print them; with an option, be one of the processes of a measurement."""
    parser = argparse.ArgumentParser(description="Measure the wire.")
    parser.add_argument("--role", choices=["all", "server", "ours", "sdk"], default="all")
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    match options.role:
        case "server":
            asyncio.run(_serve())
        case "ours":
            _say(json.dumps(asyncio.run(_read_with_ours(options.url))))
        case "sdk":
            _say(json.dumps(asyncio.run(_read_with_sdk(options.url))))
        case _:
            _measure()


def _measure() -> None:
    server = subprocess.Popen(_command("server"), stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        roles = ["ours"] + (["sdk"] if importlib.util.find_spec("openai") else [])
        runs: dict[str, list[dict[str, float]]] = {role: [] for role in roles}
        for _ in range(ROUNDS):
            for role in roles:
                output = subprocess.run(_command(role, url), capture_output=True, text=True, check=True).stdout
                runs[role].append(json.loads(output))
        medians = {role: statistics.median(run["cpu_us"] for run in found) for role, found in runs.items()}
        rate = statistics.median(run["events_per_s"] for run in runs["ours"])
        _say(f"client CPU an event           {medians['ours']:8.1f} us   (at most 25)")
        if "sdk" in medians:
            _say(f"the same, official SDK        {medians['sdk']:8.1f} us")
            _say(f"ratio                         {medians['sdk'] / medians['ours']:8.1f}      (at least 8)")
        else:
            _say("the official SDK is left out: `make bench-wire` installs it")
        _say(f"gateway and client            {rate:8,.0f} events/s (at least 20,000)")
        _report_bytes(asyncio.run(_count_bytes(url)))
    finally:
        server.terminate()
        server.wait()


def _report_bytes(sent: list[tuple[int, int]]) -> None:
    first, last = sent[1], sent[-1]
    _say(f"bytes of turn 2 and turn {TURNS}     {first[0]:8,} {last[0]:8,}   (flat)")
    _say(f"the same, sent whole          {first[1]:8,} {last[1]:8,}")
    own, whole = (sum(sizes) for sizes in zip(*sent, strict=True))
    _say(f"bytes of all {TURNS} turns         {own:8,}   whole: {whole:,}")


def _command(role: str, url: str = "") -> list[str]:
    return [sys.executable, "-m", "bench.wire", "--role", role, "--url", url]


async def _serve() -> None:
    settings = GatewaySettings(port=0, token=None, stop_with_stdin=True)
    await serve(settings, ScriptedEngine(), on_listening=lambda url: _say(url))


def _client(url: str) -> Client:
    base = url.removesuffix("/responses")
    return Client(Endpoint(base, None, "offline", profile_for("offline")), on_link=lambda _: None)


async def _read_with_ours(url: str) -> dict[str, float]:
    client = _client(url)
    await client.start()
    lane = client.lane("main")
    done = asyncio.Event()
    seen = 0

    def take(update: Update) -> None:
        nonlocal seen
        if isinstance(update, TextDelta):
            seen += 1
        elif isinstance(update, Ended):
            done.set()

    async def stream(count: int) -> None:
        done.clear()
        lane.send([{"type": "message", "role": "user", "content": f"stream {count}"}], SETTINGS, take)
        await done.wait()

    await stream(2_000)
    seen, cpu, wall = 0, time.process_time(), time.perf_counter()
    await stream(EVENTS)
    figures = _figures(seen, time.process_time() - cpu, time.perf_counter() - wall)
    await client.aclose()
    return figures


async def _read_with_sdk(url: str) -> dict[str, float]:
    openai: Any = importlib.import_module("openai")
    base = url.replace("ws://", "http://").removesuffix("/responses")
    async with (
        openai.AsyncOpenAI(base_url=base, api_key="none") as client,
        client.responses.connect(websocket_connection_options={"max_size": None}) as connection,
    ):

        async def stream(count: int) -> int:
            await connection.send(
                {"type": "response.create", "model": "m", "input": f"stream {count}", "store": False}
            )
            seen = 0
            async for event in connection:
                if event.type == "response.output_text.delta":
                    seen += 1
                elif event.type == "response.completed":
                    return seen
            raise SystemExit("the stream ended early")

        await stream(500)
        cpu, wall = time.process_time(), time.perf_counter()
        seen = await stream(EVENTS // 10)
        return _figures(seen, time.process_time() - cpu, time.perf_counter() - wall)


def _figures(events: int, cpu: float, wall: float) -> dict[str, float]:
    return {"cpu_us": cpu / events * 1e6, "events_per_s": events / wall}


async def _count_bytes(url: str) -> list[tuple[int, int]]:
    """For each turn (a question, a call, its result, an answer): bytes as sent, and as a full resend would send."""
    client = _client(url)
    await client.start()
    lane = client.lane("main")
    sent = []
    for turn in range(TURNS):
        own = whole = 0
        items: list[Item] = [{"type": "message", "role": "user", "content": f"question {turn}"}]
        while items:
            before = lane.history
            own += _size(_request(before, items, incremental=True))
            whole += _size(_request(before, items, incremental=False))
            ended = await _respond(lane, items)
            items = [
                {"type": "function_call_output", "call_id": call_id, "output": "one line of a file\n" * 40}
                for call_id in ended.open_calls
            ]
        sent.append((own, whole))
    await client.aclose()
    return sent


def _request(history: History, items: list[Item], *, incremental: bool) -> Item:
    """The request that would go out now, made on a copy."""
    twin = History(history.items)
    if incremental:
        twin.response_id, twin.held = history.response_id, history.held
        twin.request(SETTINGS)
    twin.add(items)
    return twin.request(SETTINGS)


async def _respond(lane: Any, items: list[Item]) -> Ended:
    ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
    lane.send(items, SETTINGS, lambda update: ended.set_result(update) if isinstance(update, Ended) else None)
    return await ended


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _size(request: Item) -> int:
    return len(json.dumps(request, separators=(",", ":")).encode())


if __name__ == "__main__":
    main()
