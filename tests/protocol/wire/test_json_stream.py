"""Decoding one string of a JSON object while it arrives, and joining split surrogate pairs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.wire.json_stream import JsonStringField, SurrogateJoiner

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def decode(pieces: list[str], key: str = "input") -> tuple[str, bool]:
    field = JsonStringField(key)
    return "".join([field.feed(piece) for piece in pieces]), field.done


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.text(max_size=4).filter(lambda key: key != "input"), values, max_size=3),
    st.text(),
    st.booleans(),
    st.integers(1, 7),
    st.sampled_from([None, 1]),
)
def test_any_cut_decodes_the_value(
    others: dict[str, object], value: str, ascii_only: bool, size: int, indent: int | None
) -> None:
    text = json.dumps({**others, "input": value, "z": {"input": "no"}}, ensure_ascii=ascii_only, indent=indent)
    assert decode(cut(text, size)) == (value, True)


def test_value_comes_out_as_far_as_it_is_known() -> None:
    field = JsonStringField("input")
    assert [field.feed(piece) for piece in ('{"input":"ab', "\\", "n\\u00", "e9c", '"}')] == [
        "ab",
        "",
        "\n",
        "éc",
        "",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_surrogate_pairs_are_joined_and_halves_replaced(size: int) -> None:
    text = r'{"input": "\ud83d\ude00 \ud83d \ude00 \ud83d\ud83d\ude00 \ud83d"}'
    assert decode(cut(text, size)) == ("😀 � � �😀 �", True)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_unknown_and_broken_escapes_do_not_stop_the_value(size: int) -> None:
    assert decode(cut('{"input": "\\x \\u12 \\/"}', size)) == ("x �12 /", True)


@pytest.mark.parametrize(
    "text", ["*** Begin Patch\n", '["input"]', '{"input": 1}', '{"a": {"input": "x"}}', "{}", "{1"]
)
def test_no_such_string_decodes_to_nothing(text: str) -> None:
    assert decode(cut(text, 1)) == ("", True)


def test_unfinished_object_is_not_done() -> None:
    assert decode(['{"a": "x", "inp']) == ("", False)
    assert decode(['{"input": "x']) == ("x", False)


def test_long_value_in_single_characters() -> None:
    value = 'x"\n' * 60_000
    assert decode(list(json.dumps({"input": value}))) == (value, True)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec=None) | st.sampled_from("\ud83d\ude00"), max_size=20), st.integers(1, 4))
def test_joiner_gives_the_same_text_for_any_cut(text: str, size: int) -> None:
    joiner = SurrogateJoiner()
    joined = "".join([joiner.feed(piece) for piece in cut(text, size)]) + joiner.finish()
    assert joined == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
