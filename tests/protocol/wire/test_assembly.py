from __future__ import annotations

import tracemalloc
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.wire.assembly import ResponseAssembly, call_arguments, message_text
from spark_tui.protocol.wire.frames import ServerEvent
from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallDone,
    CallKind,
    CallStarted,
    MessageDone,
    ReasoningDelta,
    TextDelta,
    Update,
)


def event(kind: str, **fields: Any) -> ServerEvent:
    return msgspec.convert({"type": f"response.{kind}", **fields}, ServerEvent)


def fed(assembly: ResponseAssembly, *events: ServerEvent) -> list[Update]:
    return [update for each in events for update in assembly.feed(each)]


def message(item_id: str, text: str) -> dict[str, Any]:
    return {"type": "message", "id": item_id, "role": "assistant", "content": [{"type": "output_text", "text": text}]}


CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read", "arguments": ""}


@settings(max_examples=60)
@given(st.lists(st.text(max_size=5), max_size=8))
def test_text_is_whole_however_it_was_cut(pieces: list[str]) -> None:
    assembly = ResponseAssembly()
    units = [half for piece in pieces for half in utf16_halves(piece)]
    told = fed(assembly, *(ServerEvent("response.output_text.delta", item_id="m", delta=unit) for unit in units))
    assert "".join(update.text for update in told if isinstance(update, TextDelta)) == "".join(pieces)


def utf16_halves(text: str) -> list[str]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [chr(int.from_bytes(raw[at : at + 2], "little")) for at in range(0, len(raw), 2)]


def test_done_events_replace_deltas_and_the_item_replaces_both() -> None:
    assembly = ResponseAssembly()
    fed(
        assembly, event("output_text.delta", item_id="m", delta="a"), event("output_text.done", item_id="m", text="b")
    )
    assert message_text(assembly.partial_items()[0]) == "b"
    assert fed(assembly, event("output_item.done", item=message("m", "c"))) == [MessageDone("m", "c")]
    assert assembly.finish([message("m", "d")], completed=True) == [MessageDone("m", "d")]
    assert assembly.items() == [message("m", "d")]


def test_output_that_only_the_terminal_has_is_told() -> None:
    assembly = ResponseAssembly()
    item = {**CALL, "arguments": "{}"}
    assert assembly.finish([message("m", "hi"), item], completed=True) == [
        MessageDone("m", "hi"),
        CallStarted("call_1", "read", CallKind.FUNCTION),
        CallDone("call_1", "read", CallKind.FUNCTION, "{}", item),
    ]
    assert assembly.items() == [message("m", "hi"), item]


def test_empty_output_does_not_unsay_what_came() -> None:
    assembly = ResponseAssembly()
    fed(assembly, event("output_item.done", item=message("m", "hi")))
    assert assembly.finish([], completed=True) == []
    assert assembly.items() == [message("m", "hi")]


def test_a_call_streams_and_is_done_once() -> None:
    assembly = ResponseAssembly()
    done = {**CALL, "arguments": '{"a":1}'}
    told = fed(
        assembly,
        event("output_item.added", item=CALL, output_index=0),
        event("function_call_arguments.delta", item_id="fc_1", output_index=0, delta='{"a":'),
        event("function_call_arguments.done", item_id="fc_1", output_index=0, arguments='{"a":1}'),
        event("output_item.done", item=done, output_index=0),
        event("output_item.done", item=done, output_index=0),
    )
    assert told == [
        CallStarted("call_1", "read", CallKind.FUNCTION),
        CallDelta("call_1", '{"a":'),
        CallDone("call_1", "read", CallKind.FUNCTION, '{"a":1}', done),
    ]
    assert assembly.finish([done], completed=True) == []


def test_deltas_before_the_call_has_a_name_are_held_until_it_has() -> None:
    assembly = ResponseAssembly()
    assert fed(assembly, event("custom_tool_call_input.delta", item_id="c", output_index=0, delta="ab")) == []
    item = {"type": "custom_tool_call", "id": "c", "call_id": "call_1", "name": "apply_patch", "input": "abc"}
    assert fed(assembly, event("output_item.done", item=item, output_index=0)) == [
        CallStarted("call_1", "apply_patch", CallKind.CUSTOM),
        CallDelta("call_1", "ab"),
        CallDone("call_1", "apply_patch", CallKind.CUSTOM, "abc", item),
    ]


def test_ids_that_change_with_each_event_are_matched_by_place() -> None:
    assembly = ResponseAssembly()
    told = fed(
        assembly,
        event("output_item.added", item={**CALL, "id": "x1"}, output_index=0),
        event("function_call_arguments.delta", item_id="x2", output_index=0, delta="{}"),
        event("output_item.done", item={**CALL, "id": "x3", "arguments": "{}"}, output_index=0),
    )
    assert [type(update) for update in told] == [CallStarted, CallDelta, CallDone]
    assert len(assembly.items()) == 1


