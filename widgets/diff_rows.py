"""How one row of the diff looks: rail, numbers, mark and text, in the colours of its state."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from spark_tui.widgets.find import Find
from spark_tui.widgets.highlight import NamedSpan
from spark_tui.widgets.layout import Row, StyledSpan, crop
from spark_tui.widgets.palette import Palette
from spark_tui.widgets.row_content import RowContent
from spark_tui.widgets.rows import DiffRow, Mark, RowKind
from spark_tui.widgets.safe_text import DrawnLine, draw_line, safe_line
from spark_tui.widgets.theme import SHAPES

BOTH_NUMBERS_MIN = 72
"""Narrower panes show one line number a row instead of two, in cells."""

CARET = "▏"
CHOSEN = "■"
MOVED, SPACING = "»", "␣"
FOLDED = "▹ "
DIVIDER = "│"
"""Signs that tell without colour: a chosen line, a moved one, one whose white space alone differs, a folded file."""

_SIGNS = {RowKind.ADDED: "+", RowKind.REMOVED: "-", RowKind.CONTEXT: " "}
_SETTLED = (Mark.REJECTED, Mark.RETIRED)


class RowState(NamedTuple):
    """What a row's look depends on besides the row: equal rows in equal states look the same.

    ``digits`` is the width of a line number; ``skip`` the cells scrolled to the right; ``leads`` the row that carries
    its hunk's glyph; ``current`` that its hunk is the one keys act on; ``cursor`` that it is the current row;
    ``chosen`` that it is one of the lines picked for the next decision; ``find`` is what is searched for. Of a file's
    header, ``folded`` says that nothing else of the file is shown, and ``place`` is the function the view begins in.
    """

    mark: Mark | None
    leads: bool
    current: bool
    cursor: bool
    digits: int
    skip: int
    spans: tuple[NamedSpan, ...] | None = None
    chosen: bool = False
    find: Find | None = None
    folded: bool = False
    place: str = ""


def draw_row(row: DiffRow, state: RowState, width: int, palette: Palette) -> RowContent:
    """Draw ``row`` for a view ``width`` cells wide."""
    if row.kind is RowKind.FILE:
        return _file(row, state, width, palette)
    rail = _rail(state, palette)
    if row.kind is RowKind.HUNK:
        return _hunk(row, state, width, palette, rail)
    if row.kind is RowKind.NOTE:
        return _note(row, state, width, palette, rail)
    return _code(row, state, width, palette, rail)


class Side(NamedTuple):
    """One half of a line on which old and new stand side by side; no ``row`` where the other half has no like."""

    row: DiffRow | None
    spans: tuple[NamedSpan, ...] | None = None
    chosen: bool = False


def draw_sides(old: Side, new: Side, state: RowState, width: int, palette: Palette, on_old: bool) -> RowContent:
    """Draw two rows beside one another; the text that can be selected is that of the old side, or of the new."""
    half = (width - 1) // 2
    left = _half(old, True, state, half, palette, _rail(state, palette))
    blank = Segment(" ", palette.base)
    right = _half(new, False, state, width - 1 - half, palette, blank)
    divider = Segment(DIVIDER, palette.base + palette["view--faint"])
    if on_old:
        return replace(left, suffix=[divider, *right.segments(width - 1 - half, palette.base)])
    return replace(right, prefix=[*left.segments(half, palette.base), divider, *right.prefix])


def _half(side: Side, is_old: bool, state: RowState, width: int, palette: Palette, rail: Segment) -> RowContent:
    """One half, with the line's number in the file that it is of."""
    if side.row is None:
        base = palette["diff--absent"] + (palette["diff--cursor"] if state.cursor else Style.null())
        return RowContent([rail], Row("", 0, 0), base)
    own = state._replace(spans=side.spans, chosen=side.chosen)
    row = side.row._replace(new=None) if is_old else side.row._replace(old=None)
    return _code(row, own, 0, palette, rail, width)


def _rail(state: RowState, palette: Palette) -> Segment:
    if state.mark is None:
        rail = "┃" if state.current and not state.leads else " "
        return Segment(rail, palette.base + palette["view--heading"])
    style = palette.base + palette[f"diff--{state.mark.value}"]
    if state.leads:
        return Segment(SHAPES[state.mark], style)
    return Segment("┃" if state.current else "│", style)


def _ends(text: str) -> tuple[str, str]:
    left, _, right = text.partition("\t")
    return left, safe_line(right)


def _file(row: DiffRow, state: RowState, width: int, palette: Palette) -> RowContent:
    left, right = _ends(row.text)
    base = palette["diff--file"]
    if state.cursor:
        base = base + palette["diff--cursor"]
    back = palette.base + base
    counts = [Segment(f" {word}", back + palette[_COUNT_ROLES.get(word[0], "view--muted")]) for word in right.split()]
    suffix = [*counts, Segment(" ", back)]
    room = width - 1 - sum(cell_len(segment.text) for segment in suffix)
    prefix = [Segment(f" {FOLDED}" if state.folded else " ", back)]
    name = left[: width * 6]
    spans: list[StyledSpan] = []
    if state.place:
        spans = [(len(name), len(name) + 3 + len(state.place), palette["diff--place"])]
        name = f"{name} › {state.place[: width * 6]}"
    drawn = draw_line(name)
    shown = _cropped(drawn, 0, room - (2 if state.folded else 0))
    layers = [[(drawn.drawn_index(start), drawn.drawn_index(end), style) for start, end, style in spans]]
    if state.find is not None:
        found = [(start, end, "diff--found") for start, end in state.find.spans(left)]
        layers.append([(start, end, palette[role]) for start, end, role in _placed(found, drawn, 0)])
    return RowContent(prefix, shown, base, layers, suffix=suffix)


