"""A model of a settable speed, on loopback: the Responses API in WebSocket mode, one delta an event.

A request that offers tools is answered with ``--tokens`` word-like tokens at ``--rate`` tokens a second, of the
``--shape`` that is said: where these are lists, the first is for the first such request, and the last for all that
follow. Every ``--every``-th token, the first and the last are *sentinels*: words of letters only that occur once
(``zqaabc``). A question aside, which offers no tools, is answered with ``--aside`` tokens of prose, and a warm-up
(``generate: false``) with nothing. The lanes of a connection (``stream_id``) are answered beside one another.
Everything is logged as JSON lines with the times of CLOCK_MONOTONIC, which other processes on the machine can compare
with their own.
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
HUNK_LINES = 10
"""Lines that a hunk of a patch adds, if nothing else is asked for."""
HUNK_DISTANCE = 20
"""Lines of the patched file from one hunk to the next."""
USAGE_MOST = 8_000
"""Output tokens that are told at most, so that no program begins to summarise a long conversation."""
SPIN_BELOW = 200_000
"""Nanoseconds before a token is due that are not slept: the event loop's clock is no finer."""

Token = tuple[str, str | None]
"""A token's text, and the sentinel in it, if it has one."""
Event = dict[str, Any]
now = time.monotonic_ns


