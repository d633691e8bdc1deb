"""Chains of items, what they leave open, and what is remembered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.gateway.chain import (
    Chain,
    ResponseCache,
    StoredResponse,
    StoredResponses,
    answer_stubs,
    extend,
    require_answers,
)
from spark_tui.protocol.gateway.refusal import Refusal


def call(kind: str, call_id: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "call_id": call_id, **fields}


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=6))
@settings(max_examples=40)
def test_a_chain_is_all_its_parts_in_order(parts: list[list[int]]) -> None:
    chain: Chain | None = None
    for part in parts:
        chain = extend(chain, [{"type": "message", "n": number} for number in part])
    assert chain is not None
    assert [item["n"] for item in chain] == [number for part in parts for number in part]


def test_forks_do_not_touch_each_other() -> None:
    parent = extend(None, [call("function_call", "c", name="f")])
    answered = extend(parent, [call("function_call_output", "c")])
    require_answers(answered)
    with pytest.raises(Refusal):
        require_answers(parent)


def test_stubs_name_what_identifies_each_call() -> None:
    chain = extend(
        None,
        [
            call("function_call", "a", name="f"),
            call("shell_call", "b"),
            call("apply_patch_call", "c"),
            call("tool_search_call", "d", execution="client"),
            call("tool_search_call", "e", execution="server"),
            call("web_search_call", "f"),
            call("custom_tool_call", "g", status="incomplete"),
        ],
    )
    assert answer_stubs(chain) == [
        {"type": "function_call_output", "call_id": "a", "name": "f"},
        {"type": "shell_call_output", "call_id": "b"},
        {"type": "apply_patch_call_output", "call_id": "c"},
        {"type": "tool_search_output", "call_id": "d", "execution": "client"},
    ]


def test_only_the_lane_itself_evicts() -> None:
    cache = ResponseCache(StoredResponses())
    cache.keep(StoredResponse("r", "a", extend(None, [])))
    cache.evict("r", "b")
    assert cache.find("r")
    cache.evict("r", "a")
    with pytest.raises(Refusal):
        cache.find("r")
