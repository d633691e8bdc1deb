"""The program on a repository, without a model: nobody answers at its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual import events
from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot

from spark_tui.app.settings import load_settings
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.protocol.patch.edits import split_lines
from spark_tui.widgets.line_view import LineView
from tests.app.work_tree import WorkTree

NOBODY = "ws://127.0.0.1:9/v1"


@asynccontextmanager
async def running(
    tree: WorkTree, *, review: str | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[SparkApp, Pilot[int]]]:
    settings = load_settings(base_url=NOBODY, model="some-model", offline=False, rate=None)
    app = SparkApp(tree.repository, settings, None, review=review)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


def stage(app: SparkApp, tree: WorkTree, path: str, text: str) -> list[str]:
    """Stage what makes ``text`` of the file, as a model would; the ids of the hunks from the top."""
    changes = app.bench.changes
    changes.open(read_snapshot(tree.root, path))
    before = split_lines((tree.root / path).read_text())
    for edit in reversed(git_line_diff(before, split_lines(text))):
        changes.stage(path, edit, section="call:0", turn=1)
    app.changed()
    return [hunk.id for hunk in changes.hunks(path=path)]


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait until ``true()``; the test's own time limit ends it."""
    while not true():
        await pilot.pause(0.01)


def in_one_breath(app: App[Any], *keys: str) -> None:
    """Press keys as fast as they can come, before the first of them is looked at."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


def lines(view: LineView) -> list[str]:
    """What a pane shows."""
    return [strip.text[:-1].rstrip() for strip in view.render_lines(Region(0, 0, *view.size))]


def shows(view: LineView, text: str) -> bool:
    """Whether ``text`` is on a line of the pane."""
    return any(text in line for line in lines(view))