_COUNT_ROLES = {"+": "diff--added-sign", "-": "diff--removed-sign", "−": "diff--removed-sign"}


def _hunk(row: DiffRow, state: RowState, width: int, palette: Palette, rail: Segment) -> RowContent:
    left, right = _ends(row.text)
    base = palette["diff--hunk-current" if state.current else "diff--hunk"]
    back = palette.base + base
    role = f"diff--{state.mark.value}" if state.mark is not None else "view--muted"
    suffix = [Segment(f" {right} ", back + palette[role])] if right else []
    room = width - 2 - sum(cell_len(segment.text) for segment in suffix)
    shown = _cropped(draw_line(left[: width * 6]), 0, room)
    lead = Segment(rail.text, back + palette[role])
    return RowContent([lead, Segment(" ", back)], shown, base, suffix=suffix)


def _note(row: DiffRow, state: RowState, width: int, palette: Palette, rail: Segment) -> RowContent:
    prefix = [rail, Segment("   ", palette.base), Segment("╰ ", palette.base + palette["diff--note"])]
    shown = _cropped(draw_line(row.text[: width * 6]), 0, width - 6)
    base = palette["diff--note"]
    return RowContent(prefix, shown, base + palette["diff--cursor"] if state.cursor else base)


def _code(
    row: DiffRow, state: RowState, width: int, palette: Palette, rail: Segment, cells: int | None = None
) -> RowContent:
    """A line of the file; ``cells`` is its room where that is not what ``width`` says about numbers."""
    numbers = _numbers(row, state.digits, width)
    width = width if cells is None else cells
    sign = _SIGNS[row.kind] + (MOVED if row.moved else SPACING if row.spacing else " ")
    changed = row.kind is not RowKind.CONTEXT
    settled = state.mark in _SETTLED
    base = _base(row, state, palette)
    back = palette.base + base
    number_style = palette.base + palette["view--faint"]
    sign_style = back + palette[f"diff--{row.kind.value}-sign"] if changed else back
    if state.cursor:
        number_style = palette.base + palette["diff--cursor view--key"]
    gap = Segment(CHOSEN if state.chosen else " ", palette.base + palette["view--key"])
    prefix = [rail, gap, Segment(numbers, number_style), Segment(sign, sign_style)]
    room = max(width - 4 - len(numbers), 1)
    text = row.text[: (state.skip + room) * 6 + 64]
    if row.kind is RowKind.CONTEXT:
        # A carriage return before the break is part of the break in files that use it: it is shown where it changes.
        text = text.removesuffix("\r")
    line = draw_line(text)
    shown = _cropped(line, state.skip, room - 1 if row.partial else room)
    offset = crop(line.text, state.skip, room)[0]
    layers: list[list[StyledSpan]] = []
    if state.spans and not settled and not row.moved:
        layers.append([(start, end, palette[role]) for start, end, role in _placed(state.spans, line, offset)])
    if row.emphasis and not settled:
        role = f"diff--{row.kind.value}-emphasis"
        ranges = [(start, end, role) for start, end in row.emphasis]
        layers.append([(start, end, palette[name]) for start, end, name in _placed(ranges, line, offset)])
    if state.find is not None:
        found = [(start, end, "diff--found") for start, end in state.find.spans(text)]
        layers.append([(start, end, palette[role]) for start, end, role in _placed(found, line, offset)])
    if row.partial:
        size = len(shown.text)
        shown = _with_caret(shown)
        layers.append([(size, size + 1, palette["diff--streaming"])])
    return RowContent(prefix, shown, base, layers)


def _base(row: DiffRow, state: RowState, palette: Palette) -> Style:
    kind = row.kind
    if kind is RowKind.CONTEXT:
        base = palette["diff--context"]
    elif state.mark is Mark.REJECTED:
        base = palette["diff--refused"]
    elif state.mark is Mark.RETIRED:
        base = palette["view--faint"]
    elif state.mark is Mark.ACCEPTED:
        base = palette[f"diff--{kind.value}-settled"]
    else:
        base = palette[f"diff--{kind.value}"]
        if row.moved:
            base = base + palette["diff--moved"]
    return base + palette["diff--cursor"] if state.cursor and kind is RowKind.CONTEXT else base


def _numbers(row: DiffRow, digits: int, width: int) -> str:
    old = f"{row.old if row.old is not None else '':>{digits}}"
    new = f"{row.new if row.new is not None else '':>{digits}}"
    if width >= BOTH_NUMBERS_MIN:
        return f"{old} {new} "
    return f"{new if row.new is not None else old} "


def _placed(spans: Sequence[NamedSpan], line: DrawnLine, offset: int) -> list[NamedSpan]:
    """Raw spans as drawn ones, ``offset`` drawn characters further left."""
    placed = [
        (max(line.drawn_index(start) - offset, 0), line.drawn_index(end) - offset, role) for start, end, role in spans
    ]
    return [span for span in placed if span[0] < span[1]]


def _cropped(line: DrawnLine, skip: int, width: int) -> Row:
    start, end, more = crop(line.text, skip, max(width, 1))
    text = line.text[start:end] + ("…" if more else "")
    if line.origins is None and not more:
        return Row(text, start, end)
    origins = array("I", [line.raw_index(index) for index in range(start, end)])
    if more:
        origins.append(line.raw_index(end))
    return Row(text, line.raw_index(start), line.raw_index(len(line.text)), origins=origins)


def _with_caret(row: Row) -> Row:
    origins = row.origins if row.origins is not None else array("I", range(row.start, row.end))
    return Row(row.text + CARET, row.start, row.end, row.spans, array("I", [*origins, row.end]))
