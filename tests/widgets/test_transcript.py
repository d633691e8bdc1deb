"""The transcript in a running app: what is on the screen, what moves and what does not."""

from __future__ import annotations

import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.selection import Selection
from textual.strip import Strip

from spark_tui.widgets import drawn_rows
from spark_tui.widgets.follow_pace import FollowPace
from spark_tui.widgets.row_strip import RowStrip
from spark_tui.widgets.transcript import EntryKind, Transcript

CORPUS = Path(__file__).parent.parent / "corpus" / "terminal.jsonl"


class TranscriptApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Transcript()


@asynccontextmanager
async def transcript(width: int = 60, height: int = 12) -> AsyncIterator[tuple[Transcript, Pilot[None]]]:
    app = TranscriptApp()
    async with app.run_test(size=(width, height)) as pilot:
        view = app.query_one(Transcript)
        view.focus()
        await pilot.pause()
        yield view, pilot


def strips(view: Transcript) -> list[Strip]:
    return view.render_lines(Region(0, 0, *view.size))


def screen(view: Transcript) -> list[str]:
    return [strip.text[:-1].rstrip() for strip in strips(view)]


async def test_an_empty_transcript_invites() -> None:
    async with transcript() as (view, pilot):
        assert any("Say what you want changed" in row for row in screen(view))
        assert not any("offline" in row for row in screen(view))
        view.is_offline = True
        await pilot.pause()
        assert any("help tells what the offline engine can do" in row for row in screen(view))


async def test_a_paint_before_the_frame_shows_all_that_changed_beside_a_border_too() -> None:
    async with transcript() as (view, pilot):
        view.styles.border_left = ("solid", "white")
        for key in ("t1", "t2"):
            view.append(key, EntryKind.TOOL, "patch")
        await pilot.pause()
        assert [row[1:].strip() for row in screen(view)[:2]] == ["◇ patch", "◇ patch"]
        view.replace("t1", "patch: 3 hunks")
        view.refresh(Region(0, 1, view.size.width, 1))
        assert [row[1:].strip() for row in screen(view)[:2]] == ["◇ patch: 3 hunks", "◇ patch"]


async def test_kinds_have_their_marks_and_gaps() -> None:
    async with transcript() as (view, pilot):
        view.append("u", EntryKind.USER, "rename it\nplease")
        view.append("t1", EntryKind.TOOL, "read a.py")
        view.append("t2", EntryKind.TOOL, "read b.py")
        view.append("m", EntryKind.MODEL, "Done.")
        view.append("e", EntryKind.ERROR, "no connection")
        await pilot.pause()
        assert screen(view)[:9] == [
            "▌ rename it",
            "▌ please",
            "",
            "◇ read a.py",
            "◇ read b.py",
            "",
            "  Done.",
            "",
            "✗ no connection",
        ]


async def test_deltas_grow_their_own_entry() -> None:
    async with transcript() as (view, pilot):
        view.append("a", EntryKind.MODEL, "one ")
        view.append("b", EntryKind.TOOL, "tool")
        view.append("a", EntryKind.MODEL, "two\nthr")
        view.append("a", EntryKind.MODEL, "ee")
        await pilot.pause()
        assert screen(view)[:4] == ["  one two", "  three", "", "◇ tool"]


async def test_any_cutting_of_the_deltas_gives_the_same_screen() -> None:
    text = "# Head\n\nSome **bold** and `code` that wraps over the edge of it.\n\n```python\nx = 1\n```\n- item\n"
    shown: list[list[str]] = []
    for size in (1, 3, len(text)):
        async with transcript(40, 16) as (view, pilot):
            for start in range(0, len(text), size):
                view.append("m", EntryKind.MODEL, text[start : start + size])
            await pilot.pause()
            shown.append(screen(view))
    assert shown[0] == shown[1] == shown[2]
    assert shown[0][0] == "  Head"
    assert "bold and code" in shown[0][2]


async def test_replace_and_clear() -> None:
    async with transcript() as (view, pilot):
        view.append("t", EntryKind.TOOL, "runs")
        await pilot.pause()
        view.replace("t", "done")
        await pilot.pause()
        assert screen(view)[0] == "◇ done"
        view.set_note("t", "12 ms")
        await pilot.pause()
        row = screen(view)[0]
        assert row.startswith("◇ done")
        assert row.endswith("12 ms")
        view.clear()
        await pilot.pause()
        assert view.line_count() == 0
        with pytest.raises(KeyError):
            view.replace("t", "x")


async def test_code_is_highlighted_once_its_lexer_is_there() -> None:
    async with transcript() as (view, pilot):
        view.append("m", EntryKind.MODEL, "```python\nreturn 1\n```\n")
        keyword = view.palette["syntax--keyword"].color

        def coloured() -> bool:
            return any(
                segment.text == "return" and segment.style is not None and segment.style.color == keyword
                for segment in strips(view)[1]
            )

        for _ in range(500):
            if coloured():
                break
            await pilot.pause(0.01)
        assert coloured()


async def test_the_view_follows_until_the_reader_moves_and_then_stays() -> None:
    async with transcript(40, 10) as (view, pilot):
        for number in range(100):
            view.append("m", EntryKind.MODEL, f"line {number}\n")
        await pilot.pause()
        assert view.following
        assert "line 99" in screen(view)[-2]
        await pilot.press("pageup")
        assert not view.following
        before = screen(view)
        view.append("m", EntryKind.MODEL, "more\n" * 50)
        await pilot.pause()
        assert screen(view)[:-1] == before[:-1]
        await pilot.press("end")
        assert view.following
        assert "more" in screen(view)[-2]


