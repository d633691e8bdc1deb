"""The keys that mean the same everywhere."""

from __future__ import annotations

import gc

import pytest
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

from spark_tui.app.pairing.notices import Severity
from spark_tui.app.ui.app import SparkApp
from spark_tui.widgets.commit_form import CommitForm
from spark_tui.widgets.help_panel import HelpPanel
from spark_tui.widgets.notice_bar import Notice, NoticeBar
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import in_one_breath, running, shows, stage, until

PANES = ("prompt", "diff", "transcript", "tree")


def pane(app: SparkApp, name: str) -> Widget:
    found = getattr(app.panes, name)
    assert isinstance(found, Widget)
    return found


@pytest.mark.parametrize("name", PANES)
async def test_f1_opens_the_list_of_keys_once_and_escape_closes_it(make_work_tree: MakeWorkTree, name: str) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        pane(app, name).focus()
        await pilot.pause()
        focused = app.focused
        await pilot.press("f1", "f1")
        assert [type(screen) for screen in app.screen_stack[1:]] == [HelpPanel]
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        assert app.focused is focused


async def test_what_is_behind_the_list_of_keys_shows(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpPanel))
        await pilot.pause()
        drawn = app.export_screenshot().replace("&#160;", " ")
        assert "Freeze the stream on the spot" in drawn
        assert "○ idle" in drawn


@pytest.mark.parametrize("name", PANES[1:])
@pytest.mark.parametrize("key", ["i", "escape"])
async def test_i_and_escape_lead_to_the_prompt(make_work_tree: MakeWorkTree, name: str, key: str) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        pane(app, name).focus()
        await pilot.pause()
        await pilot.press(key)
        assert app.focused is app.panes.prompt
        assert app.panes.prompt.text == ""


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_ctrl_b_shows_and_hides_the_tree(make_work_tree: MakeWorkTree, size: tuple[int, int]) -> None:
    async with running(make_work_tree({"a.txt": "a\n"}), size=size) as (app, pilot):
        is_narrow = size[0] < 100
        assert app.panes.tree.display is not is_narrow
        await pilot.press("ctrl+b")
        assert app.panes.tree.display is is_narrow
        await pilot.press("ctrl+b")
        assert app.panes.tree.display is not is_narrow


async def test_ctrl_r_does_not_wait_for_the_connection(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press(*"hello", "enter")
        await until(pilot, lambda: app.panes.status.facts.retry_in is not None)
        waiting = app.bench.session.meters.waiting
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.bench.session.meters.waiting not in (waiting, None))


@pytest.mark.parametrize(("name", "key"), [("diff", "C"), ("prompt", "ctrl+g"), ("tree", "C")])
async def test_the_commit_form_opens_and_closes(make_work_tree: MakeWorkTree, name: str, key: str) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with running(tree) as (app, pilot):
        pane(app, name).focus()
        await pilot.press(key)
        await until(pilot, lambda: app.query_one(NoticeBar).current is not None)
        assert not isinstance(app.screen, CommitForm)
        tree.write("a.txt", "b\n")
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, CommitForm))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert tree.git("log", "--format=%s") == "Begin\n"


async def test_ctrl_q_leaves(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code == 0)


async def test_a_message_typed_in_one_breath_behind_i_decides_on_no_hunk(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with running(tree) as (app, pilot):
        stage(app, tree, "a.txt", "b\n")
        await until(pilot, lambda: shows(app.panes.diff, "b"))
        app.panes.diff.focus()
        await pilot.pause()
        in_one_breath(app, "i", *"axAX")
        await until(pilot, lambda: app.panes.prompt.text == "axAX")
        assert (tree.root / "a.txt").read_text() == "a\n"
        assert app.panes.status.facts.pending == 1


async def test_ctrl_p_opens_the_commands(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.panes.screen)


async def test_an_action_that_is_chosen_just_as_the_program_ends_leaves_nothing_to_await(
    make_work_tree: MakeWorkTree,
) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        app._run("help")
        app._run_on(app.panes.tree, "filter")
        app.workers.cancel_all()  # as the end of the program does
        await pilot.pause()
        assert len(app.screen_stack) == 1
    gc.collect()  # a coroutine that was never awaited warns when it goes


async def test_a_key_takes_away_a_notice_that_was_read(
    make_work_tree: MakeWorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        bar = app.query_one(NoticeBar)
        app.notify_user("careful", Severity.WARNING)
        await pilot.press("a")
        assert bar.current is not None
        monkeypatch.setattr(Notice, "reading", 0.0)
        await pilot.press("b")
        assert bar.current is None
        assert app.panes.prompt.text == "ab"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("key", [None, "ctrl+g", "f1"])
async def test_screens_look_as_if_they_had_been_styled_anew(
    make_work_tree: MakeWorkTree, size: tuple[int, int], key: str | None
) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "b\n")
    async with running(tree, size=size) as (app, pilot):
        if key is not None:
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.pause()
        before = styles(app.screen)
        app.screen.update_node_styles(animate=False)
        assert styles(app.screen) == before


def styles(screen: Screen[object]) -> list[object]:
    """How each widget looks, the colours of its parts among that."""
    return [
        (node, dict(node.styles.base.get_rules()), {name: dict(part.get_rules()) for name, part in parts.items()})
        for node in screen.walk_children(with_self=True)
        for parts in [node._component_styles]
    ]
