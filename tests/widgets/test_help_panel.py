"""The help screen: arrangement, search, keys."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.widgets import Input

from spark_tui.widgets.help_panel import WIDE, HelpPanel, KeyRow, arrange, matching
from spark_tui.widgets.theme import ThemedApp

ROWS = [
    KeyRow("Review", "a", "accept the hunk under the cursor"),
    KeyRow("Review", "x", "reject the hunk"),
    KeyRow("Steering", "esc", "pause or resume"),
    KeyRow("Tree", "t", "list changed files first"),
]


def plain(rows: list[KeyRow], width: int) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in arrange(rows, width)]


def test_one_column_groups_by_section() -> None:
    assert plain(ROWS, 50) == [
        "Review",
        "  a    accept the hunk under the cursor",
        "  x    reject the hunk",
        "",
        "Steering",
        "  esc  pause or resume",
        "",
        "Tree",
        "  t    list changed files first",
    ]


def test_two_columns_where_it_is_wide() -> None:
    lines = plain(ROWS, WIDE)
    assert lines[0].split() == ["Review", "Steering"]
    assert len(lines) == 5


def test_keys_and_sections_that_are_long_are_wrapped_not_cut() -> None:
    row = KeyRow("A place with a name that is rather long", "shift+enter, ctrl+j, alt+enter", "start a new line")
    lines = plain([row], 36)
    assert lines == [
        "A place with a name that is rather",
        "long",
        "  shift+enter,  start a new line",
        "  ctrl+j,",
        "  alt+enter",
    ]


words = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=60)
@given(st.lists(st.builds(KeyRow, st.sampled_from("abc"), words, words), max_size=8), st.integers(20, 140))
def test_no_line_is_wider_than_it_may_be_and_no_section_is_lost(rows: list[KeyRow], width: int) -> None:
    lines = plain(rows, width)
    assert all(cell_len(line) <= width for line in lines)
    assert {row.section for row in rows} <= set(" ".join(lines))


def test_search_looks_in_section_key_and_description() -> None:
    assert [row.key for row in matching(ROWS, "REVIEW hunk")] == ["a", "x"]
    assert [row.key for row in matching(ROWS, "esc")] == ["esc"]
    assert matching(ROWS, "nonsense") == []


async def test_typing_narrows_arrows_scroll_and_escape_closes() -> None:
    app = ThemedApp[None]()
    rows = [*ROWS, *(KeyRow("More", f"f{number}", f"does thing {number}") for number in range(40))]
    async with app.run_test(size=(80, 24)) as pilot:
        panel = HelpPanel(rows)
        app.push_screen(panel)
        await pilot.pause()
        scroll = panel.query_one(VerticalScroll)
        await pilot.press("pagedown", "down", "up")
        assert scroll.scroll_offset.y == 12
        await pilot.press(*"pause")
        await pilot.pause()
        assert scroll.scroll_offset.y == 0
        screen = app.export_screenshot()
        assert "resume" in screen
        assert "thing" not in screen
        panel.query_one(Input).value = "zzz"
        await pilot.pause()
        assert "does&#160;that" in app.export_screenshot()
        await pilot.press("escape")
        assert app.screen is not panel