def test_the_same_place_for_two_items_makes_two_items() -> None:
    assembly = ResponseAssembly()
    for item_id in ("m1", "m2"):
        fed(
            assembly,
            event("output_text.delta", item_id=item_id, output_index=0, delta=item_id),
            event("output_item.done", item=message(item_id, item_id), output_index=0),
        )
    assert [message_text(item) for item in assembly.items()] == ["m1", "m2"]


def test_events_without_ids_or_places() -> None:
    assembly = ResponseAssembly()
    told = fed(assembly, event("output_text.delta", delta="a"), event("output_text.delta", delta="b"))
    assert len({update.item_id for update in told if isinstance(update, TextDelta)}) == 1
    assert assembly.finish(None, completed=True) == [MessageDone("item_0", "ab")]


def test_a_built_in_patch_has_its_diff_as_arguments_and_may_have_none() -> None:
    patch = {"type": "apply_patch_call", "id": "p", "call_id": "call_1"}
    operation = {"type": "update_file", "path": "a", "diff": "@@\n+x"}
    done = {**patch, "operation": operation}
    told = fed(
        ResponseAssembly(),
        event("output_item.added", item=patch, output_index=0),
        event("apply_patch_call_operation_diff.delta", item_id="p", output_index=0, delta="@@"),
        event("output_item.done", item=done, output_index=0),
    )
    assert told[-1] == CallDone("call_1", "", CallKind.APPLY_PATCH, "@@\n+x", done)
    assert call_arguments({**patch, "operation": {"type": "delete_file", "path": "a"}}) == ""


def test_a_call_that_was_cut_is_neither_told_nor_kept_and_takes_its_reasoning_with_it() -> None:
    assembly = ResponseAssembly()
    reasoning = {"type": "reasoning", "id": "rs", "encrypted_content": "x", "summary": []}
    fed(
        assembly,
        event("output_item.done", item=message("m", "first"), output_index=0),
        event("output_item.done", item=reasoning, output_index=1),
        event("output_item.added", item=CALL, output_index=2),
        event("function_call_arguments.delta", item_id="fc_1", output_index=2, delta="{"),
    )
    cut = {**CALL, "status": "incomplete", "arguments": "{"}
    assert assembly.finish([message("m", "first"), reasoning, cut], completed=False) == []
    assert assembly.items_with_partial() == [message("m", "first")]


def test_a_completed_response_without_output_or_done_events_is_taken_as_it_came() -> None:
    assembly = ResponseAssembly()
    fed(
        assembly,
        event("output_item.added", item=CALL, output_index=0),
        event("function_call_arguments.delta", item_id="fc_1", output_index=0, delta="{}"),
    )
    told = assembly.finish(None, completed=True)
    assert [type(update) for update in told] == [CallDone]
    assert assembly.items()[0]["arguments"] == "{}"


def test_reasoning_and_refusals_are_told() -> None:
    assembly = ResponseAssembly()
    told = fed(
        assembly,
        event("reasoning_summary_text.delta", item_id="r", summary_index=0, delta="hm"),
        event("reasoning_summary_text.done", item_id="r", summary_index=0, text="hm"),
        event("reasoning_summary_text.done", item_id="r", summary_index=1, text="second"),
        event("refusal.delta", item_id="m", delta="no"),
        event("unheard.of", item_id="m", delta="?"),
    )
    assert told == [ReasoningDelta("r", "hm"), ReasoningDelta("r", "second"), TextDelta("m", "no")]


def test_a_long_answer_takes_little_more_than_its_letters_while_it_is_written() -> None:
    words = [f"word {number} " for number in range(1000)]
    letters = 50 * sum(map(len, words))
    for kind in ("output_text.delta", "custom_tool_call_input.delta"):
        tracemalloc.start()
        assembly = ResponseAssembly()
        for _ in range(50):
            for word in words:
                assembly.feed(ServerEvent(f"response.{kind}", item_id="i", delta=word[:1] + word[1:]))
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken < 1.3 * letters


def test_a_finished_answer_is_kept_once() -> None:
    tracemalloc.start()
    assembly = ResponseAssembly()
    fed(assembly, *(event("output_text.delta", item_id="m", delta=f"word {number} ") for number in range(20_000)))
    text = "".join(f"word {number} " for number in range(20_000))
    fed(assembly, event("output_item.done", item=message("m", text)))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 1.3 * len(text)
