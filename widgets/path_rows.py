"""The rows of the file tree as they look, drawn a line at a time: only what can be seen is ever formatted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from spark_tui.widgets.fitting import fit_end, fit_start
from spark_tui.widgets.fuzzy import Spans, spans_of
from spark_tui.widgets.path_tree import ChangeMark, FolderMarks, GitDots, Part, PathTree, TreeRow, folders_of
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.still import Still
from spark_tui.widgets.theme import SHAPES

FOLDED, OPEN = "▹ ", "▿ "
EDITED = "✎"
"""What the user has changed meanwhile."""

GIT_MEANING = {
    "M": "modified",
    "A": "added",
    "D": "deleted",
    "?": "untracked",
    "U": "unmerged",
    "R": "renamed",
}


class PathRows(Still, ScrollView):
    """The rows of a :class:`PathTree` and the cursor on one of them, git's letters and the change set's marks at the
    right."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "path-list--cursor",
        "path-list--faint",
        "path-list--rule",
        "path-list--folder",
        "path-list--match",
        "path-list--changed",
        "path-list--added",
        "path-list--removed",
        "path-list--streaming",
        "path-list--pending",
        "path-list--accepted",
        "path-list--rejected",
        "path-list--conflicted",
        "path-list--retired",
        "path-list--git-modified",
        "path-list--git-added",
        "path-list--git-deleted",
        "path-list--git-untracked",
        "path-list--git-unmerged",
        "path-list--git-renamed",
    }

    DEFAULT_CSS = """
    PathRows {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .path-list--cursor { background: $cursor-bg-blurred; }
        &:focus > .path-list--cursor { background: $cursor-bg; }
        &:ansi > .path-list--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .path-list--cursor { text-style: reverse; }
        & > .path-list--faint { color: $text-faint; }
        & > .path-list--rule { color: $rule; }
        & > .path-list--folder { color: $text-quiet; }
        & > .path-list--match { color: $match; text-style: bold; }
        & > .path-list--changed { text-style: bold; }
        & > .path-list--added { color: $diff-added; }
        & > .path-list--removed { color: $diff-removed; }
        & > .path-list--streaming { color: $hunk-streaming; }
        & > .path-list--pending { color: $hunk-pending; }
        & > .path-list--accepted { color: $hunk-accepted; }
        & > .path-list--rejected { color: $hunk-rejected; }
        & > .path-list--conflicted { color: $hunk-conflicted; }
        & > .path-list--retired { color: $hunk-retired; }
        & > .path-list--git-modified { color: $git-modified; }
        & > .path-list--git-added { color: $git-added; }
        & > .path-list--git-deleted { color: $git-deleted; }
        & > .path-list--git-untracked { color: $git-untracked; }
        & > .path-list--git-unmerged { color: $git-unmerged; }
        & > .path-list--git-renamed { color: $git-renamed; }
    }
    """

    cursor = reactive(0, repaint=False)
    empty_text = reactive("no files")

    def __init__(self) -> None:
        super().__init__()
        self.listing = PathTree()
        self._status: Mapping[str, str] = {}
        self._dots = GitDots({})
        self._edited: Collection[str] = ()
        self._holding_edited: set[str] = set()
        self._changes: Mapping[str, ChangeMark] = {}
        self._sums = FolderMarks()

    @property
    def row(self) -> TreeRow | None:
        """The row under the cursor; ``None`` while there are no rows."""
        rows = self.listing.rows
        return rows[self.cursor] if self.cursor < len(rows) else None

    def set_status(self, status: Mapping[str, str], edited: Collection[str] = ()) -> None:
        """Take git's letters for each path that has some, in order of path, and which paths the user has ``edited``
        meanwhile; nobody may change either."""
        if status is not self._status or edited != self._edited:
            self._status, self._dots = status, GitDots(status)
            self._edited = edited
            self._holding_edited = {folder for path in edited for folder in folders_of(path)}
            self.refresh()

    def set_changes(self, changes: Mapping[str, ChangeMark]) -> None:
        """Take the change set's marks; the tree itself must know the paths already."""
        if changes == self._changes:
            return
        self._changes = dict(changes)
        changed = self._sums.update(self._changes)
        top, width = self.scroll_offset.y, self.size.width
        for y in range(min(self.size.height, len(self.listing.rows) - top)):
            if self.listing.rows[top + y].path in changed:
                self.refresh(Region(0, y, width, 1))

    def show_rows(self, *, before: TreeRow | None, keep: bool = True) -> None:
        """Draw the tree's rows after they changed.

        ``before`` is the row that had the cursor; with ``keep`` the cursor stays on it, and it stays where it was on
        the screen. A row that is gone leaves the cursor at the same height.
        """
        index, height = self.cursor, self.cursor - self.scroll_offset.y
        at = self.listing.find(before.key) if keep and before is not None else None
        self.virtual_size = Size(0, len(self.listing.rows))
        self.cursor = at if at is not None else index
        if at is not None and at != index:
            self.scroll_to(y=at - height, animate=False, immediate=True)
        self.refresh()

    def put_cursor(self, index: int) -> None:
        """Move the cursor to row ``index`` and scroll no further than needed to see it."""
        self.cursor = index
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        rows = self.listing.rows
        base = self.rich_style
        if index >= len(rows):
            empty = "no file matches" if self.listing.query else self.empty_text
            text = f" {empty}" if not rows and y == 0 else ""
            style = base + self.get_component_rich_style("path-list--faint", partial=True)
            return Strip([Segment(set_cell_size(text, width), style)], width)
        row = rows[index]
        if row.part is Part.RULE:
            style = base + self.get_component_rich_style("path-list--rule", partial=True)
            label = f"─ {row.path} " if row.path else ""
            return Strip([Segment(set_cell_size(label + "─" * width, width), style)], width)
        if index == self.cursor:
            base += self.get_component_rich_style("path-list--cursor", partial=True)
        return self._draw(row, width, base)

    def _draw(self, row: TreeRow, width: int, base: Style) -> Strip:
        right = self._right(row, base)
        room = max(1, width - sum(segment.cell_length for segment in right) - 1)
        left = Strip(self._left(row, room, base)).adjust_cell_length(room + 1, base)
        return Strip([*left, *right]).adjust_cell_length(width, base)

    def _left(self, row: TreeRow, room: int, base: Style) -> list[Segment]:
        """Indent, fold mark and name; of a whole path, the folders are quiet and give way first."""
        if row.part is not Part.TREE:
            return self._left_of_path(row, room - 1, base)
        indent = "  " * row.depth
        name = safe_line(row.path[row.path.rfind("/") + 1 :])
        if row.folder:
            style = base + self.get_component_rich_style("path-list--folder", partial=True)
            lead = f" {indent}{OPEN if row.open else FOLDED}"
        else:
            style, lead = base + self._name_style(row.path), f" {indent}  "
        return [Segment(lead, style), Segment(fit_start(name, room - len(lead)), style)]

    def _left_of_path(self, row: TreeRow, room: int, base: Style) -> list[Segment]:
        slash = row.path.rfind("/") + 1
        name = fit_start(safe_line(row.path[slash:]), room)
        folders = fit_end(safe_line(row.path[:slash]), room - cell_len(name))
        text = folders + name
        quiet = base + self.get_component_rich_style("path-list--folder", partial=True)
        styles = [quiet] * len(folders) + [base + self._name_style(row.path)] * len(name)
        if self.listing.query:
            match = self.get_component_rich_style("path-list--match", partial=True)
            for start, end in self._spans(row.path, text):
                styles[start:end] = [style + match for style in styles[start:end]]
        return [
            Segment(" ", base),
            *Segment.simplify(Segment(letter, style) for letter, style in zip(text, styles, strict=True)),
        ]

    def _spans(self, path: str, text: str) -> Spans:
        """Where the query is in ``text``: the ``path``, of whose folders the first may have given way to a sign."""
        cut = len(path) - len(text)
        if not path.endswith(text[1:]):
            return spans_of(self.listing.query, text)  # not as it is: the name was too long, or was made safe
        shown = cut + 1 if cut > 0 else 0
        spans = spans_of(self.listing.query, path)
        return [(max(start, shown) - cut, end - cut) for start, end in spans if end > shown]

    def _name_style(self, path: str) -> Style:
        changed = path in self._changes
        return self.get_component_rich_style("path-list--changed", partial=True) if changed else Style.null()

    def _right(self, row: TreeRow, base: Style) -> list[Segment]:
        """Counts, the state's shape and git's letter; a folder shows what it hides, and only while it is folded."""
        if row.folder:
            mark = None if row.open else self._sums.get(row.path)
            letters = "" if row.open else self._dots.get(row.path)
            sign = "•" if letters else " "
            edited = not row.open and row.path in self._holding_edited
        else:
            mark = self._changes.get(row.path)
            letters = self._status.get(row.path, "").strip()
            sign = safe_line(letters[:1]) or " "
            edited = row.path in self._edited
        segments: list[Segment] = []
        if mark is not None:
            for name, text in (
                ("added", mark.added and f"+{mark.added}"),
                ("removed", mark.removed and f"−{mark.removed}"),
            ):
                if text:
                    style = base + self.get_component_rich_style(f"path-list--{name}", partial=True)
                    segments.append(Segment(f"{text} ", style))
            style = base + self.get_component_rich_style(f"path-list--{mark.state.value}", partial=True)
            segments.append(Segment(f"{SHAPES[mark.state]} ", style))
        style = base
        if letters[:1] in GIT_MEANING:
            style += self.get_component_rich_style(f"path-list--git-{GIT_MEANING[letters[:1]]}", partial=True)
        segments.append(Segment(sign, style))
        quiet = base + self.get_component_rich_style("path-list--folder", partial=True)
        segments.append(Segment(EDITED if edited else " ", quiet))
        return segments

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.listing.rows) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        top = self.scroll_offset.y
        for index in {old, new}:
            self.refresh(Region(0, index - top, self.size.width, 1))
