"""What others do to the repository while nobody watches yet is not taken for what was there before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.watcher import WatchBegan, WorkspaceEvent
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, until


async def test_what_was_written_before_watching_began_is_marked_as_changed_by_others(
    make_work_tree: MakeWorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = asyncio.Event()

    async def watch(_: Repository) -> AsyncGenerator[WorkspaceEvent, None]:
        await begin.wait()
        yield WatchBegan()
        await asyncio.Event().wait()

    monkeypatch.setattr("spark_tui.app.surroundings.watch", watch)
    monkeypatch.setattr("spark_tui.app.surroundings.WATCH_AFTER", 0.0)
    tree = make_work_tree({"mine.txt": "1\n", "theirs.txt": "1\n"})
    tree.write("mine.txt", "2\n")
    async with running(tree) as (app, pilot):
        await until(pilot, lambda: app.bench.survey.status is not None)
        tree.write("theirs.txt", "2\n")
        begin.set()
        await until(pilot, lambda: bool(app.bench.survey.edited))
        assert app.bench.survey.edited == {"theirs.txt"}
