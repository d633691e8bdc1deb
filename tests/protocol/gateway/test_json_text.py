"""JSON that others wrote."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.gateway.json_text import decode, decode_clean


@given(st.recursive(st.none() | st.text(st.characters(codec=None), max_size=5), st.lists, max_leaves=8))
@settings(max_examples=60)
def test_surrogates_are_kept_or_made_clean(value: object) -> None:
    data = json.dumps(value).encode()
    assert decode(data) == json.loads(data)
    json.dumps(decode_clean(data), ensure_ascii=False).encode()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[NaN]", b'"\\ud83d', b"[" * 100_000, b'["\\ud83d"' * 50_000])
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    for read in (decode, decode_clean):
        with pytest.raises(ValueError, match=r".+"):
            read(data)


def test_deep_nesting_around_a_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        decode_clean(b"[" * 200_000 + b'"\\ud83d"' + b"]" * 200_000)
