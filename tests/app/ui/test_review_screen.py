"""Reading what git knows, on the screen of the program."""

from __future__ import annotations

from textual.widgets import Input, Static

from spark_tui.app.ui.review_screen import ReviewScreen
from spark_tui.widgets.diff_browser import DiffBrowser
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import lines, running, shows, until
from tests.app.work_tree import WorkTree

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))
CHANGED = NUMBERS.replace("20\n", "twenty\n").replace("35\n", "thirty-five\n")


def branched(make: MakeWorkTree) -> WorkTree:
    """``main`` with one commit, and ``topic`` that changes two places of ``a.txt``; ``topic`` is checked out."""
    tree = make({"a.txt": NUMBERS, "b.txt": "b\n"})
    tree.git("checkout", "--quiet", "-b", "topic")
    tree.write("a.txt", CHANGED)
    tree.commit_all("Change")
    return tree


async def test_a_branch_is_read_with_the_keys_of_the_diff(make_work_tree: MakeWorkTree) -> None:
    async with running(branched(make_work_tree), review="main..topic") as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        view = app.screen.query_one(DiffBrowser)
        await until(pilot, lambda: shows(view, "twenty"))
        assert lines(view)[0].startswith(" a.txt")
        await pilot.press("n", "n")
        assert view.current_hunk is not None
        await pilot.press("plus")
        await until(pilot, lambda: shows(view, " 14"))
        await pilot.press("w")
        await until(pilot, lambda: view.line_count() == 45)
        assert view.current_row is not None
        assert view.current_row.text == "35"
        second = view.current_hunk
        await pilot.press("p", "p")
        assert view.current_hunk not in (None, second)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ReviewScreen))


async def test_there_is_no_accepting_and_the_screen_says_why(make_work_tree: MakeWorkTree) -> None:
    tree = branched(make_work_tree)
    async with running(tree, review="main") as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        for key in "aAxXu":
            await pilot.press(key)
            assert "in the files already" in str(app.screen.query_one("#told", Static).render())
        assert (tree.root / "a.txt").read_text() == CHANGED


async def test_comments_are_collected_shown_and_sent_as_one_request(make_work_tree: MakeWorkTree) -> None:
    async with running(branched(make_work_tree), review="main..topic") as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        view = app.screen.query_one(DiffBrowser)
        await pilot.press("slash", *"twenty", "enter", "escape", "c")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"why", "enter")
        await until(pilot, lambda: shows(view, "╰ why"))
        await pilot.press("slash", *"five", "enter", "escape", "c", *"no", "enter")
        await until(pilot, lambda: shows(view, "╰ no"))
        await pilot.press("S")
        await until(pilot, lambda: bool(app.bench.sent))
        assert app.bench.sent[-1] == (
            "Review of main..topic. Please do what each of these comments asks for:\n\n"
            "a.txt:20\n> +twenty\nwhy\n\n"
            "a.txt:35\n> +thirty-five\nno"
        )


async def test_a_comment_can_be_left_and_the_last_one_taken_back(make_work_tree: MakeWorkTree) -> None:
    async with running(branched(make_work_tree), review="main..topic") as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        view = app.screen.query_one(DiffBrowser)
        await pilot.press("S")
        assert "nothing to send" in str(app.screen.query_one("#told", Static).render())
        await pilot.press("slash", *"twenty", "enter", "escape", "c", *"left", "escape", "c", *"kept", "enter")
        await until(pilot, lambda: shows(view, "╰ kept"))
        assert not shows(view, "╰ left")
        await pilot.press("d")
        await until(pilot, lambda: not shows(view, "╰ kept"))


async def test_without_a_change_it_says_so(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": NUMBERS}), review="") as (app, pilot):
        await until(pilot, lambda: "nothing&#160;to&#160;review" in app.export_screenshot())
        assert not isinstance(app.screen, ReviewScreen)
