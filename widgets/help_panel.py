"""The help screen: every key by section, made from the program's list of actions, narrowed by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from spark_tui.widgets.fitting import fit_start
from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.safe_text import safe_line

WIDE = 96
"""From so many cells on there are two columns."""
GUTTER = 4


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One line of help: where the key works, the key as it is printed on it, and what it does."""

    section: str
    key: str
    description: str


Line = tuple[tuple[str, str], ...]
"""One line of a column as texts with their styles."""


def matching(rows: Sequence[KeyRow], query: str) -> list[KeyRow]:
    """The rows that hold every word of ``query`` in section, key or description; case does not matter."""
    words = query.lower().split()
    return [
        row for row in rows if all(word in f"{row.section} {row.key} {row.description}".lower() for word in words)
    ]


def arrange(rows: Sequence[KeyRow], width: int) -> list[Line]:
    """The help text in lines of at most ``width`` cells, in one column or two; sections stay whole and in order."""
    groups: dict[str, list[KeyRow]] = {}
    for row in rows:
        groups.setdefault(row.section, []).append(row)
    if width < WIDE:
        return _column(list(groups.items()), width)
    column = (width - GUTTER) // 2
    cut = _fairestfit_start([len(group) + 2 for group in groups.values()])
    left = _column(list(groups.items())[:cut], column)
    right = _column(list(groups.items())[cut:], column)
    height = max(len(left), len(right))
    left += [()] * (height - len(left))
    right += [()] * (height - len(right))
    return [
        (*one, (" " * (column - _cells(one) + GUTTER), ""), *other) for one, other in zip(left, right, strict=True)
    ]


class _Keys(Widget):
    """The arranged rows."""

    DEFAULT_CSS = "_Keys { height: auto; width: 1fr; }"

    def __init__(self, rows: Sequence[KeyRow]) -> None:
        super().__init__()
        self._rows = rows
        self._query = ""

    def narrow(self, query: str) -> None:
        self._query = query
        self.refresh(layout=True)

    def render(self) -> Content:
        rows = matching(self._rows, self._query)
        if not rows:
            return Content.styled("No key does that.", "$text-faint")
        lines = arrange(rows, self.content_size.width or self.container_size.width)
        return Content("\n").join([Content.assemble(*line) for line in lines])


class HelpPanel(ModalScreen[None], LeanScreen[None]):
    """Closed by escape. What is typed narrows the list; the arrows and page keys scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="help.close"),
        Binding("up", "scroll(-1)", "Up", show=False, id="help.up"),
        Binding("down", "scroll(1)", "Down", show=False, id="help.down"),
        Binding("pageup", "scroll(-12)", "Page up", show=False, id="help.page_up"),
        Binding("pagedown", "scroll(12)", "Page down", show=False, id="help.page_down"),
    ]

    DEFAULT_CSS = """
    HelpPanel {
        align: center middle;
        & > Vertical {
            width: 94%;
            max-width: 124;
            height: 90%;
            background: $surface;
            border: round $border-blurred;
            border-title-color: $text-quiet;
            border-subtitle-color: $text-faint;
            padding: 0 1;
            & > Input { border: none; height: 1; padding: 0; background: $surface; margin-bottom: 1; }
            & > VerticalScroll { scrollbar-size-vertical: 1; }
        }
    }
    """

    def __init__(self, rows: Sequence[KeyRow]) -> None:
        super().__init__()
        self._keys = _Keys(rows)

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = "Keys"
            frame.border_subtitle = "type to search · esc closes"
            yield Input(placeholder="search", compact=True)
            with VerticalScroll(can_focus=False):
                yield self._keys

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._keys.narrow(event.value)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _column(groups: Sequence[tuple[str, Sequence[KeyRow]]], width: int) -> list[Line]:
    """Sections below one another; the keys of the whole column share one width, so that descriptions line up."""
    keys = min(width // 3, max((cell_len(safe_line(row.key)) for _, group in groups for row in group), default=0))
    lines: list[Line] = []
    for section, group in groups:
        if lines:
            lines.append(())
        lines += [((fit_start(part, width), "$primary bold"),) for part in _wrapped(safe_line(section), width)]
        for row in group:
            room = max(1, width - keys - 4)
            beside = zip_longest(
                _wrapped(safe_line(row.key), keys), _wrapped(safe_line(row.description), room), fillvalue=""
            )
            for key, words in beside:
                cell = set_cell_size(fit_start(key, keys), keys)
                lines.append((("  ", ""), (cell, "bold"), ("  ", ""), (words, "$text-quiet")))
    return lines


def _wrapped(text: str, room: int) -> list[str]:
    return [line.plain.rstrip() for line in Content(text).wrap(max(1, room))] or [""]


def _fairestfit_start(heights: Sequence[int]) -> int:
    """How many sections go left so that the taller column is as short as it can be."""
    return min(
        range(1, len(heights) + 1), key=lambda cut: (max(sum(heights[:cut]), sum(heights[cut:])), -cut), default=0
    )


def _cells(line: Line) -> int:
    return sum(cell_len(text) for text, _ in line)
