"""What the gateway remembers of a conversation: chains of items, the latest response of each lane, open calls."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spark_tui.protocol.gateway.refusal import Refusal
from spark_tui.protocol.wire.updates import Item

OUTPUT_OF = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "shell_call": "shell_call_output",
    "local_shell_call": "local_shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
    "computer_call": "computer_call_output",
    "tool_search_call": "tool_search_output",
}
"""The calls that a client answers, and the item with which it does."""

STORED_RESPONSES = 256


@dataclass(frozen=True, slots=True)
class Chain:
    """A list of items that shares its beginning with other lists: forks and turns cost only what they add."""

    before: Chain | None
    added: list[Item]
    open_calls: dict[str, Item] = field(default_factory=dict)
    """Calls up to here without an answer, by call id, in order."""

    def items(self) -> list[Item]:
        """All items, oldest first."""
        parts: list[list[Item]] = []
        node: Chain | None = self
        while node is not None:
            parts.append(node.added)
            node = node.before
        return [item for part in reversed(parts) for item in part]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items())


def extend(before: Chain | None, items: list[Item], *, from_client: bool = True) -> Chain:
    """``before`` with ``items`` after it. Calls may stay open: see :func:`require_answers`.

    Raises :class:`Refusal` for a client's result whose call is unknown or answered already. An upstream's output is
    taken as it is: a tool that it runs itself may show its results only.
    """
    open_calls = dict(before.open_calls) if before else {}
    for item in items:
        kind = item["type"]
        if is_client_call(item):
            open_calls[item["call_id"]] = item
        elif kind in _OUTPUTS:
            call_id = str(item.get("call_id") or item.get("id"))
            if call_id not in open_calls and from_client:
                raise Refusal(f"No open tool call has the id {call_id!r}.", code="invalid_value", param="input")
            open_calls.pop(call_id, None)
    return Chain(before, items, open_calls)


def require_answers(chain: Chain) -> None:
    """Raise :class:`Refusal` if a call of ``chain`` has no answer: a model cannot go on without it."""
    for call_id in chain.open_calls:
        raise Refusal(f"The tool call {call_id!r} has no output in the input.", code="invalid_value", param="input")


def is_client_call(item: Item) -> bool:
    """Whether the client owes an answer to this item."""
    kind = item["type"]
    if kind == "tool_search_call" and item.get("execution") != "client":
        return False
    return kind in OUTPUT_OF and isinstance(item.get("call_id"), str) and item.get("status") != "incomplete"


def answer_stubs(chain: Chain) -> list[Item]:
    """What the client must fill in to answer the open calls (``required_input`` of a pending steer)."""
    stubs = []
    for call_id, call in chain.open_calls.items():
        stub: Item = {"type": OUTPUT_OF[call["type"]], "call_id": call_id}
        if call["type"] == "function_call":
            stub["name"] = call.get("name", "")
        elif call["type"] == "tool_search_call":
            stub["execution"] = "client"
        stubs.append(stub)
    return stubs


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response that can be continued: its id, its lane and the chain with its output."""

    id: str
    lane: str | None
    chain: Chain


class StoredResponses:
    """Responses made with ``store`` true, for all connections of one gateway; the oldest go first."""

    def __init__(self, limit: int = STORED_RESPONSES) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, StoredResponse] = OrderedDict()

    def keep(self, response: StoredResponse) -> None:
        """Remember ``response``."""
        self._kept[response.id] = response
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def find(self, response_id: str) -> StoredResponse | None:
        """The response, or ``None`` when it is not kept (any more)."""
        return self._kept.get(response_id)


class ResponseCache:
    """One connection's memory: for each lane its latest response, and its latest warm-up.

    A warm-up is kept apart since it may be continued several turns later (protocol.md 6).
    """

    def __init__(self, stored: StoredResponses) -> None:
        self._stored = stored
        self._latest: dict[tuple[str | None, bool], StoredResponse] = {}

    def keep(self, response: StoredResponse, *, warmup: bool = False, store: bool = False) -> None:
        """Remember ``response`` in place of its lane's last one."""
        self._latest[response.lane, warmup] = response
        if store:
            self._stored.keep(response)

    def find(self, response_id: str) -> StoredResponse:
        """Raises :class:`Refusal` ``previous_response_not_found``."""
        for response in self._latest.values():
            if response.id == response_id:
                return response
        if (found := self._stored.find(response_id)) is not None:
            return found
        raise Refusal(
            f"Previous response with id {response_id!r} not found; send the whole history.",
            code="previous_response_not_found",
            param="previous_response_id",
        )

    def evict(self, response_id: str, lane: str | None) -> None:
        """Forget ``response_id`` if it is of ``lane``: a failed fork leaves its parent (protocol.md 5.3)."""
        for key, response in list(self._latest.items()):
            if response.id == response_id and response.lane == lane:
                del self._latest[key]

    def find_item(self, item_id: str) -> Item | None:
        """The item that an ``item_reference`` names, ``None`` if no chain kept here holds it."""
        return next((item for item in self._all_items() if item.get("id") == item_id), None)

    def _all_items(self) -> Iterable[Item]:
        for response in self._latest.values():
            yield from response.chain


_OUTPUTS = frozenset(OUTPUT_OF.values())
