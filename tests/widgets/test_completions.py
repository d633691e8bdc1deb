"""Which commands the beginning of one may become."""

from __future__ import annotations

import pytest

from spark_tui.widgets.completions import Completion, matching

COMMANDS = [Completion(f"/{name}", "") for name in ("commit", "undo", "undo-turn", "redo", "theme ", "theme nord")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("/", ["/commit", "/undo", "/undo-turn", "/redo", "/theme "]),
        ("/re", ["/redo"]),
        ("/turn", ["/undo-turn"]),
        ("/do", ["/undo", "/undo-turn", "/redo"]),
        ("/cmt", ["/commit"]),
        ("/COM", ["/commit"]),
        ("/theme", ["/theme "]),
        ("/theme ", ["/theme nord"]),
        ("/theme or", ["/theme nord"]),
    ],
)
def test_what_fits_the_likeliest_first(typed: str, found: list[str]) -> None:
    assert [completion.text for completion in matching(COMMANDS, typed)] == found


def test_what_was_typed_in_full_stands_first() -> None:
    assert matching([*reversed(COMMANDS)], "/undo")[0].text == "/undo"


@pytest.mark.parametrize(
    "typed", ["", "undo", " /undo", "/usr", "/undo x", "/theme x", "/undo\n", "/etc/passwd", "//"]
)
def test_what_is_no_beginning_of_a_command(typed: str) -> None:
    assert matching(COMMANDS, typed) == []
