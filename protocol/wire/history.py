"""A conversation as it is on the wire, and how much of it the server holds.

The whole of it is always kept here, items as they were received, so that it can be sent again to a server that
has forgotten it. While the server still has it, only what is new is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from spark_tui.protocol.wire.frames import text_field
from spark_tui.protocol.wire.updates import CallKind, Item, TurnSettings

_OUTPUT_TYPES = {kind.value: f"{kind.value}_output" for kind in CallKind}
_NOT_RUN = "This call was not run: the user stopped the answer or said something else."
_GO_ON: Item = {
    "type": "message",
    "role": "developer",
    "content": "The connection was cut in the middle of your last message. Go on where it ends; repeat nothing.",
}
_ENCRYPTED_REASONING = "reasoning.encrypted_content"


class History:
    """The items of one conversation, oldest first, and the chain of responses on the server's side.

    The chain is alive while the server is believed to hold the first :attr:`held` items under
    :attr:`response_id`; it is broken by an error, by a lost connection, or when what we keep differs from what the
    server has.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items: list[Item] = list(items)
        self.response_id: str | None = None
        self.held = 0
        self._settings: TurnSettings | None = None
        self._stopped: tuple[str, list[Item], int] | None = None

    def add(self, items: Sequence[Item]) -> None:
        """Append new input. Calls that ``items`` do not answer, and nobody did, are answered as not run.

        Servers refuse a request that leaves a call unanswered (protocol.md 5.8).
        """
        answered = {text_field(item, "call_id") for item in items if text_field(item, "type").endswith("_output")}
        unanswered = [call for call in self.open_calls() if call["call_id"] not in answered]
        self.items.extend(_not_run(call) for call in unanswered)
        self.items.extend(items)

    def open_calls(self) -> list[Item]:
        """Return the call items that have no output, oldest first."""
        calls: dict[str, Item] = {}
        for item in self.items:
            kind = text_field(item, "type")
            call_id = text_field(item, "call_id")
            if kind in _OUTPUT_TYPES and call_id:
                calls[call_id] = item
            elif kind.endswith("_output"):
                calls.pop(call_id, None)
        return list(calls.values())

    @property
    def open_call_ids(self) -> tuple[str, ...]:
        """The ids of :meth:`open_calls`."""
        return tuple(call["call_id"] for call in self.open_calls())

    def request(self, settings: TurnSettings, *, reasoning: bool = False, generate: bool = True) -> Item:
        """Return the ``response.create`` for what is new, or for everything when the chain cannot be continued.

        ``reasoning`` asks for encrypted reasoning, which a full resend needs; ``generate=False`` is a warm-up.
        """
        frame: Item = {"type": "response.create", "model": settings.model, "store": False}
        if settings.instructions:
            frame["instructions"] = settings.instructions
        if settings.tools:
            frame["tools"] = list(settings.tools)
        if reasoning:
            frame["include"] = [_ENCRYPTED_REASONING]
        frame |= settings.extra
        if not generate:
            frame["generate"] = False
        if self.continues(settings):
            frame["previous_response_id"] = self.response_id
            frame["input"] = self.items[self.held :]
        else:
            stored = bool(frame["store"])
            frame["input"] = [item for item in self.items if stored or _can_be_resent(item)]
        self._settings = settings
        return frame

    def continues(self, settings: TurnSettings) -> bool:
        """Whether the next request may send only what is new."""
        return self.response_id is not None and settings == self._settings

    def record(self, response_id: str, output: Sequence[Item], *, intact: bool) -> None:
        """Append a response's ``output``; ``intact`` when the server holds just this under ``response_id``."""
        self.items.extend(output)
        self._stopped = None
        self.response_id = response_id if intact and response_id else None
        self.held = len(self.items)

    def record_cut(self, items: Sequence[Item]) -> None:
        """Append what came of a response before it was cut; the server has forgotten all of it."""
        self.items.extend(items)
        self.break_chain()

    def ask_to_go_on(self) -> None:
        """Append the request to finish the message that was cut."""
        self.items.append(_GO_ON)

    def record_stopped(self, response_id: str, whole: Sequence[Item], partial: Sequence[Item]) -> None:
        """Append what a stopped response left: ``whole`` items, and then what only we have of it.

        The chain is broken until :meth:`confirm_stopped` tells that the server kept the same.
        """
        self.break_chain()
        self.items.extend(whole)
        self._stopped = (response_id, list(whole), len(self.items))
        self.items.extend(partial)

    def confirm_stopped(self, response_id: str, output: Sequence[Item]) -> None:
        """Take the server's own account of the stopped response, and go on from it if it agrees with ours."""
        stopped, self._stopped = self._stopped, None
        if stopped is None or stopped[0] not in ("", response_id):
            return
        if [text_field(item, "id") for item in output] == [text_field(item, "id") for item in stopped[1]]:
            self.response_id = response_id
            self.held = stopped[2]

    def break_chain(self) -> None:
        """Forget what the server is believed to hold: the next request carries everything."""
        self.response_id = None
        self.held = 0
        self._stopped = None

    def remove(self, item: Item) -> None:
        """Take back ``item`` itself (not one that equals it), which no response has been made of."""
        self.items = [kept for kept in self.items if kept is not item]
        self.break_chain()

    def replace(self, items: Iterable[Item]) -> None:
        """Make ``items`` the whole conversation; the next request carries all of it."""
        self.items = list(items)
        self.break_chain()

    def to_json(self) -> dict[str, Any]:
        """Return what is needed to resume later. The chain does not outlive its connection, so it is left out."""
        return {"items": self.items}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> History:
        """Return the history that :meth:`to_json` described; raises ``ValueError`` for anything else."""
        items = data.get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ValueError("not a conversation: its items are missing")
        return cls(items)


def _can_be_resent(item: Item) -> bool:
    """Whether a server that stores nothing can take ``item``: bare reasoning only names what it has forgotten."""
    return item.get("type") != "reasoning" or bool(item.get("encrypted_content"))


def _not_run(call: Item) -> Item:
    kind = text_field(call, "type")
    answer: Item = {"type": _OUTPUT_TYPES[kind], "call_id": call["call_id"], "output": _NOT_RUN}
    if kind == CallKind.APPLY_PATCH.value:
        answer["status"] = "failed"
    return answer
