"""What is selected anywhere leaves by the terminal's clipboard, and the program says only what it knows of it."""

from __future__ import annotations

import base64

import pytest
from textual.pilot import Pilot

from spark_tui.app.pairing.transcript import Speaker
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.ui.clipboard import LIMIT, sent_to_clipboard
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.transcript import Transcript
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, shows, until


async def drag(pilot: Pilot[int], view: Transcript, start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(view, offset=start)
    await pilot.hover(view, offset=end)
    await pilot.mouse_up(view, offset=end)


def notice(app: SparkApp) -> str:
    current = app.query_one(NoticeBar).current
    return "" if current is None else current.text


async def test_ctrl_c_at_the_prompt_copies_what_is_selected_in_the_transcript(
    make_work_tree: MakeWorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        written: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        view = app.panes.transcript
        app.bench.transcript.say(Speaker.MODEL, "größer\nthan that")
        app.changed()
        await until(pilot, lambda: shows(view, "than that"))
        await drag(pilot, view, (2, 1), (5, 2))
        assert app.focused is app.panes.prompt
        await pilot.press("ctrl+c")
        encoded = base64.b64encode("größer\nthan".encode()).decode()
        assert f"\x1b]52;c;{encoded}\a" in written
        assert notice(app) == "2 lines sent to the terminal's clipboard"


async def test_what_is_selected_in_the_prompt_comes_first(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        app.panes.prompt.insert("some words")
        await pilot.press("shift+home", "ctrl+c")
        assert app.clipboard == "some words"


async def test_without_a_selection_nothing_is_copied_and_nothing_claimed(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        app.copy_to_clipboard("kept")
        app.query_one(NoticeBar).clear()
        await drag(pilot, app.panes.transcript, (2, 1), (6, 2))
        await pilot.press("ctrl+c")
        assert (app.clipboard, notice(app)) == ("kept", "")
        await pilot.click(app.panes.transcript, offset=(2, 1))
        await pilot.press("ctrl+c")
        assert notice(app) == "ctrl+q leaves; ctrl+c copies what is selected"


def test_a_text_that_a_terminal_may_not_take_is_not_promised() -> None:
    assert sent_to_clipboard("a" * LIMIT) == "1 line sent to the terminal's clipboard"
    assert "no more than 74 KB" in sent_to_clipboard("ä" * LIMIT)
