"""A session with a host that only takes notes."""

from __future__ import annotations

import json
from typing import Any

from spark_tui.protocol.gateway.chain import StoredResponses
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, EngineEvent, Finished, ItemDone, Text
from spark_tui.protocol.gateway.lanes import Run
from spark_tui.protocol.gateway.session import Session
from spark_tui.protocol.wire.updates import CallKind, Usage


class Driver:
    """Sends client events and engine events, and reads what comes out."""

    def __init__(self, stored: StoredResponses | None = None) -> None:
        self.session = Session(self, default_model="model-x", stored=stored, clock=lambda: 1000.0)
        self.started: list[Run] = []
        self.stopped: list[Run] = []
        self._frames: list[dict[str, Any]] = []

    def send(self, frame: bytes) -> None:
        self._frames.append(json.loads(frame))

    def start(self, run: Run) -> None:
        self.started.append(run)

    def stop(self, run: Run) -> None:
        self.stopped.append(run)

    def receive(self, **event: Any) -> list[dict[str, Any]]:
        self.session.receive(json.dumps(event))
        return self.take()

    def create(self, text: Any = "hi", **fields: Any) -> list[dict[str, Any]]:
        return self.receive(type="response.create", input=text, **fields)

    def engine(self, run: Run | int, *events: EngineEvent) -> list[dict[str, Any]]:
        """Events of the engine for a run, or for the run started as the n-th."""
        for event in events:
            self.session.on_event(self.started[run] if isinstance(run, int) else run, event)
        return self.take()

    def take(self) -> list[dict[str, Any]]:
        frames, self._frames = self._frames, []
        return frames

    def answered(self, text: str = "ok", **fields: Any) -> str:
        """A whole response; its id."""
        self.create(**fields)
        frames = self.engine(-1, Text(text), Finished(Usage(1, 0, 1)))
        return str(frames[-1]["response"]["id"])

    def called(self, call_id: str = "call_1", **fields: Any) -> str:
        """A whole response that ends with an open call; its id."""
        self.create(**fields)
        frames = self.engine(-1, *patch_call(call_id), Finished())
        return str(frames[-1]["response"]["id"])


def patch_call(call_id: str = "call_1") -> list[EngineEvent]:
    return [CallOpened(call_id, "apply_patch", CallKind.CUSTOM), CallInput("*** Begin"), ItemDone()]


def output(call_id: str = "call_1") -> dict[str, Any]:
    return {"type": "custom_tool_call_output", "call_id": call_id, "output": "done"}


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["type"].removeprefix("response.") for frame in frames]


def code_of(frames: list[dict[str, Any]]) -> str:
    """The code of the one error among ``frames``."""
    (error,) = [frame["error"] for frame in frames if frame["type"] == "error"]
    return str(error["code"])
