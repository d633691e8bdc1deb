"""``spark-tui sanitize``: any bytes in, text that drives no terminal out."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.commands.sanitize import run


def sanitized(data: bytes) -> bytes:
    out = io.BytesIO()
    assert run(io.BytesIO(data), out) == 0
    return out.getvalue()


def test_plain_text_is_left_alone() -> None:
    assert sanitized("größe\n\tone\n".encode()) == "größe\n\tone\n".encode()


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_nothing_that_drives_a_terminal_comes_out(data: bytes) -> None:
    text = sanitized(data).decode("utf-8")
    assert not [character for character in text if ord(character) < 0x20 and character not in "\n\t"]
    assert not [character for character in text if 0x7F <= ord(character) < 0xA0]
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
