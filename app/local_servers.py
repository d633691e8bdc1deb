"""Model servers on this machine, looked for on their usual ports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE = 0.5
"""Seconds that a server has to say which models it has."""
ANSWER_LIMIT = 1024 * 1024
"""Bytes of an answer that are read; whatever says more is no model server."""
MOST_MODELS = 200


@dataclass(frozen=True, slots=True)
class UsualPlace:
    """Where a kind of server listens unless told otherwise."""

    name: str
    port: int

    @property
    def base_url(self) -> str:
        """Its address, ending in ``/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"


USUAL_PLACES = (
    UsualPlace("Ollama", 11434),
    UsualPlace("LM Studio", 1234),
    UsualPlace("llama.cpp", 8080),
    UsualPlace("vLLM", 8000),
)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered. ``models`` has one at least, by the names that it goes by there."""

    name: str
    base_url: str
    models: tuple[str, ...]

    def model(self, wanted: str = "") -> str:
        """The model to ask for: ``wanted`` if it is there, else the first that writes."""
        if wanted in self.models:
            return wanted
        return next((name for name in self.models if "embed" not in name.lower()), self.models[0])


async def find_local_servers(places: Sequence[UsualPlace] = USUAL_PLACES) -> list[LocalServer]:
    """Ask all ``places`` at once; those that answer as a model server does, in the order of ``places``."""
    found = await asyncio.gather(*(_ask(place) for place in places))
    return [server for server in found if server is not None]


async def _ask(place: UsualPlace) -> LocalServer | None:
    # Some other program may well be what listens there, so nothing is sent but the question.
    question = f"GET /v1/models HTTP/1.0\r\nHost: 127.0.0.1:{place.port}\r\nAccept: application/json\r\n\r\n"
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
            writer.write(question.encode())
            answer = await _read(reader)
    except OSError:  # a timeout is one as well
        return None
    finally:
        if writer is not None:
            writer.close()
    models = models_in(answer)
    return LocalServer(place.name, place.base_url, models) if models else None


async def _read(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while len(answer) <= ANSWER_LIMIT and (data := await reader.read(65536)):
        answer += data
    return answer


def models_in(answer: bytes) -> tuple[str, ...]:
    """The names of the models in an HTTP answer to ``GET /v1/models``; none where it is something else.

    >>> models_in(b'HTTP/1.1 200 OK\\r\\n\\r\\n{"data": [{"id": "qwen3-coder"}]}')
    ('qwen3-coder',)
    """
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].split()
    if len(status) < 2 or not status[0].startswith(b"HTTP/") or status[1] != b"200":
        return ()
    try:
        table = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    entries = table.get("data") if isinstance(table, dict) else None
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return tuple(name for name in names[:MOST_MODELS] if isinstance(name, str) and name)
