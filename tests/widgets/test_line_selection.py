"""Selecting with the mouse in a pane of lines."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult

from spark_tui.widgets.diff_browser import DiffBrowser
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.line_selection import word_at
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind
from spark_tui.widgets.theme import ThemedApp


class Bench(ThemedApp[None]):
    def __init__(self) -> None:
        super().__init__()
        self.copied = ""
        self.about: list[str] = []

    def compose(self) -> ComposeResult:
        yield DiffView()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text

    def on_diff_browser_comment_requested(self, event: DiffBrowser.CommentRequested) -> None:
        self.about = [row.text for row in event.rows]


BLOCK = DiffBlock(
    "h",
    "a.txt",
    [
        DiffRow(RowKind.HUNK, "here"),
        DiffRow(RowKind.REMOVED, "total = count(lines)", 1),
        DiffRow(RowKind.ADDED, "amount = count(lines)", None, 1),
    ],
    hunk="h",
    mark=Mark.PENDING,
)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("total = count", 0, (0, 5)),
        ("total = count", 12, (8, 13)),
        ("a==b", 2, (1, 3)),
        ("a  b", 1, (1, 2)),
        ("", 0, (0, 1)),
        ("a", 99, (99, 100)),
        ("größe x", 3, (0, 5)),
    ],
)
def test_the_word_at_a_column(text: str, column: int, expected: tuple[int, int]) -> None:
    assert word_at(text, column) == expected


@pytest.mark.parametrize(("times", "expected"), [(2, "count"), (3, "amount = count(lines)")])
async def test_two_clicks_select_the_word_and_three_the_line(times: int, expected: str) -> None:
    app = Bench()
    async with app.run_test(size=(80, 10)) as pilot:
        view = app.query_one(DiffView)
        view.show([BLOCK])
        await pilot.pause()
        text = view.render_line(2).text
        await pilot.click(view, offset=(text.index("count") + 2, 2), times=times)
        await pilot.pause()
        assert app.screen.get_selected_text() == expected
        await pilot.press("ctrl+c")
        assert app.copied == expected


async def test_dragging_selects_what_came_and_a_click_none() -> None:
    app = Bench()
    async with app.run_test(size=(80, 10)) as pilot:
        view = app.query_one(DiffView)
        view.show([BLOCK])
        await pilot.pause()
        at = view.render_line(1).text.index("total")
        await pilot.mouse_down(view, offset=(at, 1))
        await pilot.hover(view, offset=(at + 5, 2))
        await pilot.mouse_up(view, offset=(at + 5, 2))
        await pilot.pause()
        assert app.screen.get_selected_text() == "total = count(lines)\namount"
        await pilot.click(view, offset=(at, 1))
        await pilot.pause()
        assert not app.screen.get_selected_text()


async def test_a_comment_is_about_the_lines_that_are_selected() -> None:
    app = Bench()
    async with app.run_test(size=(80, 10)) as pilot:
        view = app.query_one(DiffView)
        view.show([BLOCK])
        view.focus()
        await pilot.pause()
        await pilot.mouse_down(view, offset=(30, 1))
        await pilot.hover(view, offset=(20, 2))
        await pilot.mouse_up(view, offset=(20, 2))
        await pilot.press("c")
        assert app.about == ["total = count(lines)", "amount = count(lines)"]
        await pilot.press("up", "up", "c")
        assert app.about == ["here"]


async def test_the_new_side_can_be_selected_beside_the_old_one() -> None:
    app = Bench()
    async with app.run_test(size=(120, 10)) as pilot:
        view = app.query_one(DiffView)
        view.show([BLOCK])
        view.set_side_by_side(True)
        await pilot.pause()
        text = view.render_line(1).text
        await pilot.click(view, offset=(text.rindex("count") + 1, 1), times=2)
        await pilot.pause()
        assert app.screen.get_selected_text() == "count"
        await pilot.click(view, offset=(text.index("total") + 1, 1), times=2)
        await pilot.pause()
        assert app.screen.get_selected_text() == "total"
