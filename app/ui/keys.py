"""Every key there is, read off the bindings themselves: for the help screen, and for whoever documents them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key

from spark_tui.app.ui import slash
from spark_tui.app.ui.review_screen import ReviewScreen
from spark_tui.widgets.commit_form import CommitForm
from spark_tui.widgets.commit_panes import HunkList
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.help_panel import KeyRow
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.path_list import PathList
from spark_tui.widgets.prompt import Prompt

SYMBOLS = {"left_square_bracket": "[", "right_square_bracket": "]", "slash": "/", "escape": "esc"}
OTHER_SCREENS: tuple[tuple[str, type[DOMNode]], ...] = (
    ("Review of a git change (beside the keys of the diff that only look)", ReviewScreen),
    ("Commit", CommitForm),
    ("Commit", HunkList),
)
"""Where else keys work; the palette, which is of the main screen, does not offer these."""

SYMBOLS |= {"plus": "+", "equals_sign": "=", "minus": "-"}


def rows(app: type[App[int]]) -> list[KeyRow]:
    """One row a binding, by the place where it works."""
    found = [
        KeyRow(section, printed(binding.key), binding.tooltip or binding.description)
        for section, owner in [*places(app), *OTHER_SCREENS]
        for binding in bindings_of(owner)
    ]
    return [*found, *(KeyRow("Typed into the prompt", f"/{c.name}", c.help) for c in slash.COMMANDS)]


def markdown(app: type[App[int]]) -> str:
    """All of it as a page of the documentation."""
    lines = ["# Keys", "", "Made from the bindings by `make keys`; `f1` shows the same in the program."]
    for section, group in groupby(rows(app), key=lambda row: row.section):
        lines += ["", f"## {section}", "", "| key | what it does |", "|---|---|"]
        lines += [f"| {_code(row.key)} | {row.description} |" for row in group]
    return "\n".join([*lines, ""])


def _code(keys: str) -> str:
    """Each key as code; the sign that parts the cells of a table is escaped."""
    return ", ".join(f"`{key}`" for key in keys.replace("|", "\\|").split(", "))


def places(app: type[App[int]]) -> list[tuple[str, type[DOMNode]]]:
    """Where keys work, and whose bindings they are."""
    return [
        ("Everywhere", app),
        ("Prompt", Prompt),
        ("Diff", DiffView),
        ("Diff and transcript", LineView),
        ("Files", FileTree),
        ("Files", PathList),
    ]


def bindings_of(owner: type[DOMNode]) -> Iterator[Binding]:
    """The bindings that a class declares itself; those that all panes of lines share are :class:`LineView`'s."""
    shared = () if owner is LineView else LineView.BINDINGS
    declared = (binding for binding in vars(owner).get("BINDINGS", ()) if binding not in shared)
    return (binding for binding in declared if isinstance(binding, Binding))


def printed(key: str) -> str:
    """A key as it is printed on a keyboard.

    >>> printed("ctrl+x,left_square_bracket")
    'ctrl+x, ['
    """
    return ", ".join(SYMBOLS.get(name) or format_key(name) for name in (part.strip() for part in key.split(",")))
