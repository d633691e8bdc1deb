"""The keys that lend the terminal to the user's own editor."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from spark_tui.app.ui.app import SparkApp
from spark_tui.widgets.notice_bar import NoticeBar
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, shows, stage, until
from tests.app.work_tree import WorkTree


@pytest.fixture
def tree(make_work_tree: MakeWorkTree, monkeypatch: pytest.MonkeyPatch) -> WorkTree:
    """A work tree, and an editor that writes ``ten`` into hunks and notes which file of the tree it was given."""
    tree = make_work_tree({"a.txt": "1\n2\n3\n"})
    hunk = 'case "$1" in *hunk.txt) echo ten > "$1" ;; *) echo "$*" > .git/given ;; esac'
    monkeypatch.setenv("EDITOR", str(tree.script(".git/vi", hunk)))
    monkeypatch.chdir(tree.root)
    monkeypatch.setattr(SparkApp, "suspend", lambda _: nullcontext())
    return tree


async def test_e_changes_what_a_hunk_adds(tree: WorkTree) -> None:
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", "1\ntwo\n3\n")
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "two"))
        diff.focus()
        diff.reveal(hunk)
        await pilot.press("e")
        await until(pilot, lambda: shows(diff, "ten"))
        assert app.bench.changes.hunk(hunk).added == ["ten\n"]
        assert (tree.root / "a.txt").read_text() == "1\n2\n3\n"


async def test_o_opens_the_file_at_the_line(tree: WorkTree) -> None:
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", "1\ntwo\n3\n")
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "two"))
        diff.focus()
        diff.reveal(hunk)
        await pilot.press("down", "down", "o")
        assert (tree.root / ".git/given").read_text() == f"+2 {tree.root}/a.txt\n"


@pytest.mark.parametrize("key", ["e", "o"])
async def test_without_an_editor_one_line_says_what_to_set(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.delenv("EDITOR")
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", "1\ntwo\n3\n")
        await until(pilot, lambda: shows(app.panes.diff, "two"))
        app.panes.diff.focus()
        app.panes.diff.reveal(hunk)
        await pilot.press(key)
        notice = app.query_one(NoticeBar).current
        assert notice is not None
        assert "set EDITOR" in notice.text
