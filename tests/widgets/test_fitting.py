"""Cut text is never wider than its room, and text that fits is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from spark_tui.widgets.fitting import fit_end, fit_start


@given(st.text(alphabet="ab/日é\u0301 ", max_size=30), st.integers(-2, 40))
def test_cut_text_fits_and_whole_text_is_left_alone(text: str, room: int) -> None:
    for cut in (fit_start(text, room), fit_end(text, room)):
        assert cell_len(cut) <= max(0, room)
        if cell_len(text) <= room:
            assert cut == text
        elif room > 0:
            assert "…" in cut


def test_the_end_or_the_start_is_kept() -> None:
    assert fit_start("feature/login", 8) == "feature…"
    assert fit_end("src/wire/", 6) == "…wire/"
