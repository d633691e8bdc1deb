"""Text that goes to the model or into git is what the user sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.widgets.editor import visible_text


@given(st.text())
def test_visible_text_can_be_sent_and_drawn(text: str) -> None:
    visible = visible_text(text)
    visible.encode()
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in visible)
    assert visible_text(visible) == visible


def test_emoji_and_other_scripts_are_left_alone() -> None:
    text = "日本語 é 👨‍👩‍👧 \tעברית\n"
    assert visible_text(text) == text
