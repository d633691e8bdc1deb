"""Whatever a server sends, in whatever order: the session stays usable and never raises."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.wire.lane import Outcome, Phase
from spark_tui.protocol.wire.session import WireSession

KINDS = st.sampled_from(
    [
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "error",
        "response.steer.accepted",
        "response.steer.failed",
        "response.steer.pending",
        "response.output_text.delta",
        "response.output_text.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.reasoning_text.delta",
        "response.function_call_arguments.delta",
        "response.custom_tool_call_input.done",
        "codex.rate_limits",
        "x.y",
    ]
)
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        -1,
        "x",
        "r1",
        [],
        {},
        {"id": "r1"},
        {"id": "r2", "output": [{"type": "message"}, 5, {"type": "function_call"}]},
        {"type": "function_call", "id": "x", "call_id": "c"},
        {"type": "message", "id": "x", "content": [5, {"text": 3}]},
        {"type": ["x"], "id": {}},
    ]
)
FIELDS = st.sampled_from(
    [
        "item_id",
        "output_index",
        "content_index",
        "delta",
        "text",
        "arguments",
        "input",
        "item",
        "response",
        "steer",
        "error",
        "status",
        "headers",
        "rate_limits",
        "code",
        "message",
        "summary_index",
    ]
)
LANES = st.sampled_from(("a", "b", ""))
EVENTS = st.tuples(KINDS, st.dictionaries(FIELDS, VALUES, max_size=4), st.none() | LANES)
ACTIONS = st.sampled_from(("submit", "steer", "interrupt", "give up"))
STEPS = st.lists(EVENTS | st.tuples(ACTIONS, LANES), max_size=30)


def act(session: WireSession, action: str, name: str) -> None:
    lane = session.lane(name)
    if action == "submit":
        session.submit(name, {"type": "response.create"})
    elif action == "steer":
        lane.steer("tag", "text")
    elif action == "interrupt" and lane.can_interrupt:
        lane.interrupt()
    elif action == "give up":
        lane.give_up_steers("no answer")


@settings(max_examples=150)
@given(STEPS)
def test_any_sequence_is_survived(steps: list[tuple[Any, ...]]) -> None:
    session = WireSession()
    for step in steps:
        if len(step) == 2:
            act(session, *step)
            continue
        kind, fields, stream_id = step
        event = {"type": kind, **fields} | ({} if stream_id is None else {"stream_id": stream_id})
        for name, told in session.receive(json.dumps(event)):
            if isinstance(told, Outcome) and not told.handed_over:
                assert session.lane(name).phase in (Phase.IDLE, Phase.SENT)
        session.data_to_send()
