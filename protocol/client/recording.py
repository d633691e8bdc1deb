"""A recording of a session (``tape.py``), read back: what was said both ways, warm-ups left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.wire.updates import Item

TERMINALS = frozenset(("response.completed", "response.incomplete", "response.failed", "error"))


@dataclass(frozen=True, slots=True)
class Record:
    """One frame: ``at`` in seconds since the recording began, and the event in it; ``sent`` by the program."""

    at: float
    sent: bool
    event: Item

    @property
    def kind(self) -> str:
        """The event's type; empty when it has none."""
        kind = self.event.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def lane(self) -> str | None:
        """The lane's name; ``None`` for the default one, and where the server tells none."""
        name = self.event.get("stream_id")
        return name if isinstance(name, str) else None

    @property
    def is_warm_up(self) -> bool:
        """Whether the program sent it only to have it known early."""
        return self.sent and self.kind == "response.create" and self.event.get("generate") is False

    def user_texts(self) -> list[str]:
        """What the user said with this request: the messages behind the last item of anybody else's."""
        items = self.event.get("input")
        if isinstance(items, str):
            return [items] if items else []
        texts: list[str] = []
        for item in reversed(items if isinstance(items, list) else []):
            role = item.get("role") if isinstance(item, dict) else None
            if role == "user":
                texts.append(_text_of(item.get("content")))
            elif role not in ("developer", "system"):
                break
        return [text for text in reversed(texts) if text]


class _Line(msgspec.Struct):
    t: float
    dir: Literal["in", "out"]
    frame: Any


def read_recording(path: Path) -> list[Record]:
    """Read ``path``; a last line that a crash cut short is left out. Raises :class:`ProtocolError`."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ProtocolError(f"cannot read {path}: {error.strerror}") from None
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            read = msgspec.json.decode(line, type=_Line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            if number == len(lines) > 1:
                break
            raise ProtocolError(f"{path} is no recording: line {number} is not a recorded frame") from None
        if isinstance(read.frame, dict):
            records.append(Record(read.t, read.dir == "out", read.frame))
    if not records:
        raise ProtocolError(f"{path} holds no frames; record a session with --record FILE")
    return list(_without_warm_ups(records))


def _without_warm_ups(records: Iterable[Record]) -> Iterator[Record]:
    """Leave out the warm-ups and their answers, which a replay makes up as they are asked for."""
    warming: set[str | None] = set()
    for record in records:
        if record.is_warm_up:
            warming.add(record.lane)
            continue
        if record.sent:
            warming.discard(record.lane)
        elif record.kind.startswith("response.") or record.kind == "error":
            lane = record.lane
            if lane is None and len(warming) == 1:
                lane = next(iter(warming))  # a server that keeps no lanes apart
            if lane in warming:
                if record.kind in TERMINALS:
                    warming.discard(lane)
                continue
        yield record


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
