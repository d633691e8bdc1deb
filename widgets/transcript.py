"""What was said: the user's words, the model's, its tools and the program's notices, as one column of entries.

Text arrives as deltas for an entry named by a key. Only the line that grows is looked at again; a finished line is
wrapped when it comes into view, and drawn once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.reactive import reactive

from spark_tui.widgets.block_index import BlockIndex
from spark_tui.widgets.entry_lines import CodeBlock, EntryLine, EntryLines
from spark_tui.widgets.highlight import HighlightClock, Highlights, NamedSpan, Wanted, load_lexer
from spark_tui.widgets.layout import Row, StyledSpan
from spark_tui.widgets.line_layout import LineLayout, cut_row
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.markdown import PLAIN, Form, LineForm, line_form
from spark_tui.widgets.palette import TRANSCRIPT_CSS, TRANSCRIPT_ROLES, VIEW_ROLES
from spark_tui.widgets.row_content import RowContent
from spark_tui.widgets.safe_text import safe_line

LAYOUTS_KEPT = 2048
_SERIAL_SHIFT = 32
_BLANK = (Row("", 0, 0),)


class EntryKind(Enum):
    """Who speaks, or what happened."""

    USER = "user"
    MODEL = "model"
    REASONING = "reasoning"
    TOOL = "tool"
    OUTPUT = "output"
    NOTICE = "notice"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of entry is drawn: ``mark`` stands before its first line, ``rail`` before the others."""

    mark: str
    rail: str
    role: str
    text_role: str
    markdown: bool = False
    one_row: bool = False


_LOOKS = {
    EntryKind.USER: _Look("▌ ", "▌ ", "transcript--user-mark", "transcript--user"),
    EntryKind.MODEL: _Look("  ", "  ", "view--muted", "transcript--model", markdown=True),
    EntryKind.REASONING: _Look("┊ ", "┊ ", "view--faint", "transcript--reasoning", markdown=True),
    EntryKind.TOOL: _Look("◇ ", "  ", "transcript--tool-mark", "transcript--tool", one_row=True),
    EntryKind.OUTPUT: _Look("▷ ", "│ ", "view--faint", "transcript--tool"),
    EntryKind.NOTICE: _Look("∙ ", "  ", "view--faint", "transcript--notice"),
    EntryKind.ERROR: _Look("✗ ", "  ", "transcript--error-mark", "transcript--error"),
}


@dataclass(slots=True, eq=False)
class _Entry:
    """``gap`` blank rows stand above it, counted as lines of their own. ``colours`` are those of the blocks of code
    that have been looked at."""

    number: int
    kind: EntryKind
    gap: int
    lines: EntryLines
    note: str = ""
    colours: dict[CodeBlock, Highlights] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return self.gap + len(self.lines)

    def serial(self, index: int) -> int:
        """Names the line at ``index`` of the text."""
        return self.number << _SERIAL_SHIFT | self.gap + index

    def highlights(self, block: CodeBlock) -> Highlights:
        """The colours of ``block``."""
        found = self.colours.get(block)
        if found is None:
            lines, first = self.lines, block.first
            found = self.colours[block] = Highlights(lambda index: ("n", lines.text(first + index)))
        return found


@dataclass(slots=True)
class _Known:
    """A line's layout, and what it was made for: the line's form, its characters, and whether more may come."""

    form: LineForm
    state: tuple[int, bool]
    layout: LineLayout


