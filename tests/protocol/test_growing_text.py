from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.protocol.growing_text import PAGE, GrowingText

pieces = st.lists(
    st.one_of(st.text(max_size=3), st.integers(1, 3 * PAGE).map(lambda size: "ab\n" * size)), max_size=12
)


@given(pieces, st.data())
def test_it_is_the_text_that_was_appended(texts: list[str], data: st.DataObject) -> None:
    growing, whole = GrowingText(), ""
    for text in texts:
        growing.append(text)
        whole += text
        at = data.draw(st.integers(0, len(whole) + 1))
        assert growing.since(at) == whole[at:]
    assert str(growing) == whole
    assert len(growing) == len(whole)
    assert str(GrowingText(whole)) == whole


def test_words_take_little_more_than_their_letters() -> None:
    words = [f"word {number} " for number in range(1000)]
    tracemalloc.start()
    growing = GrowingText()
    for _ in range(100):
        for word in words:
            growing.append(word[:1] + word[1:])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 1.2 * len(growing)
