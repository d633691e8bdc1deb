"""The commit screen in the program: several commits one after the other, and taking the last one back."""

from __future__ import annotations

from spark_tui.widgets.commit_form import CommitForm
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, until


async def test_split_in_two_and_take_the_second_back(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    tree.write("a.txt", "A\n")
    tree.write("b.txt", "B\n")
    async with running(tree) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        first = app.screen
        await pilot.press("space", "tab", "ctrl+u", *"First", "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, CommitForm) and app.screen is not first)
        assert tree.git("show", "--name-only", "--format=", "HEAD") == "a.txt\n"
        await pilot.press("A", "ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, CommitForm))
        assert tree.git("show", "--name-only", "--format=", "HEAD") == "b.txt\n"
        await pilot.press(*"/uncommit", "enter")
        await until(pilot, lambda: tree.git("status", "--short") == " M b.txt\n")
        assert tree.git("show", "--name-only", "--format=", "HEAD") == "a.txt\n"
