"""What the command palette offers beside Textual's own: slash commands, and the keys of the diff and the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import SystemCommand
from textual.widget import Widget

from spark_tui.app.ui import keys, slash
from spark_tui.app.ui.panes import Panes
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree


def system_commands(
    panes: Panes, run: Callable[[str], object], run_on: Callable[[Widget, str], object]
) -> Iterator[SystemCommand]:
    """``run`` does an action of the app's by its name, ``run_on`` one of a widget's."""
    for command in slash.COMMANDS:
        yield SystemCommand(command.title, command.help, partial(run, command.action))
    for owner, widget in ((DiffView, panes.diff), (FileTree, panes.tree)):
        for binding in keys.bindings_of(owner):
            title = f"{binding.description} ({keys.printed(binding.key)})"
            yield SystemCommand(title, binding.tooltip, partial(run_on, widget, binding.action))
