"""A change that git knows, on the same screen and with the same keys as a change of the model's; remarks instead of
decisions, since what is in git already can only be changed by a further edit."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from spark_tui.app.commits.comparison import files_of
from spark_tui.app.ui.diff_presenter import CONTEXT, CONTEXTS
from spark_tui.app.ui.external_editor import EditorError, open_file
from spark_tui.app.ui.git_review import GitReview, Remark, show
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.widgets.change_header import DiffPane
from spark_tui.widgets.diff_browser import SIDE_BY_SIDE_MIN, DiffBrowser
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.safe_text import safe_line

NOT_HERE = "these changes are in the files already: say with c what should be different, and the model proposes it"


class ReviewScreen(LeanScreen[str]):
    """Dismissed with the request to the model, empty when the user only read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "send", "Send", id="review.send", tooltip="Send the comments to the model as a request"),
        Binding("d", "discard", "Drop comment", show=False, id="review.drop", tooltip="Take the last comment back"),
        Binding(
            "escape", "close", "Close", id="review.close", tooltip="Back to the program; unsent comments are kept"
        ),
        Binding(
            "a,A,x,X,r,e,u",
            "explain",
            "Not here",
            show=False,
            id="review.not-here",
            tooltip="No accept or reject here: " + NOT_HERE,
        ),
    ]
    DEFAULT_CSS = """
    ReviewScreen {
        & #remark { display: none; border: round $border; height: 3; background: $surface; }
        &.-remarking #remark { display: block; }
        & #told { height: auto; max-height: 3; padding: 0 1; color: $text-quiet; }
        & #foot { height: auto; dock: bottom; }
    }
    """

    def __init__(self, repository: Repository, review: GitReview, side_by_side: bool = False) -> None:
        super().__init__()
        self._repository = repository
        self._review = review
        self._view = DiffBrowser()
        self._side_by_side = side_by_side
        self._told = Static(id="told")
        self._input = Input(placeholder="What should be different here?", id="remark")
        self._about: DiffBrowser.CommentRequested | None = None
        self._around = CONTEXT
        self._whole: set[str] = set()

    def compose(self) -> ComposeResult:
        yield DiffPane(self._view)
        with Vertical(id="foot"):
            yield self._input
            yield self._told
            yield KeyBar()

    def on_mount(self) -> None:
        self._view.set_side_by_side(self._side_by_side)
        self._view.follow(False)
        self._draw()
        self._view.focus()

    def _draw(self) -> None:
        self._view.show(self._review.blocks())
        self.query_one(DiffPane).header.show(self._review.shown.facts)
        count = len(self._review.remarks)
        comments = f"{count} comment{'s'[: count != 1]}: S sends them to the model" if count else ""
        self._tell(comments or "read only: c comments on a line, and the model gets the comments as a request")

    def _tell(self, text: str) -> None:
        self._told.update(safe_line(text))

    # -- how it is looked at -----------------------------------------------------------------------------------

    @on(DiffBrowser.ContextRequested)
    def _widen(self, event: DiffBrowser.ContextRequested) -> None:
        event.stop()
        at = min(max(CONTEXTS.index(self._around) + event.step, 0), len(CONTEXTS) - 1)
        self._around = CONTEXTS[at]
        self._look_again(self._around, frozenset(self._whole))

    @on(DiffBrowser.WholeFileRequested)
    def _show_whole_file(self, event: DiffBrowser.WholeFileRequested) -> None:
        event.stop()
        self._whole ^= {event.path}
        self._look_again(self._around, frozenset(self._whole))

    @work(exclusive=True, group="review")
    async def _look_again(self, context: int, whole: Collection[str]) -> None:
        review = self._review
        try:
            files = await asyncio.to_thread(files_of, self._repository, review.compared, context=context, whole=whole)
            shown = await asyncio.to_thread(show, review.compared, files)
        except GitError as error:
            self._tell(str(error))
        else:
            review.shown = shown
            self._draw()

    @on(DiffBrowser.SideBySideWanted)
    def _show_side_by_side(self, event: DiffBrowser.SideBySideWanted) -> None:
        event.stop()
        if event.wanted and self.size.width < SIDE_BY_SIDE_MIN:
            self._tell(f"side by side needs {SIDE_BY_SIDE_MIN} columns: the diff stays unified until there is room")

    @on(DiffBrowser.Copied)
    def _tell_copied(self, event: DiffBrowser.Copied) -> None:
        event.stop()
        self._tell("sent to the terminal's clipboard")

    @on(DiffBrowser.OpenRequested)
    def _open(self, event: DiffBrowser.OpenRequested) -> None:
        event.stop()
        try:
            open_file(self.app, Path(self._repository.root, event.path), event.line)
        except EditorError as error:
            self._tell(str(error))

    # -- remarks -----------------------------------------------------------------------------------------------

    @on(DiffBrowser.CommentRequested)
    def _ask(self, event: DiffBrowser.CommentRequested) -> None:
        event.stop()
        self._about = event
        line = event.row.new or event.row.old
        self._input.border_title = safe_line(f"{event.path}:{line}" if line else event.path)
        self.add_class("-remarking")
        self._input.focus()

    @on(Input.Submitted)
    def _remark(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if self._about is not None and text:
            self._review.remarks.append(Remark(self._about.path, self._about.rows, text))
        self._end_remark()
        self._draw()

    def _end_remark(self) -> None:
        self._about = None
        self._input.value = ""
        self.remove_class("-remarking")
        self._view.focus()

    def action_discard(self) -> None:
        if self._review.remarks:
            self._review.remarks.pop()
            self._draw()

    def action_send(self) -> None:
        if not self._review.remarks:
            self._tell("there is nothing to send yet: c comments on the line under the cursor")
            return
        request = self._review.request()
        self._review.remarks.clear()
        self.dismiss(request)

    def action_explain(self) -> None:
        self._tell(NOT_HERE)

    def action_close(self) -> None:
        if self._about is not None:
            self._end_remark()
        else:
            self.dismiss("")