class Transcript(LineView):
    """The column of entries. Keys name entries for good; deltas for several may come by turns."""

    COMPONENT_CLASSES: ClassVar[set[str]] = VIEW_ROLES | TRANSCRIPT_ROLES
    DEFAULT_CSS = f"Transcript {{ {TRANSCRIPT_CSS} }}"

    is_offline: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the built-in engine answers: an empty transcript then says what to type to see what that can do."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._entries: list[_Entry] = []
        self._places: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._next_number = 0
        self._index = BlockIndex()
        self._layouts: LRUCache[int, _Known] = LRUCache(LAYOUTS_KEPT)
        self._clock = HighlightClock(self, self._wanted, load_lexer, self.request_update)

    # Public

    def append(self, key: str, kind: EntryKind, text: str) -> None:
        """Add ``text`` to the entry ``key``, which is begun at the end if there is none."""
        place = self._places.get(key)
        if place is None:
            place = self._begin(key, kind)
        entry = self._entries[place]
        entry.lines.append(text)
        self._index.resize(place, entry.size)
        self.request_update()

    def replace(self, key: str, text: str) -> None:
        """Give the entry ``key`` another text. Raises :exc:`KeyError` if there is no such entry."""
        place = self._places[key]
        entry = self._entries[place]
        entry.lines = _lines_for(entry.kind)
        entry.colours.clear()
        self._layouts.clear()
        self.append(key, entry.kind, text)

    def set_note(self, key: str, text: str) -> None:
        """Set the quiet words at the right edge of the entry's first row; ``""`` removes them.

        Raises :exc:`KeyError` if there is no such entry.
        """
        entry = self._entries[self._places[key]]
        if entry.note != text:
            entry.note = text
            self.request_update()

    def clear(self) -> None:
        """Remove every entry."""
        self._entries.clear()
        self._places.clear()
        self._numbers.clear()
        self._index = BlockIndex()
        self._layouts.clear()
        self.follow(True)

    def _begin(self, key: str, kind: EntryKind) -> int:
        place = len(self._entries)
        quiet = (EntryKind.TOOL, EntryKind.NOTICE)
        together = place > 0 and kind in quiet and self._entries[-1].kind is kind
        # An entry that ends in an empty line brings its gap along.
        apart = place > 0 and not together and self._entries[-1].lines.last_text != ""
        entry = _Entry(self._next_number, kind, 1 if apart else 0, _lines_for(kind))
        self._next_number += 1
        self._entries.append(entry)
        self._places[key] = place
        self._numbers[entry.number] = place
        self._index.append(entry.size)
        return place

    def focus_on_click(self) -> bool:
        """Selecting with the mouse leaves the keys where they are: mostly in the prompt, where the next words go."""
        return False

    # The lines, for LineView

    def line_count(self) -> int:
        return self._index.total

    def line_serial(self, line: int) -> int:
        place, offset = self._index.locate(line)
        return self._entries[place].number << _SERIAL_SHIFT | offset

    def line_of(self, serial: int) -> int | None:
        place = self._numbers.get(serial >> _SERIAL_SHIFT)
        offset = serial & ((1 << _SERIAL_SHIFT) - 1)
        if place is None or offset >= self._entries[place].size:
            return None
        return self._index.start(place) + offset

    def raw_line(self, line: int) -> str:
        place, offset = self._index.locate(line)
        entry = self._entries[place]
        return entry.lines.text(offset - entry.gap) if offset >= entry.gap else ""

    def _find(self, line: int) -> tuple[_Entry, EntryLine | None]:
        """The entry that ``line`` is in and its text line; ``None`` for the blank row above it."""
        place, offset = self._index.locate(line)
        entry = self._entries[place]
        return entry, (entry.lines[offset - entry.gap] if offset >= entry.gap else None)

    def rows_of(self, line: int) -> Sequence[Row]:
        entry, found = self._find(line)
        return _BLANK if found is None else self._rows(entry, found)

    def _rows(self, entry: _Entry, line: EntryLine) -> Sequence[Row]:
        serial, form = entry.serial(line.number), self._form_of(entry, line)
        width, state = self._width_for(entry, line, form), (len(line.text), line.is_last)
        known = self._layouts.get(serial)
        if known is not None and (known.layout.width, known.form) == (width, form):
            if known.state != state and line.is_last and not _LOOKS[entry.kind].one_row:
                known.layout.update(line.text.removesuffix("\r"), finished=False)
                known.state = state
            if known.state == state:
                return known.layout.rows
        layout = self._lay_out(entry, line, width, form)
        # Textual's cache keeps the value it has for a key.
        self._layouts.discard(serial)
        self._layouts[serial] = _Known(form, state, layout)
        return layout.rows

    def _lay_out(self, entry: _Entry, line: EntryLine, width: int, form: LineForm) -> LineLayout:
        if _LOOKS[entry.kind].one_row:
            layout = LineLayout(width)
            layout.rows = [cut_row(line.text, width)]
            return layout
        inline = _LOOKS[entry.kind].markdown and line.block is None and form.form is not Form.TABLE
        layout = LineLayout(width, inline=inline, skip=form.skip)
        layout.update(line.text.removesuffix("\r"), finished=not line.is_last)
        return layout

    def _form_of(self, entry: _Entry, line: EntryLine) -> LineForm:
        return line_form(line.text) if _LOOKS[entry.kind].markdown and line.block is None else PLAIN

    def _width_for(self, entry: _Entry, line: EntryLine, form: LineForm) -> int:
        width = self.text_width - 2
        width -= 2 if line.block is not None else self._hang(form)
        if entry.note and not line.number:
            width -= min(cell_len(self._note(entry)) + 2, width // 2)
        return max(width, 1)

    def _hang(self, form: LineForm) -> int:
        """Cells by which a line's later rows are indented: as much as its own mark takes."""
        return min(cell_len(form.mark), self.text_width // 3)

    def _note(self, entry: _Entry) -> str:
        note = safe_line(entry.note)
        return note if cell_len(note) <= self.text_width // 2 - 4 else note[: max(self.text_width // 2 - 5, 0)] + "…"

    # Drawing

    def row_key(self, line: int, row: int) -> Hashable:
        entry, found = self._find(line)
        if found is None:
            return "blank"
        colored = found.block is not None and self._colours_of(entry, found, found.block) is not None
        # The text stands for the row: rows before the last ones of a growing line stay as they are.
        shown = self._rows(entry, found)[row]
        look = self._form_of(entry, found), found.is_fence, colored, entry.note if not row else ""
        return entry.serial(found.number), shown.start, shown.text, shown.spans, look

    def row_content(self, line: int, row: int) -> RowContent:
        entry, found = self._find(line)
        palette, look = self.palette, _LOOKS[entry.kind]
        if found is None:
            return RowContent((), _BLANK[0], Style.null())
        shown = self._rows(entry, found)[row]
        base = palette[look.text_role]
        first = not found.number and row == 0
        prefix = [Segment(look.mark if first else look.rail, palette.base + palette[look.role])]
        suffix = (
            [Segment(f"{self._note(entry)} ", palette.base + palette["view--faint"])] if first and entry.note else []
        )
        if found.block is not None:
            return self._code_content(entry, found, found.block, shown, prefix, base + palette["transcript--code"])
        layers: list[list[StyledSpan]] = [[(start, end, palette[role]) for start, end, role in shown.spans]]
        if look.markdown:
            form = self._form_of(entry, found)
            mark_role = "markdown--quote" if form.form is Form.QUOTE else "markdown--item"
            if form.form is Form.HEADING:
                base = base + palette["markdown--heading"]
            elif form.form in (Form.QUOTE, Form.RULE):
                base = base + palette["markdown--quote"]
            if form.mark:
                mark = form.mark if row == 0 or form.form is Form.QUOTE else " " * len(form.mark)
                prefix.append(Segment(mark[: self._hang(form)], palette.base + palette[mark_role]))
        return RowContent(prefix, shown, base, layers, suffix)

    def _code_content(
        self, entry: _Entry, line: EntryLine, block: CodeBlock, shown: Row, prefix: list[Segment], base: Style
    ) -> RowContent:
        palette = self.palette
        if line.is_fence:
            text = block.language if line.number == block.opening else ""
            faint = palette.base + base + palette["view--faint"]
            return RowContent([*prefix, Segment(f"  {safe_line(text)}", faint)], Row("", 0, shown.end), base)
        layer: list[StyledSpan] = []
        for start, end, role in self._colours_of(entry, line, block) or ():
            left, right = shown.drawn_range(start, end)
            if left < right:
                layer.append((left, right, palette[role]))
        inset = Segment("  ", palette.base + base)
        return RowContent([*prefix, inset], shown, base, [layer])

    # Highlighting

    def _colours_of(self, entry: _Entry, line: EntryLine, block: CodeBlock) -> tuple[NamedSpan, ...] | None:
        return entry.highlights(block).get(line.number - block.first)

    def view_updated(self) -> None:
        if any(True for _ in self._wanted()):
            self._clock.start()

    def _wanted(self) -> list[Wanted]:
        """The blocks of code in view that have finished lines without colours."""
        wanted: list[Wanted] = []
        first, last = self.visible_lines
        line = first
        while line <= last < self.line_count():
            place, offset = self._index.locate(line)
            entry = self._entries[place]
            end = min(last, self._index.start(place) + entry.size - 1)
            wanted += self._wanted_in(entry, offset - entry.gap, end - line + offset - entry.gap)
            line = end + 1
        return wanted

    def _wanted_in(self, entry: _Entry, first: int, last: int) -> Iterator[Wanted]:
        for block, begin, end in entry.lines.code_in(first, last):
            if block.language and self._clock.knows(block.language):
                highlights = entry.highlights(block)
                if highlights.lacks(begin, end):
                    yield Wanted(highlights, block.language, begin, end)

    def watch_is_offline(self) -> None:
        self.request_update()

    def empty_lines(self) -> Sequence[Sequence[tuple[str, str]]]:
        lines: tuple[Sequence[tuple[str, str]], ...] = (
            (("Say what you want changed.", "view--heading"),),
            (),
            (("The model's words appear here as they are written.", "view--muted"),),
            (("esc", "view--key"), (" pauses it at any moment", "view--muted")),
        )
        if self.is_offline:
            offline = (("help", "view--key"), (" tells what the offline engine can do", "view--muted"))
            lines = (*lines, offline)
        return lines


def _lines_for(kind: EntryKind) -> EntryLines:
    return EntryLines(fenced=_LOOKS[kind].markdown)