async def test_arrows_go_by_rows_and_pages_by_what_is_in_view() -> None:
    async with transcript(40, 10) as (view, pilot):
        for number in range(100):
            view.append("m", EntryKind.MODEL, f"line {number}\n")
        for key, first in (("home", 0), ("down", 1), ("down", 2), ("up", 1), ("pagedown", 9), ("pageup", 1)):
            await pilot.press(key)
            assert screen(view)[0].split() == ["line", str(first)]


async def test_a_new_width_keeps_what_is_read_at_the_top() -> None:
    async with transcript(60, 10) as (view, pilot):
        for number in range(60):
            view.append("m", EntryKind.MODEL, f"{number:03} " + "words " * 20 + "\n")
        await pilot.pause()
        for _ in range(4):
            await pilot.press("pageup")
        top = screen(view)[0].split()
        await pilot.resize_terminal(34, 10)
        await pilot.pause()
        assert screen(view)[0].split()[0] == top[0]


async def test_lines_added_above_do_not_move_the_view() -> None:
    async with transcript(40, 8) as (view, pilot):
        view.append("tool", EntryKind.TOOL, "read")
        view.append("m", EntryKind.MODEL, "".join(f"line {n}\n" for n in range(40)))
        await pilot.pause()
        await pilot.press("up")
        before = screen(view)
        view.append("tool", EntryKind.TOOL, "\n" * 10)
        await pilot.pause()
        assert screen(view) == before


async def test_selected_text_is_the_text_that_came() -> None:
    async with transcript() as (view, pilot):
        view.append("m", EntryKind.MODEL, "a **bold** word\n\x1b[31mred \u202eevil\nlast")
        await pilot.pause()
        whole = view.get_selection(Selection(None, None))
        assert whole is not None
        assert whole[0] == "a **bold** word\n\x1b[31mred \u202eevil\nlast"
        part = view.get_selection(Selection(Offset(4, view.line_serial(0)), Offset(1, view.line_serial(1))))
        assert part is not None
        assert part[0] == "bold** word\n\x1b"


async def test_dragging_the_mouse_selects_what_is_under_it() -> None:
    async with transcript() as (view, pilot):
        view.append("m", EntryKind.MODEL, "alpha beta\ngamma delta\n")
        await pilot.pause()
        await pilot.mouse_down(view, offset=(8, 0))
        await pilot.hover(view, offset=(6, 1))
        await pilot.mouse_up(view, offset=(6, 1))
        assert view.screen.get_selected_text() == "beta\ngamma"


async def test_the_scrollbar_can_be_dragged() -> None:
    async with transcript(40, 10) as (view, pilot):
        view.append("m", EntryKind.MODEL, "".join(f"line {n}\n" for n in range(200)))
        await pilot.pause()
        await pilot.mouse_down(view, offset=(39, 0))
        await pilot.mouse_up(view, offset=(39, 0))
        await pilot.pause()
        assert "line 0" in screen(view)[0]
        assert not view.following


async def test_every_row_is_exactly_as_wide_as_the_view() -> None:
    async with transcript(50, 16) as (view, pilot):
        for line in CORPUS.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "model" not in row["places"]:
                continue
            text = row.get("text") or (json.loads(f'"{row["json_raw"]}"') if "json_raw" in row else "")
            for kind in (EntryKind.MODEL, EntryKind.TOOL):
                view.append(f"{row['id']}{kind}", kind, text + row["marker"])
            await pilot.pause()
            for strip in strips(view):
                assert cell_len(strip.text) == 50
                assert "\x1b" not in strip.text
                strip.text.encode("utf-8")


async def test_a_megabyte_on_one_line_stays_reachable() -> None:
    async with transcript(80, 10) as (view, pilot):
        for _ in range(40):
            view.append("m", EntryKind.MODEL, "word " * 5000)
        view.append("m", EntryKind.MODEL, "END")
        await pilot.pause()
        assert screen(view)[-1].endswith("END")
        await pilot.press("home")
        assert screen(view)[0].startswith("  word word")


async def test_rows_kept_free_for_a_fast_stream_are_filled_when_it_comes_to_rest() -> None:
    async with transcript(60, 12) as (view, pilot):
        view._pace = FollowPace(clock=lambda: 0.0)  # all of it comes in no time
        for number in range(20):
            view.append("m", EntryKind.MODEL, f"line {number}\n")
            await pilot.pause()
            assert any(row.endswith(f"line {number}") for row in screen(view))
        view.append("m", EntryKind.MODEL, "END")
        await pilot.pause()
        assert view.following
        assert screen(view)[-1] == ""
        view.append("m", EntryKind.MODEL, "\n\n\nof all")
        view.come_to_rest()
        await pilot.pause()
        assert screen(view)[-1].endswith("of all")


async def test_rows_that_were_scrolled_past_are_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_rows, "STRIPS_KEPT", 16)
    async with transcript() as (view, pilot):
        gc.collect()
        gc.disable()
        try:
            for number in range(60):
                view.append("m", EntryKind.MODEL, f"line {number}\n")
                await pilot.pause()
            rows = [each for each in gc.get_objects() if isinstance(each, RowStrip)]
        finally:
            gc.enable()
        # Each is kept as it was drawn and as a filter made it.
        assert sum(row.text.startswith("  line") for row in rows) <= 2 * 16
