"""Server-sent events in any pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.engines.sse import EventStream


def read(*chunks: bytes) -> list[bytes]:
    stream = EventStream()
    return [data for chunk in chunks for data in stream.feed(chunk)] + stream.finish()


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\r\n\r\ndata:b\r\rdata: c\n\n", [b"a", b"b", b"c"]),
        (b": comment\n\n:\n\ndata: a\nid: 7\nevent: x\nretry: 1\n\n", [b"a"]),
        (b"data: a\ndata:  b\ndata\n\n", [b"a\n b\n"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: a", [b"a"]),
        (b"database: a\n\n\n\n", []),
        (b"", []),
    ],
)
def test_streams(stream: bytes, data: list[bytes]) -> None:
    assert read(stream) == data


@given(
    st.lists(st.sampled_from([b"data: a", b"data", b": c", b"\r\n", b"\n", b"\r", b"x", "é".encode(), b"data:"])),
    st.lists(st.integers(0, 60), max_size=6),
)
@settings(max_examples=80)
def test_any_cut_gives_the_same_events(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert read(*pieces) == read(stream) == read(*[bytes([byte]) for byte in stream])


def test_event_is_given_with_its_blank_line_and_not_later() -> None:
    stream = EventStream()
    assert stream.feed(b"data: a\n") == []
    assert stream.feed(b"\n") == [b"a"]
    assert stream.feed(b"data: b\r\n\r") == [b"b"]
    assert stream.feed(b"\ndata: c\n\n") == [b"c"]
