"""A theme is chosen by name, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_tui.app.theme_choice import choose_theme, chosen_theme, theme_path
from spark_tui.app.ui.app import SparkApp
from spark_tui.widgets.notice_bar import NoticeBar
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, until


def told(app: SparkApp) -> str:
    notice = app.query_one(NoticeBar).current
    return notice.text if notice is not None else ""


@pytest.mark.parametrize("typed", ["/theme nord\n", "/th\tnor\n"])
async def test_a_theme_that_was_chosen_is_there_the_next_time(make_work_tree: MakeWorkTree, typed: str) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with running(tree) as (app, pilot):
        await pilot.press(*({"\n": "enter", "\t": "tab", " ": "space"}.get(key, key) for key in typed))
        await until(pilot, lambda: app.theme == "nord")
        await until(pilot, lambda: chosen_theme(theme_path()) == "nord")
    async with running(tree) as (app, _):
        assert app.theme == "nord"


async def test_so_is_one_from_the_list_of_commands(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        commands["Light theme"]()
        await until(pilot, lambda: chosen_theme(theme_path()) == "spark-light")


async def test_one_that_does_not_exist_is_told(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press(*"/theme", "space", *"none", "enter")
        await until(pilot, lambda: "there is no theme none" in told(app))
        assert app.theme == "spark-dark"


async def test_one_that_is_gone_gives_way_to_the_default(make_work_tree: MakeWorkTree) -> None:
    choose_theme(theme_path(), "no-such-theme")
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, _):
        assert app.theme == "spark-dark"


async def test_a_theme_of_the_config_file_stays_what_it_begins_with(
    make_work_tree: MakeWorkTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('theme = "nord"\n')
    monkeypatch.setenv("SPARK_TUI_CONFIG", str(config))
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        app.action_choose_theme("spark-light")
        await until(pilot, lambda: "config.toml says nord" in told(app))
    assert chosen_theme(theme_path()) is None


async def test_each_command_stands_once_in_the_list(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, _):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert len(set(titles)) == len(titles)
