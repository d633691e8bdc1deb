"""The commit screen in the program: several commits one after the other, and taking the last one back."""

from __future__ import annotations

import itertools

from textual.widgets import Static

from spark_tui.widgets.commit_form import CommitForm, MessageEditor
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.notice_bar import NoticeBar
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import in_one_breath, running, until


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
        made = tree.git("rev-parse", "HEAD")[:9]
        await until(pilot, lambda: f"committed {made} First" in str(app.screen.query_one("#said", Static).render()))
        await pilot.press("A", "ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, CommitForm))
        assert tree.git("show", "--name-only", "--format=", "HEAD") == "b.txt\n"
        await pilot.press(*"/uncommit", "enter")
        await until(pilot, lambda: tree.git("status", "--short") == " M b.txt\n")
        assert tree.git("show", "--name-only", "--format=", "HEAD") == "a.txt\n"
        notices = app.query_one(NoticeBar)
        await until(pilot, lambda: notices.current is not None and "taken back" in notices.current.text)


async def test_the_last_of_several_commits_is_told_although_nothing_is_left(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "A\n")
    async with running(tree) as (app, pilot):
        notices = app.query_one(NoticeBar)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        await pilot.press("A", "ctrl+n")
        await until(pilot, lambda: notices.current is not None and "nothing is left" in notices.current.text)
        assert notices.current is not None
        made = tree.git("log", "-1", "--abbrev=9", "--format=%h %s").strip()
        assert notices.current.text == f"committed {made}; nothing is left"
        await pilot.press("ctrl+g")
        await until(pilot, lambda: notices.current is not None and "nothing to commit" in notices.current.text)


async def test_what_is_staged_is_chosen_where_the_session_made_nothing(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    tree.write("a.txt", "A\n")
    tree.git("add", "a.txt")
    tree.write("a.txt", "A\nmore\n")
    tree.write("b.txt", "B\n")
    async with running(tree) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        await pilot.press("tab", "ctrl+u", *"Staged", "ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, CommitForm))
        assert tree.git("show", "HEAD:a.txt", "HEAD:b.txt") == "A\nb\n"
        assert tree.git("status", "--short") == " M a.txt\n M b.txt\n"


async def test_a_click_on_the_row_of_keys_presses_the_key(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "A\n")
    async with running(tree, size=(80, 24)) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        bar = app.screen.query_one(KeyBar)

        async def click(description: str) -> None:
            await until(pilot, lambda: description in [hint.description for hint in bar.hints])
            before = itertools.takewhile(lambda hint: hint.description != description, bar.hints)
            await pilot.click(bar, offset=(sum(hint.cells for hint in before) + 1, 0))

        await click("Choose")
        await click("Message")
        await until(pilot, lambda: isinstance(app.focused, MessageEditor))
        await pilot.press(*"Clicked: ")
        await click("Hunks")
        await click("Commit")
        await until(pilot, lambda: not isinstance(app.screen, CommitForm))
        assert tree.git("log", "-1", "--format=%s") == "Clicked: Update a.txt\n"


async def test_an_untouched_suggestion_is_about_what_is_chosen(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    tree.write("a.txt", "A\n")
    tree.write("b.txt", "B\n")
    async with running(tree) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        editor = app.screen.query_one(MessageEditor)
        assert editor.text == "Update a.txt and b.txt"
        await pilot.press("space")
        await until(pilot, lambda: editor.text == "Update a.txt")
        await pilot.press("tab", "end", *", mine", "tab", "A")
        await until(pilot, lambda: "2 of 2" in str(editor.screen.query("Vertical").first().border_title))
        assert editor.text == "Update a.txt, mine"


async def test_keys_that_follow_in_one_breath_are_for_the_form(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    tree.write("a.txt", "A\n")
    tree.write("b.txt", "B\n")
    async with running(tree) as (app, pilot):
        app.panes.diff.focus()
        await pilot.pause()
        in_one_breath(app, "C", "a", "A", "tab", *"Both: ", "ctrl+s")
        await until(pilot, lambda: tree.git("log", "-1", "--format=%s") == "Both: Update a.txt and b.txt\n")
        await until(pilot, lambda: tree.git("status", "--short") == "")
