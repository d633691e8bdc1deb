"""A diff in which a text can be looked for: typed in the row above, found from the cursor on, gone through."""

from __future__ import annotations

from textual import events
from textual.timer import Timer

from spark_tui.widgets.diff_canvas import DiffCanvas
from spark_tui.widgets.find import Find

WHILE_TYPING = frozenset({"end_search", "move_cursor", "scroll_rows", "scroll_pages", "first", "last", "skip"})
"""What can be done while a query is typed; the keys of all else are letters of it."""

COUNT_AGAIN = 0.5
"""Seconds after which the matches are counted again while the text changes: that takes a look at all lines."""

COUNTED_MOST = 25_000
"""Of so many lines the look would be felt: then the next key counts."""


class DiffSearch(DiffCanvas):
    """Keeps the keyboard while a query is typed, so that no letter of it is lost or taken for a key."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._typing = False
        self._origin: int | None = None
        self._counting: Timer | None = None

    def tell(self, matches: list[int] | None = None) -> None:
        """What is looked for, or where, is another now; ``matches`` are its lines, if they were looked for."""

    def search(self, text: str) -> None:
        """Look for ``text``, from the cursor on; an empty one is found nowhere."""
        self._find = Find(text)
        matches = self._lines.matches(self._find)
        start = self.line_of(self._origin) if self._origin is not None else self._line_under_cursor()
        after = next((line for line in matches if line >= (start or 0)), matches[0] if matches else None)
        if after is not None:
            self.go_to_line(after)
        self.tell(matches)
        self.request_update()

    def end_search(self) -> None:
        """Look for nothing any more."""
        self._find, self._typing, self._origin = None, False, None
        self.tell()
        self.request_update()

    def _settle_cursor(self) -> None:
        super()._settle_cursor()
        if self._find is not None and self._counting is None and self._lines.count <= COUNTED_MOST:
            self._counting = self.set_timer(COUNT_AGAIN, self._count_again)

    def _count_again(self) -> None:
        self._counting = None
        if self._find is not None:
            self.tell(self._lines.matches(self._find))

    # Events and actions

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self._typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if not self._typing:
            return
        query = self._find.text if self._find is not None else ""
        if event.is_printable:
            query += event.character or ""
        elif event.key == "backspace":
            query = query[:-1]
        elif event.key == "ctrl+u":
            query = ""
        elif event.key == "enter":
            self._typing, self._origin = False, None
            self.tell()
        else:
            return
        event.stop()
        event.prevent_default()
        if self._typing:
            self.search(query)
        elif not query:
            self.end_search()

    def on_paste(self, event: events.Paste) -> None:
        if self._typing and self._find is not None:
            event.stop()
            self.search(f"{self._find.text}{' '.join(event.text.split())}")

    def on_blur(self) -> None:
        super().on_blur()
        if self._typing:
            self._typing, self._origin = False, None
            self.tell()

    def action_search(self) -> None:
        line = self._line_under_cursor()
        self._origin = self.line_serial(line) if line is not None else None
        self._typing, self._find = True, Find("")
        self.tell([])

    def action_end_search(self) -> None:
        self.end_search()

    def action_go_to_match(self, delta: int) -> None:
        if self._find is None:
            return
        matches, line = self._lines.matches(self._find), self._line_under_cursor() or 0
        if matches and delta > 0:
            self.go_to_line(next((match for match in matches if match > line), matches[0]))
        elif matches:
            self.go_to_line(next((match for match in reversed(matches) if match < line), matches[-1]))
        self.tell(matches)
