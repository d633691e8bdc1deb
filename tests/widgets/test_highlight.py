"""The clock that colours what is in view."""

from __future__ import annotations

import asyncio
import gc

from textual.app import App, ComposeResult
from textual.widget import Widget

from spark_tui.widgets.highlight import HighlightClock, Highlights, Wanted


class ViewApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Widget()


async def test_a_view_that_goes_just_as_a_lexer_is_asked_for_leaves_nothing_to_await() -> None:
    asked = asyncio.Event()
    loaded: list[str] = []

    def wanted() -> list[Wanted]:
        asked.set()
        return [Wanted(Highlights(lambda _: ("n", "x = 1")), "python", 0, 0)]

    app = ViewApp()
    async with app.run_test() as pilot:
        view = app.query_one(Widget)
        HighlightClock(view, wanted, loaded.append, lambda: None).start()
        await asked.wait()
        view.workers.cancel_node(view)  # as its removal does
        await pilot.pause()
    gc.collect()  # a coroutine that was never awaited warns when it goes
    assert not loaded
