"""A model of a settable speed, on loopback: the Responses API in WebSocket mode, one delta an event.

A request that offers tools or continues a response is answered with ``--tokens`` word-like tokens at ``--rate``
tokens a second. Every ``--every``-th token, the first and the last are *sentinels*: words of letters only that occur
once (``zqaabc``). Other requests (a warm-up with ``generate: false``) get an empty answer. Everything is logged as
JSON lines with the times of CLOCK_MONOTONIC, which other processes on the machine can compare with their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

WORDS = """
a the of to in is it for on as be at or if by we an so do no up self this that with from path name node list dict code
test line file call data type args none true return value index field async await class print while state event queue
token parse write read open close loop task send recv buffer render cursor import module before after little every
which where under between function variable screen latency
""".split()  # noqa: SIM905
TOKENS_PER_LINE = {"prose": 12, "markdown": 12, "patch": 9}
"""A patch's lines are shorter, since line numbers and signs stand before them."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHAPES = ("prose", "markdown", "patch")
PATCHED_FILE = "stream.txt"
"""The file that a ``patch`` is about; line ``n`` of it, from 0, is :func:`file_line`."""
SPIN_BELOW = 200_000
"""Nanoseconds before a token is due that are not slept: the event loop's clock is no finer."""

Token = tuple[str, str | None]
"""A token's text, and the sentinel in it, if it has one."""
Event = dict[str, Any]
now = time.monotonic_ns


