"""The keys of the file tree's rows, and the query that narrows them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from spark_tui.widgets.path_rows import PathRows
from spark_tui.widgets.path_tree import Part
from spark_tui.widgets.slices import Slices

FINDING = "finding"
"""The group of what works for a query: there is one at a time."""

FINDING_SLICE = 0.001
"""Seconds. A letter takes six turns of the loop from its key to the screen, and each of them waits for a slice."""

DRAWN_AFTER = 0.03
"""Seconds after which the hits are on the screen; what is done ahead for the next letter would be in their way."""


class PathList(PathRows, can_focus=True):
    """The cursor is moved, folders are folded, files chosen; while ``typing``, letters narrow the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="tree.up"),
        Binding("down", "move(1)", "Down", show=False, id="tree.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="tree.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="tree.page_down"),
        Binding("home", "edge(-1)", "First", show=False, id="tree.first"),
        Binding("end", "edge(1)", "Last", show=False, id="tree.last"),
        Binding("left", "fold", "Fold", show=False, id="tree.fold", tooltip="Fold, or go to the folder above"),
        Binding("right", "unfold", "Unfold", show=False, id="tree.unfold", tooltip="Unfold, or go into the folder"),
        Binding("enter,space", "choose", "Show", id="tree.open", tooltip="Show the file, or fold and unfold"),
        Binding("o", "edit", "Edit", id="tree.edit", tooltip="Open the file in your editor"),
    ]

    @dataclass
    class Chosen(Message):
        """The user asked for the file at ``path``."""

        path: str

    @dataclass
    class EditRequested(Message):
        """The user wants the file at ``path`` in an editor."""

        path: str

    @dataclass
    class Typed(Message):
        """While ``typing``: ``query`` is all that was typed since it began. Posted again when the rows follow it."""

        query: str

    typing: reactive[bool] = reactive(False, init=False, repaint=False, bindings=True)
    """Whether letters are typed into a query, rather than being keys."""

    def __init__(self) -> None:
        super().__init__()
        self._query = ""
        self._found = asyncio.Event()
        self._found.set()

    def narrow(self, query: str) -> None:
        """Show what matches ``query`` with the cursor on the best of it; an empty query shows the tree.

        The letters are told at once, the rows follow as they are found: those of the last query, never of one before.
        """
        self._query = query
        rows = self.listing.rows
        self.listing.set_query(query)
        self.post_message(self.Typed(query))
        if self.listing.rows is not rows:
            self.show_rows(before=None, keep=False)
            self.put_cursor(0)
        self.seek()

    def seek(self) -> None:
        """Have the rows follow what is asked for, where they do not; others have their turn meanwhile."""
        if self.listing.is_found:
            self.workers.cancel_group(self, FINDING)
            self._found.set()
        else:
            self._found.clear()
            self._find()

    @work(exclusive=True, group=FINDING)
    async def prepare(self) -> None:
        """Make ready for a query, so that the first letter need not."""
        slices = Slices(FINDING_SLICE)
        for _ in self.listing.finder.prepare():
            await slices.turn()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing and character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        if not self.typing:
            return
        if event.is_printable:
            self._query += event.character or ""
        elif event.key == "backspace" and self._query:
            self._query = self._query[:-1]
        elif event.key in ("ctrl+u", "ctrl+w"):
            self._query = "" if event.key == "ctrl+u" else self._query.rstrip().rpartition(" ")[0]
        else:
            if event.key != "escape":  # others are about what is found for the letters before them
                await self._found.wait()
            return
        event.stop()
        self.narrow(self._query)

    def on_paste(self, event: events.Paste) -> None:
        if self.typing:
            event.stop()
            self.narrow(f"{self._query}{' '.join(event.text.split())}")

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = event.get_content_offset_capture(self).y + self.scroll_offset.y
        if 0 <= index < len(self.listing.rows) and self.listing.rows[index].part is not Part.RULE:
            self.put_cursor(index)
            self.action_choose()

    def action_move(self, step: int) -> None:
        target = self.cursor + step
        rows = self.listing.rows
        if 0 <= target < len(rows) and rows[target].part is Part.RULE:
            target += step
        self.put_cursor(target)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, direction: int) -> None:
        self.put_cursor(0 if direction < 0 else len(self.listing.rows) - 1)

    def action_fold(self) -> None:
        row = self.row
        if row is None:
            return
        if row.folder and row.open:
            self._toggle()
        elif (parent := self.listing.parent(self.cursor)) is not None:
            self.put_cursor(parent)

    def action_unfold(self) -> None:
        row = self.row
        if row is None or not row.folder:
            return
        if row.open:
            self.put_cursor(self.cursor + 1)
        else:
            self._toggle()

    def action_choose(self) -> None:
        row = self.row
        if row is None or row.part is Part.RULE:
            return
        if row.folder:
            self._toggle()
        else:
            self.post_message(self.Chosen(row.path))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self.typing if action == "edit" else True

    def action_edit(self) -> None:
        row = self.row
        if row is not None and row.part is not Part.RULE and not row.folder:
            self.post_message(self.EditRequested(row.path))

    @work(exclusive=True, group=FINDING)
    async def _find(self) -> None:
        slices, query, row = Slices(FINDING_SLICE), self.listing.query, self.row
        for _ in self.listing.follow():
            await slices.turn()
            row = self.row
        is_same = self.listing.query == query
        self.show_rows(before=row, keep=is_same)
        if not is_same:
            self.put_cursor(0)
        self._found.set()
        self.post_message(self.Typed(self._query))
        await asyncio.sleep(DRAWN_AFTER)
        for _ in self.listing.finder.look_ahead():
            await slices.turn()

    def _toggle(self) -> None:
        row = self.row
        self.listing.toggle(self.cursor)
        self.show_rows(before=row)
