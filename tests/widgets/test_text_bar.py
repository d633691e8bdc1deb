"""What a drag of the mouse selects in the bars above the prompt, and that it is not taken for a click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from spark_tui.widgets.notice_bar import NoticeBar, Severity
from spark_tui.widgets.proposal_bar import ProposalBar
from spark_tui.widgets.queued_messages import QueuedMessages
from spark_tui.widgets.text_bar import Passage, TextBar, selected
from spark_tui.widgets.theme import ThemedApp

LONG = "the quick brown fox jumps over the lazy dog and runs on and on"


class Bench(ThemedApp[None]):
    def __init__(self) -> None:
        super().__init__()
        self.taken: list[int] = []
        self.ran: list[str] = []

    def compose(self) -> ComposeResult:
        yield NoticeBar()
        yield ProposalBar()
        yield QueuedMessages()

    def on_queued_messages_take_back_requested(self, event: QueuedMessages.TakeBackRequested) -> None:
        self.taken.append(event.index)

    def action_allow(self, always: bool = False) -> None:
        self.ran.append("always" if always else "once")

    def action_decline(self) -> None:
        self.ran.append("declined")


@asynccontextmanager
async def bench() -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(50, 12)) as pilot:
        yield app, pilot


async def drag(pilot: Pilot[None], bar: TextBar, start: tuple[int, int], end: tuple[int, int]) -> str:
    """Select from ``start`` to ``end``, as a terminal tells it: with a click where the button is let go."""
    await pilot.mouse_down(bar, offset=start)
    await pilot.hover(bar, offset=end)
    await pilot.mouse_up(bar, offset=end)
    x, y = end
    bar.post_message(events.Click(bar, x, y, 0, 0, 1, False, False, False, bar.region.x + x, bar.region.y + y))
    await pilot.pause()
    return bar.screen.get_selected_text() or ""


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((0, 0), (6, 0), "one"),
        ((4, 0), (99, 0), "ne two three"),
        ((5, 0), (4, 1), "e two three\nfo"),
        ((0, 2), (9, 2), ""),
    ],
)
def test_what_is_cut_off_is_copied_with_the_rest(start: tuple[int, int], end: tuple[int, int], text: str) -> None:
    passages = [Passage(0, 3, "one tw…", "one two three"), Passage(1, 2, "four", "four")]
    assert selected(passages, Selection(Offset(*start), Offset(*end))) == text


async def test_a_notice_can_be_selected_and_is_still_there() -> None:
    async with bench() as (app, pilot):
        bar = app.query_one(NoticeBar)
        bar.post(LONG, Severity.ERROR)
        await pilot.pause()
        assert await drag(pilot, bar, (0, 0), (49, 0)) == LONG
        assert bar.current is not None
        await pilot.click(bar)
        assert bar.current is None


async def test_the_rule_is_no_text() -> None:
    async with bench() as (app, pilot):
        assert await drag(pilot, app.query_one(NoticeBar), (3, 0), (20, 0)) == ""


async def test_a_queued_message_can_be_selected_and_stays_queued() -> None:
    async with bench() as (app, pilot):
        bar = app.query_one(QueuedMessages)
        bar.show(["one", LONG])
        await pilot.pause()
        assert await drag(pilot, bar, (0, 0), (49, 1)) == f"one\n{LONG}"
        assert app.taken == []
        await pilot.click(bar, offset=(4, 1))
        assert app.taken == [1]


async def test_a_proposal_can_be_selected_without_its_marks() -> None:
    async with bench() as (app, pilot):
        bar = app.query_one(ProposalBar)
        bar.show(LONG, "to see")
        await pilot.pause()
        assert await drag(pilot, bar, (1, 0), (49, 2)) == f"{LONG}\nto see"


@pytest.mark.parametrize(("word", "ran"), [("F5", "once"), ("decline", "declined"), ("always", "always")])
async def test_the_keys_of_a_proposal_can_be_clicked(word: str, ran: str) -> None:
    async with bench() as (app, pilot):
        bar = app.query_one(ProposalBar)
        bar.show("make", "to see")
        await pilot.pause()
        row = bar.render_line(2).text
        await pilot.click(bar, offset=(row.index(word) + 2, 2))
        assert app.ran == [ran]