def sentinel(number: int) -> str:
    """Six letters without a meaning in Markdown, which no filler word is."""
    return "zq" + "".join(LETTERS[number // 26**place % 26] for place in (3, 2, 1, 0))


def file_line(number: int) -> str:
    """A line of :data:`PATCHED_FILE`."""
    return f"line {number} as it was before the patch"


def make_body(tokens: int, every: int, shape: str, ids: Iterator[int]) -> list[Token]:
    """The answer's tokens; the ones before the first sentinel are a patch's header."""
    rng = random.Random(7)
    width = TOKENS_PER_LINE[shape]
    body: list[Token] = []
    if shape == "patch":
        body.append((f"*** Begin Patch\n*** Update File: {PATCHED_FILE}\n", None))
        body.append((_chunk_head(0), None))
    for index in range(tokens):
        last = index == tokens - 1
        mark = sentinel(next(ids)) if index % every == 0 or last else None
        column = index % width
        text = ("" if column == 0 else " ") + (mark or rng.choice(WORDS))
        if shape == "patch" and column == 0:
            text = "+" + text
        if column == width - 1 or last:
            text += _line_end(index // width + 1, shape, last)
        body.append((text, mark))
    return body


def _line_end(line: int, shape: str, last: bool) -> str:
    """What follows text line ``line``, counted from 1."""
    if shape == "patch":
        return "\n*** End Patch\n" if last else "\n" + (_chunk_head(line // 10) if line % 10 == 0 else "")
    if last:
        return ""
    if shape == "markdown":  # five lines of prose, then eight lines of fenced code
        return {5: "\n\n```python\n", 0: "\n```\n\n"}.get(line % 13, "\n")
    return "\n\n" if line % 5 == 0 else "\n"


def _chunk_head(chunk: int) -> str:
    """The header of a hunk, a line of context and a removed line; ten added lines follow."""
    return f"@@\n {file_line(chunk * 20)}\n-{file_line(chunk * 20 + 1)}\n"


def response_events(
    response_id: str, model: str, body: list[Token], shape: str
) -> Iterator[tuple[Event, str | None]]:
    """A whole response: text as a message, a patch as a custom tool call."""
    numbers = itertools.count()
    item_id = "item_" + response_id
    text = "".join(part for part, _ in body)
    response: Event = {"id": response_id, "object": "response", "created_at": 0, "model": model, "output": []}
    part: Event = {}
    item: Event
    if shape == "patch":
        prefix = "response.custom_tool_call_input"
        item = {"type": "custom_tool_call", "id": item_id, "call_id": "call_" + response_id, "name": "apply_patch"}
        whole, done = {**item, "input": text}, {"input": text}
    else:
        prefix, part = "response.output_text", {"type": "output_text", "text": "", "annotations": []}
        item = {"type": "message", "id": item_id, "role": "assistant", "status": "in_progress", "content": []}
        whole, done = {**item, "status": "completed", "content": [{**part, "text": text}]}, {"text": text}
    at: Event = {"output_index": 0, "item_id": item_id, **({"content_index": 0} if part else {})}

    def event(kind: str, mark: str | None = None, **fields: Any) -> tuple[Event, str | None]:
        return {"type": kind, "sequence_number": next(numbers), **fields}, mark

    yield event("response.created", response={**response, "status": "in_progress"})
    if body:
        yield event("response.output_item.added", output_index=0, item=item)
        if part:
            yield event("response.content_part.added", **at, part=part)
        for piece, mark in body:
            yield event(prefix + ".delta", mark, **at, delta=piece)
        yield event(prefix + ".done", **at, **done)
        yield event("response.output_item.done", output_index=0, item=whole)
    usage = {"input_tokens": 1000, "output_tokens": len(body), "total_tokens": 1000 + len(body)}
    output = [whole] if body else []
    yield event("response.completed", response={**response, "status": "completed", "output": output, "usage": usage})


def to_frame(event: Event) -> bytes:
    """The event as an unmasked WebSocket frame."""
    return Frame(Opcode.TEXT, json.dumps(event, separators=(",", ":")).encode()).serialize(mask=False)


class MockModel:
    """The server; ``options`` are those of the command line."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._log_file = Path(options.log).open("a", buffering=1)  # noqa: SIM115 - open as long as the server
        self._responses = itertools.count(1)
        self._sentinels = itertools.count()
        self._connections = itertools.count(1)

    def log(self, kind: str, **fields: Any) -> None:
        """Write one line of the log."""
        self._log_file.write(json.dumps({"ev": kind, "ns": now(), **fields}) + "\n")

    async def serve(self) -> None:
        """Serve until cancelled; the port is printed once it is known."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", self._options.port, limit=1 << 26)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = next(self._connections)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        writer.transport.set_write_buffer_limits(high=0)  # drain() returns once the kernel has taken it all
        self.log("conn", conn=connection)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                await self._websocket(reader, writer, connection, head)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.log("close", conn=connection)
        writer.close()

    async def _websocket(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int, head: bytes
    ) -> None:
        protocol = ServerProtocol()
        protocol.receive_data(head)
        request = next(event for event in protocol.events_received() if isinstance(event, Request))
        protocol.send_response(protocol.accept(request))
        writer.write(b"".join(protocol.data_to_send()))
        pump: asyncio.Task[None] | None = None
        parts: list[bytes] = []
        try:
            while data := await reader.read(1 << 20):
                protocol.receive_data(data)
                for frame in protocol.events_received():
                    if not isinstance(frame, Frame) or frame.opcode not in (Opcode.TEXT, Opcode.CONT):
                        continue
                    parts.append(bytes(frame.data))
                    if frame.fin:
                        message, parts = b"".join(parts), []
                        pump = await self._answer(writer, connection, message, pump)
                if out := b"".join(protocol.data_to_send()):
                    writer.write(out)
                if protocol.close_expected():
                    break
        finally:
            if pump is not None:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)

    async def _answer(
        self, writer: asyncio.StreamWriter, connection: int, message: bytes, pump: asyncio.Task[None] | None
    ) -> asyncio.Task[None] | None:
        """Begin to answer ``message``, if it asks for anything; what was being answered is cut off then."""
        request = json.loads(message)
        if request.get("type") != "response.create":
            return pump
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        options, shape = self._options, self._options.shape
        answers = [item for item in request.get("input", ()) if str(item.get("type")).endswith("call_output")]
        main = request.get("generate") is not False and not answers and bool(request.get("tools"))
        body = make_body(options.tokens, options.every, shape, self._sentinels) if main else []
        if answers:
            shape, body = "prose", [("staged", None)]
        header = 6 if len(message) < 126 else 8 if len(message) < 65536 else 14
        self.log("req", conn=connection, bytes=len(message) + header, main=main)
        response_id = f"resp_{next(self._responses)}"
        frames = [(to_frame(event), mark) for event, mark in response_events(response_id, "mock", body, shape)]
        return asyncio.create_task(self._pump(writer, frames, connection, main))

    async def _pump(
        self, writer: asyncio.StreamWriter, frames: list[tuple[bytes, str | None]], connection: int, main: bool
    ) -> None:
        """Write ``frames``, paced from the first sentinel on, and log when each sentinel went out."""
        rate = self._options.rate
        sent: list[tuple[str, int]] = []
        began = paced = 0
        end = "cancelled"
        try:
            for index, (frame, mark) in enumerate(frames):
                if mark and not began:
                    began = now()
                if began and rate:
                    due = began + paced * 1_000_000_000 // rate
                    while (ahead := due - now()) > SPIN_BELOW:  # noqa: ASYNC110 - a date, not an event
                        await asyncio.sleep(ahead / 1e9)
                    paced += 1
                if mark:
                    sent.append((mark, now()))
                writer.write(frame)
                await writer.drain()
                if index % 64 == 0:
                    await asyncio.sleep(0)
            end = "done"
        except ConnectionError:
            end = "reset"
        finally:
            self.log("stream", conn=connection, main=main, end=end, sent=sent)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A model of a settable speed, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: pick one; it is printed")
    parser.add_argument("--tokens", type=int, default=6000)
    parser.add_argument("--rate", type=int, default=1000, help="tokens a second; 0: as fast as the socket takes them")
    parser.add_argument("--every", type=int, default=10, help="every so many tokens one is a sentinel")
    parser.add_argument("--shape", choices=SHAPES, default="prose")
    parser.add_argument("--log", default="/dev/stderr")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(MockModel(parser.parse_args()).serve())


if __name__ == "__main__":
    main()
