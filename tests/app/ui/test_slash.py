"""Commands typed into the prompt."""

from __future__ import annotations

import pytest
from textual.actions import parse

from spark_tui.app.ui import slash
from spark_tui.app.ui.app import SparkApp
from spark_tui.widgets.help_panel import HelpPanel
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, until


def test_every_command_is_an_action_of_the_program() -> None:
    for command in slash.COMMANDS:
        assert hasattr(SparkApp, f"action_{parse(command.action)[1]}"), command.name


def test_names_are_told_apart() -> None:
    names = [command.name for command in slash.COMMANDS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["/undo", " /undo ", "/undo\n"])
def test_a_command_is_known_with_space_around_it(text: str) -> None:
    assert slash.command_in(text) == "undo"


@pytest.mark.parametrize("text", ["undo", "/und", "/", "", "/undo this", "//undo", "/UNDO"])
def test_what_is_no_command(text: str) -> None:
    assert slash.command_in(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [("/comit", True), ("/undo-trun ", True), ("/etc/passwd is wrong", False), ("/usr/bin", False), ("a/b", False)],
)
def test_a_mistyped_command_is_told_from_a_path(text: str, meant: bool) -> None:
    assert slash.looks_like_command(text) is meant


def test_what_is_unknown_names_what_there_is() -> None:
    told = slash.unknown("/comit ")
    assert told.startswith("there is no /comit; f1 ")
    assert all(f"/{command.name}" in told for command in slash.COMMANDS)


async def test_a_command_is_found_by_its_first_letters_and_run(make_work_tree: MakeWorkTree) -> None:
    async with running(make_work_tree({"a.txt": "a\n"})) as (app, pilot):
        await pilot.press("/", "h", "enter")
        await until(pilot, lambda: isinstance(app.screen, HelpPanel))
        assert app.panes.prompt.text == ""
