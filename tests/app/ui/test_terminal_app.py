"""What the app does for the terminal it is in."""

from __future__ import annotations

import pytest
from textual import events
from textual._compositor import LayoutUpdate
from textual.geometry import Size

from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, until

SMALL, LARGE = Size(20, 5), Size(120, 40)


@pytest.mark.parametrize("sizes", [[LARGE], [SMALL, LARGE]], ids=["told once", "told in between"])
async def test_a_window_that_was_small_for_a_moment_is_painted_anew(
    make_work_tree: MakeWorkTree, monkeypatch: pytest.MonkeyPatch, sizes: list[Size]
) -> None:
    async with running(make_work_tree({"a.txt": "a\n"}), size=LARGE) as (app, pilot):
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(app, "_display", lambda _, update: painted.append(update))
        for size in sizes:
            app.post_message(events.Resize(size, size))
            app.call_later(lambda: None)  # Textual takes two sizes for the last of them, unless something is between
        await until(pilot, lambda: any(isinstance(update, LayoutUpdate) for update in painted))
        assert app.screen.outer_size == LARGE
