"""Notices: what is shown, for how long, and what stands behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from spark_tui.widgets.notice_bar import KEPT, Notice, NoticeBar, Severity
from spark_tui.widgets.theme import ThemedApp

READ = ((10, Severity.INFO), (80, Severity.WARNING), (80, Severity.ERROR))
"""How long, and of what kind."""


class Bench(ThemedApp[None]):
    now = 0.0

    def compose(self) -> ComposeResult:
        yield Input()
        yield NoticeBar(clock=lambda: self.now)


@asynccontextmanager
async def bench() -> AsyncIterator[tuple[NoticeBar, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(40, 5)) as pilot:
        yield app.query_one(NoticeBar), pilot


def text(bar: NoticeBar) -> str:
    return bar.render_line(0).text


async def test_it_is_a_rule_while_there_is_nothing_to_say_and_never_changes_its_height() -> None:
    async with bench() as (bar, pilot):
        assert text(bar) == "─" * 40
        bar.post("saved")
        await pilot.pause()
        assert text(bar) == "── · saved " + "─" * 29
        assert bar.size.height == 1


async def test_a_notice_leaves_the_focus_where_it_is() -> None:
    async with bench() as (bar, pilot):
        focused = bar.app.focused
        bar.post("saved", Severity.ERROR)
        await pilot.pause()
        assert bar.app.focused is focused


async def test_errors_stay_behind_newer_notices_and_information_does_not() -> None:
    async with bench() as (bar, pilot):
        bar.post("one")
        bar.post("disk full", Severity.ERROR)
        bar.post("two")
        await pilot.pause()
        assert text(bar).startswith("── · two +1 more ─")
        await pilot.click(NoticeBar)
        assert text(bar).startswith("── ▲ disk full ──")
        bar.dismiss()
        bar.dismiss()
        assert bar.current is None


async def test_the_same_notice_is_not_repeated_and_few_are_kept() -> None:
    async with bench() as (bar, pilot):
        bar.post("again", Severity.WARNING)
        bar.post("again", Severity.WARNING)
        await pilot.pause()
        assert "more" not in text(bar)
        for number in range(KEPT + 9):
            bar.post(f"error {number}", Severity.ERROR)
        await pilot.pause()
        assert f"+{KEPT - 1} more" in text(bar)
        bar.clear()
        assert bar.current is None


async def test_information_goes_by_itself_and_what_was_behind_it_returns() -> None:
    async with bench() as (bar, pilot):
        bar.post("careful", Severity.WARNING)
        bar.post("brief", lasts=0.01)
        while bar.current is not None and bar.current.text == "brief":
            await pilot.pause(0.005)
        assert bar.current is not None
        assert bar.current.text == "careful"


async def test_hostile_and_long_text_stays_in_the_row() -> None:
    async with bench() as (bar, pilot):
        bar.post("a\x1b[2J\n[red]日本" * 9, Severity.ERROR)
        await pilot.pause()
        assert bar.render_line(0).cell_length == 40
        assert "‹1B›[2J‹0A›[red]" in text(bar)


@pytest.mark.parametrize("severity", Severity)
async def test_a_key_takes_away_what_has_stood_long_enough_to_be_read(severity: Severity) -> None:
    async with bench() as (bar, _):
        app = cast(Bench, bar.app)
        bar.post("behind", Severity.WARNING)
        bar.post("word " * 10, severity)
        notice = bar.current
        assert notice is not None
        app.now += notice.reading - 0.1
        bar.key_pressed()
        assert bar.current is notice
        app.now += 0.2
        bar.key_pressed()
        assert bar.current is not None
        assert bar.current.text == "behind"
        bar.key_pressed()
        assert bar.current is not None


def test_an_error_and_a_long_notice_stay_longer() -> None:
    brief, long, error = (Notice("x" * size, how, None) for size, how in READ)
    assert 1 < brief.reading < 2 < long.reading < 5 < 2 * long.reading < error.reading


async def test_a_warning_waits_for_a_key_however_long_nobody_is_there() -> None:
    async with bench() as (bar, _):
        bar.post("careful", Severity.WARNING)
        assert bar.current is not None
        assert bar.current.lasts is None


async def test_behind_another_screen_nothing_goes_by_itself() -> None:
    async with bench() as (bar, pilot):
        await bar.app.push_screen(Screen())
        bar.post("done", lasts=0.01)
        timer = bar._timer
        while bar._timer is timer:
            await pilot.pause(0.005)
        assert bar.current is not None
        await bar.app.pop_screen()
        while bar.current is not None:
            await pilot.pause(0.005)


async def test_behind_another_screen_nothing_is_read() -> None:
    async with bench() as (bar, _):
        app = cast(Bench, bar.app)
        await app.push_screen(Screen())
        bar.post("careful", Severity.WARNING)
        app.now += 100
        bar.key_pressed()
        await app.pop_screen()
        bar.key_pressed()
        assert bar.current is not None
        app.now += 3
        bar.key_pressed()
        assert bar.current is None
