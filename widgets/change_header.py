"""One row above a diff: what the whole change comes to, and how it is looked at; while searching, the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from spark_tui.widgets.diff_browser import BrowserState, DiffBrowser
from spark_tui.widgets.diff_lines import Filter
from spark_tui.widgets.fitting import fit_end, fit_start
from spark_tui.widgets.rows import Mark
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.still import Still
from spark_tui.widgets.theme import SHAPES

Piece = tuple[str, str]
"""Text and its style."""

GAP = "  "
TOO_NARROW = ("too narrow for side by side", "too narrow", "")
"""That there is no room for old and new, as far as there is room to say so: how the hunks stand matters more."""

STATES = (Mark.CONFLICTED, Mark.STREAMING, Mark.PENDING, Mark.ACCEPTED, Mark.REJECTED)


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What a change comes to: lines ``added`` and ``removed``, of which ``formatting`` say nothing new.

    ``marks`` counts its hunks by state. ``title`` stands in front, where the change has a name.
    """

    files: int = 0
    added: int = 0
    removed: int = 0
    formatting: int = 0
    marks: Mapping[Mark, int] = field(default_factory=dict)
    title: str = ""

    @property
    def real(self) -> int:
        """The changed lines that are more than formatting."""
        return self.added + self.removed - self.formatting


def describe(facts: ChangeFacts, state: BrowserState, width: int) -> list[Piece]:
    """The row in at most ``width`` cells. What matters least is left out first: the states that ask for nothing."""
    if state.query is not None:
        return _query(state, width)
    groups = [*_figures(facts), *_marks(facts)]
    views = (_view(state, words) for words in TOO_NARROW)
    view = next((view for view in views if _cells([*groups, view]) <= width), _view(state, ""))
    while groups and _cells([*groups, view]) > width and len(groups) > 1:
        groups.pop()
    left = [piece for group in groups for piece in (*group, (GAP, ""))]
    room = width - sum(cell_len(text) for text, _ in left) - sum(cell_len(text) for text, _ in view)
    return [*left, (" " * max(room, 0), ""), *view]


def _figures(facts: ChangeFacts) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    if facts.title:
        groups.append([(fit_start(safe_line(facts.title), 48), "bold")])
    if facts.files:
        groups.append([(f"{facts.files} file{'s'[: facts.files != 1]}", "$text-quiet")])
    if facts.added or facts.removed:
        groups.append([(f"+{facts.added}", "$diff-added"), (" ", ""), (f"−{facts.removed}", "$diff-removed")])
    if facts.formatting:
        groups.append([(f"{facts.real} real", "$text-quiet"), (f", {facts.formatting} formatting", "$text-faint")])
    return groups


def _marks(facts: ChangeFacts) -> list[list[Piece]]:
    return [
        [(f"{SHAPES[mark]} {facts.marks[mark]}", f"$hunk-{mark.value}"), (f" {mark.value}", "$text-faint")]
        for mark in STATES
        if facts.marks.get(mark)
    ]


def _view(state: BrowserState, too_narrow: str) -> list[Piece]:
    words = []
    if state.chosen:
        words.append(f"■ {state.chosen} line{'s'[: state.chosen != 1]} chosen")
    if state.filter is not Filter.ALL:
        words.append(f"only {state.filter.value}")
    if state.side_by_side:
        words.append("side by side")
    elif state.narrow and too_narrow:
        words.append(too_narrow)
    return [(" · ".join(words), "$text-accent")] if words else []


def _query(state: BrowserState, width: int) -> list[Piece]:
    query = safe_line(state.query or "")
    count = f"{state.at} of {state.found}" if state.found else "not found" if state.query else ""
    steps = "n next · N previous · " if state.found else ""
    hint = "enter keep · esc end" if state.typing else f"{steps}esc end"
    hint = hint if width > 40 + len(hint) else ""
    room = max(width - len(count) - len(hint) - 8, 1)
    cursor = (" ", "reverse") if state.typing else (" ", "")
    shown = fit_end(query, room)
    used = 1 + cell_len(shown) + 1 + 2 + len(count) + len(hint)
    return [
        ("/", "$text-faint"),
        (shown, "$match bold"),
        cursor,
        (f"  {count}", "$text-quiet" if state.found else "$warning"),
        (" " * max(width - used, 1), ""),
        (hint, "$text-faint"),
    ]


def _cells(groups: list[list[Piece]]) -> int:
    return sum(cell_len(text) for group in groups for text, _ in group) + len(GAP) * sum(map(bool, groups))


class ChangeHeader(Still, Static):
    """The row; see :func:`describe`. It is gone while there is nothing to say."""

    DEFAULT_CSS = """
    ChangeHeader {
        height: 1;
        padding: 0 1;
        background: $surface;
        display: none;
        &.-told { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts = ChangeFacts()
        self._state = BrowserState()

    def show(self, facts: ChangeFacts) -> None:
        """Tell what the change comes to."""
        if facts != self._facts:
            self._facts = facts
            self._draw()

    def look(self, state: BrowserState) -> None:
        """Tell how it is looked at."""
        self._state = state
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        facts, state = self._facts, self._state
        self.set_class(bool(facts.files or facts.title) or state != BrowserState(), "-told")
        width = (self.size.width or self.app.size.width) - 2
        # One row whatever it says: laying the screen out again would cost more than all else in a frame.
        self.update(Content.assemble(*describe(facts, state, max(width, 1))), layout=False)


class DiffPane(Still, Vertical):
    """A diff under its header."""

    DEFAULT_CSS = "DiffPane { width: 1fr; height: 1fr; }"

    def __init__(self, view: DiffBrowser, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.header = ChangeHeader()
        self.view = view

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.view

    def on_diff_browser_state_changed(self, event: DiffBrowser.StateChanged) -> None:
        event.stop()
        self.header.look(event.state)
