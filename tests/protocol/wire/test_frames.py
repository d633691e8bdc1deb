from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.wire.frames import (
    Failure,
    decode_event,
    encode_frame,
    failure_of,
    incomplete_reason_of,
    usage_of,
)
from spark_tui.protocol.wire.updates import Usage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(("type", "delta", "item", "response", "error", "status", "headers", "steer", "output_index"))


@settings(max_examples=100)
@given(st.dictionaries(FIELDS, JSON, max_size=5))
def test_no_object_is_refused(fields: dict[str, object]) -> None:
    event = decode_event(json.dumps(fields))
    assert event is not None
    assert event.type == (fields["type"] if isinstance(fields.get("type"), str) else "")


@settings(max_examples=100)
@given(st.binary() | st.text(alphabet=st.characters(exclude_categories=())))
def test_no_frame_raises(frame: str | bytes) -> None:
    decode_event(frame)


def test_deep_nesting_is_not_fatal() -> None:
    assert decode_event('{"type":"x","item":' + "[" * 100_000) is None


def test_a_field_of_the_wrong_type_is_missing_and_the_others_stay() -> None:
    event = decode_event('{"type":"t","delta":5,"item_id":"i","output_index":true,"error":"no"}')
    assert event is not None
    assert (event.type, event.delta, event.item_id, event.output_index, event.error) == ("t", None, "i", None, None)


def test_half_a_surrogate_pair_stays_in_a_delta_and_nowhere_else() -> None:
    event = decode_event('{"type":"t","delta":"\\ud83d","item":{"text":"\\ud83d\\ude00 \\ud83d"}}')
    assert event is not None
    assert event.delta == "\ud83d"
    assert event.item == {"text": "\U0001f600 \ufffd"}


def test_frames_to_send_can_always_be_encoded() -> None:
    assert json.loads(encode_frame({"a": "x\ud800"})) == {"a": "x\ufffd"}


def failure(**fields: object) -> Failure:
    event = decode_event(json.dumps({"type": "error", **fields}))
    assert event is not None
    return failure_of(event)


def test_both_shapes_of_an_error() -> None:
    nested = failure(status=400, error={"type": "t", "code": "c", "message": "m\n n", "headers": {"Retry-After": 3}})
    assert nested == Failure("m n", "c", 400, {"retry-after": "3"})
    assert failure(code="c", message="m", status_code=500, headers={"A": "b"}) == Failure("m", "c", 500, {"a": "b"})
    assert failure() == Failure("the server gave no reason")
    assert failure(error={"type": "server_error"}).code == "server_error"


def test_a_failed_response_is_read_like_an_error() -> None:
    event = decode_event('{"type":"response.failed","response":{"error":{"code":"c","message":"m"}}}')
    assert event is not None
    assert failure_of(event) == Failure("m", "c")


def test_usage_needs_no_field() -> None:
    assert usage_of({}) is None
    assert usage_of({"usage": {"input_tokens": "many", "output_tokens": 3}}) == Usage(0, 0, 3, 0)
    assert incomplete_reason_of({"incomplete_details": None}) is None
