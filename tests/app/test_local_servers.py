"""Model servers on this machine: which answers count, and that nobody is waited for."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from spark_tui.app.local_servers import LocalServer, UsualPlace, find_local_servers, models_in


def answer(body: object, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}".encode()


MODELS = {"object": "list", "data": [{"id": "nomic-embed-text"}, {"id": "qwen3-coder:30b"}]}


@asynccontextmanager
async def answering(data: bytes | None, asked: list[bytes]) -> AsyncIterator[int]:
    """A server that gives one answer to everything; ``None`` never answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if data is None:
            await reader.read()
        else:
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_what_answers_as_a_model_server_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        closed = held.getsockname()[1]
    asked: list[bytes] = []
    async with answering(answer(MODELS), asked) as port, answering(None, asked) as silent:
        places = [UsualPlace("Nobody", closed), UsualPlace("Silent", silent), UsualPlace("Ollama", port)]
        found = await find_local_servers(places)
    assert found == [LocalServer("Ollama", f"http://127.0.0.1:{port}/v1", ("nomic-embed-text", "qwen3-coder:30b"))]
    assert all(question.startswith(b"GET /v1/models HTTP/1.0\r\n") for question in asked)


def test_the_model_that_writes_is_asked_for() -> None:
    server = LocalServer("Ollama", "http://127.0.0.1:1/v1", ("nomic-embed-text", "qwen3-coder:30b", "llama"))
    assert server.model() == "qwen3-coder:30b"
    assert server.model("llama") == "llama"
    assert server.model("not there") == "qwen3-coder:30b"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        answer(MODELS, "404 Not Found"),
        answer([1, 2]),
        answer({"data": "x"}),
        answer({"data": [{"name": "x"}, 3, {"id": ""}]}),
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000,
    ],
)
def test_anything_else_is_none(data: bytes) -> None:
    assert models_in(data) == ()