def sentinel(number: int) -> str:
    """Six letters without a meaning in Markdown, which no filler word is."""
    return "zq" + "".join(LETTERS[number // 26**place % 26] for place in (3, 2, 1, 0))


def patched_file(number: int) -> str:
    """The name of a file that a ``patch`` is about."""
    return f"stream{number or ''}.txt"


def file_line(number: int) -> str:
    """Line ``number``, from 0, of such a file."""
    return f"line {number} as it was before the patch"


def make_body(
    tokens: int, every: int, shape: str, ids: Iterator[int], *, hunk_lines: int = HUNK_LINES, files: int = 1
) -> list[Token]:
    """The answer's tokens; the ones before the first sentinel are a patch's header.

    A patch adds ``hunk_lines`` lines in each hunk, and its hunks are spread evenly over ``files`` files.
    """
    rng = random.Random(7)
    width = TOKENS_PER_LINE[shape]
    hunks = _Hunks(max(1, -(-tokens // (width * hunk_lines))), hunk_lines, files)
    body: list[Token] = []
    if shape == "patch":
        body.append(("*** Begin Patch\n", None))
        body.append((hunks.head(0), None))
    for index in range(tokens):
        last = index == tokens - 1
        mark = sentinel(next(ids)) if index % every == 0 or last else None
        column = index % width
        text = ("" if column == 0 else " ") + (mark or rng.choice(WORDS))
        if shape == "patch" and column == 0:
            text = "+" + text
        if column == width - 1 or last:
            line = index // width + 1
            text += _patch_line_end(line, hunks, last) if shape == "patch" else _line_end(line, shape, last)
        body.append((text, mark))
    return body


class _Hunks:
    """``count`` hunks of ``lines`` added lines each, over ``files`` files."""

    def __init__(self, count: int, lines: int, files: int) -> None:
        self.lines = lines
        self._in_each = -(-count // files)

    def head(self, number: int) -> str:
        """The header of hunk ``number``, a line of context and a removed line; the added lines follow."""
        file, place = divmod(number, self._in_each)
        line = place * HUNK_DISTANCE
        update = f"*** Update File: {patched_file(file)}\n" if place == 0 else ""
        return f"{update}@@\n {file_line(line)}\n-{file_line(line + 1)}\n"


def _patch_line_end(line: int, hunks: _Hunks, last: bool) -> str:
    """What follows added line ``line``, counted from 1."""
    if last:
        return "\n*** End Patch\n"
    return "\n" + (hunks.head(line // hunks.lines) if line % hunks.lines == 0 else "")


def _line_end(line: int, shape: str, last: bool) -> str:
    """What follows text line ``line``, counted from 1."""
    if last:
        return ""
    if shape == "markdown":  # five lines of prose, then eight lines of fenced code
        return {5: "\n\n```python\n", 0: "\n```\n\n"}.get(line % 13, "\n")
    return "\n\n" if line % 5 == 0 else "\n"


def response_events(
    response_id: str, model: str, body: list[Token], shape: str, lane: str | None = None
) -> Iterator[tuple[Event, str | None]]:
    """A whole response, on ``lane`` if one was named: text as a message, a patch as a custom tool call."""
    numbers = itertools.count()
    item_id = "item_" + response_id
    text = "".join(part for part, _ in body)
    response: Event = {"id": response_id, "object": "response", "created_at": 0, "model": model, "output": []}
    part: Event = {}
    routing: Event = {} if lane is None else {"stream_id": lane}
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
        return {"type": kind, "sequence_number": next(numbers), **routing, **fields}, mark

    yield event("response.created", response={**response, "status": "in_progress"})
    if body:
        yield event("response.output_item.added", output_index=0, item=item)
        if part:
            yield event("response.content_part.added", **at, part=part)
        for piece, mark in body:
            yield event(prefix + ".delta", mark, **at, delta=piece)
        yield event(prefix + ".done", **at, **done)
        yield event("response.output_item.done", output_index=0, item=whole)
    written = min(len(body), USAGE_MOST)
    usage = {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 1000 + written,
    }
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
        self._answered = itertools.count()
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
        pumps: dict[str | None, asyncio.Task[None]] = {}
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
                        await self._answer(writer, connection, message, pumps)
                if out := b"".join(protocol.data_to_send()):
                    writer.write(out)
                if protocol.close_expected():
                    break
        finally:
            for pump in pumps.values():
                pump.cancel()
            await asyncio.gather(*pumps.values(), return_exceptions=True)

    async def _answer(
        self,
        writer: asyncio.StreamWriter,
        connection: int,
        message: bytes,
        pumps: dict[str | None, asyncio.Task[None]],
    ) -> None:
        """Begin to answer ``message``, if it asks for anything; what was being answered on its lane is cut off."""
        request = json.loads(message)
        if request.get("type") != "response.create":
            return
        lane = request.get("stream_id")
        if (pump := pumps.pop(lane, None)) is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        answers = [item for item in request.get("input", ()) if str(item.get("type")).endswith("call_output")]
        asked = request.get("generate") is not False and not answers
        main = asked and bool(request.get("tools"))
        shape, body = self._body(asked, main)
        if answers:
            body = [("staged", None)]
        elif "format" in request.get("text", {}):  # some ask for a title, again and again until they have one
            body = [('{"title": "A title"}', None)]
        header = 6 if len(message) < 126 else 8 if len(message) < 65536 else 14
        self.log("req", conn=connection, bytes=len(message) + header, main=main)
        response_id = f"resp_{next(self._responses)}"
        events = response_events(response_id, str(request.get("model", "mock")), body, shape, lane)
        frames = [(to_frame(event), mark) for event, mark in events]
        pumps[lane] = asyncio.create_task(self._pump(writer, frames, connection, main))

    def _body(self, asked: bool, main: bool) -> tuple[str, list[Token]]:
        """The shape of the next answer, and its tokens."""
        options = self._options
        if not main:
            return "prose", make_body(options.aside if asked else 0, options.every, "prose", self._sentinels)
        number = next(self._answered)
        shape = options.shape[min(number, len(options.shape) - 1)]
        tokens = options.tokens[min(number, len(options.tokens) - 1)]
        hunk_lines, files = options.hunk_lines, options.files
        return shape, make_body(tokens, options.every, shape, self._sentinels, hunk_lines=hunk_lines, files=files)

    async def _pump(
        self, writer: asyncio.StreamWriter, frames: list[tuple[bytes, str | None]], connection: int, main: bool
    ) -> None:
        """Write ``frames``, paced from the first sentinel on, and log when each sentinel went out."""
        rate = self._options.rate
        sent: list[tuple[str, int]] = []
        began = paced = first_line = 0
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
                if began and not first_line and b"\\n" in frame:
                    first_line = now()
                if index % 64 == 0:
                    await asyncio.sleep(0)
            end = "done"
        except ConnectionError:
            end = "reset"
        finally:
            self.log("stream", conn=connection, main=main, end=end, sent=sent, first_line_ns=first_line)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A model of a settable speed, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: pick one; it is printed")
    parser.add_argument("--tokens", type=_numbers, default=[6000], metavar="N[,N...]")
    parser.add_argument("--rate", type=int, default=1000, help="tokens a second; 0: as fast as the socket takes them")
    parser.add_argument("--every", type=int, default=10, help="every so many tokens one is a sentinel")
    parser.add_argument("--shape", type=_shapes, default=["prose"], metavar="SHAPE[,...]", help=", ".join(SHAPES))
    parser.add_argument("--hunk-lines", type=int, default=HUNK_LINES, help="lines that a hunk of a patch adds")
    parser.add_argument("--files", type=int, default=1, help="files that a patch is about")
    parser.add_argument("--aside", type=int, default=6, help="tokens of an answer to a question without tools")
    parser.add_argument("--log", default="/dev/stderr")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(MockModel(parser.parse_args()).serve())


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _shapes(text: str) -> list[str]:
    shapes = text.split(",")
    if unknown := set(shapes) - set(SHAPES):
        raise argparse.ArgumentTypeError(f"{unknown.pop()!r} is none of {', '.join(SHAPES)}")
    return shapes


if __name__ == "__main__":
    main()
