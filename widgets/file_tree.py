"""The file tree: every path of the repository, folded, with git's letters and the change set's marks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from spark_tui.widgets.fitting import fit_end
from spark_tui.widgets.path_list import PathList
from spark_tui.widgets.path_tree import ChangeMark, Part
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.still import Still

__all__ = ["ChangeMark", "FileTree"]


class FileTree(Still, Vertical):
    """The tree and, while it is asked for, the line that narrows it.

    All data may be set before the widget is mounted. The rows keep the keyboard while the filter is written, so that
    no letter is lost however fast it follows the slash.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Find file", id="tree.filter", tooltip="Narrow the tree as you type"),
        Binding(
            "t", "changes_first", "Changes first", id="tree.changes_first", tooltip="List the changed files on top"
        ),
        Binding("escape", "close_filter", "Close", id="tree.close_filter", tooltip="Show the whole tree again"),
    ]

    DEFAULT_CSS = """
    FileTree {
        background: $surface;
        min-width: 16;
        & > #query { height: 1; display: none; padding: 0 1; }
        &.-filtering > #query { display: block; }
    }
    """

    @dataclass
    class FileChosen(Message):
        """The user wants to see the file at ``path``, relative to the root and as it was given."""

        path: str

    @dataclass
    class OpenRequested(Message):
        """The user wants to see ``line`` (1-based) of the file at ``path`` in an editor."""

        path: str
        line: int = 1

    changes_first: reactive[bool] = reactive(False, init=False)
    filtering: reactive[bool] = reactive(False, init=False, toggle_class="-filtering", bindings=True)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._list = PathList()
        self._line = Static(id="query")
        self._cursor_before_filter: tuple[Part, str, bool] | None = None

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._list

    @property
    def cursor_path(self) -> str | None:
        """The file or folder under the cursor; ``None`` on an empty tree."""
        row = self._list.row
        return row.path if row is not None and row.part is not Part.RULE else None

    def set_paths(self, paths: Sequence[str]) -> None:
        """Take all files, tracked and untracked, in order and each once; cursor and folds stay.

        They are not copied, so nobody may change them.
        """
        self._change(lambda: self._list.listing.set_paths(paths))

    def set_status(self, status: Mapping[str, str], edited: Collection[str] = ()) -> None:
        """Take git's letters (one of ``M A D ? U R``) for each path that has one, in order of path.

        ``edited`` are the paths that the user has changed meanwhile; they are marked, and listed with those changed.
        """
        self._change(lambda: self._list.listing.set_edited(edited))
        self._list.set_status(status, edited)

    def set_changes(self, changes: Mapping[str, ChangeMark]) -> None:
        """Take the change set's marks; files that are not on disk yet appear. Cheap enough for every frame."""
        self._change(lambda: self._list.listing.set_changed(changes))
        self._list.set_changes(changes)

    def set_empty_text(self, text: str) -> None:
        """What an empty tree says, in one line: that it is still being read, or why it cannot be."""
        self._list.empty_text = text

    def reveal(self, path: str) -> None:
        """Open the folders that hold ``path`` and put the cursor on it; an unknown path changes nothing."""
        if self.filtering:
            self.filtering = False
        self._change(lambda: self._list.listing.open_to(path))
        index = self._list.listing.find((Part.TREE, path, False))
        if index is not None:
            self._list.put_cursor(index)

    def focus(self, scroll_visible: bool = True) -> FileTree:
        """Give the keyboard to the rows."""
        self._list.focus(scroll_visible)
        return self

    def watch_changes_first(self, first: bool) -> None:
        self._change(lambda: self._list.listing.list_changes_first(first))
        if first:
            self._list.put_cursor(0)

    def watch_filtering(self, filtering: bool) -> None:
        self._list.typing = filtering
        if filtering:
            row = self._list.row
            self._cursor_before_filter = row.key if row is not None else None
            self._draw_query("")
            self._list.prepare()
            return
        self._list.narrow("")
        before = self._cursor_before_filter
        index = self._list.listing.find(before) if before is not None else None
        self._list.put_cursor(index or 0)

    @on(PathList.Typed)
    def _typed(self, event: PathList.Typed) -> None:
        event.stop()
        self._draw_query(event.query)

    @on(PathList.EditRequested)
    def _open(self, event: PathList.EditRequested) -> None:
        event.stop()
        self.post_message(self.OpenRequested(event.path))

    @on(PathList.Chosen)
    def _chosen(self, event: PathList.Chosen) -> None:
        event.stop()
        if self.filtering:
            self.reveal(event.path)
        self.post_message(self.FileChosen(event.path))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("filter", "changes_first"):
            return not self.filtering  # their keys are letters of the query then
        return self.filtering if action == "close_filter" else True

    def action_filter(self) -> None:
        self.filtering = True

    def action_close_filter(self) -> None:
        self.filtering = False

    def action_changes_first(self) -> None:
        self.changes_first = not self.changes_first

    def _draw_query(self, query: str) -> None:
        listing = self._list.listing
        count = f"  {listing.hits}" if listing.query else ""
        room = max(1, self.size.width - len(count) - 4)
        shown = fit_end(safe_line(query), room)
        self._line.update(
            Content.assemble(("/", "$text-faint"), shown, (" ", "reverse"), (count, "$text-faint")), layout=False
        )

    def _change(self, act: Callable[[], None]) -> None:
        """Let ``act`` change the tree, and draw it anew only if that gave other rows."""
        rows, row = self._list.listing.rows, self._list.row
        act()
        if self._list.listing.rows is not rows:
            self._list.show_rows(before=row)
        if not self._list.listing.is_found:
            self._list.seek()
