"""From the key on a line to what the model gets: a comment, why a hunk is rejected, or a wish for less."""

from __future__ import annotations

from textual.app import App

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.pairing.places import Place
from spark_tui.app.ui.commenting import narrowing, place_of
from spark_tui.app.ui.panes import Panes
from spark_tui.app.workbench import Workbench
from spark_tui.widgets.choice import Choice
from spark_tui.widgets.comment_box import HINT, REASON_HINT, CommentBox
from spark_tui.widgets.diff_view import DiffView

REFUSABLE = (HunkState.PENDING, HunkState.CONFLICTED)
"""The states of hunks that can be rejected."""


class CommentFlow:
    """Opens ``box`` under the line of the diff that a comment is about, and hands on what was written."""

    def __init__(self, app: App[int], bench: Workbench, panes: Panes, box: CommentBox, notify: Notify) -> None:
        self._app = app
        self._bench = bench
        self._diff = panes.diff
        self._box = box
        self._notify = notify
        self._place: Place | None = None
        self._rejected: DiffView.RejectForReasonRequested | None = None

    def begin(self, asked: DiffView.CommentRequested) -> None:
        """Let the user write about the line, or the lines that are chosen."""
        self._rejected = None
        self._place = place_of(self._bench.changes, asked.path, asked.rows, asked.hunk_id)
        if self._place is None:
            self._notify("a comment needs a line: move to one, or to a hunk's header", Severity.INFORMATION)
            return
        self._open(HINT)

    def ask_for_reason(self, asked: DiffView.RejectForReasonRequested) -> None:
        """Let the user write why a hunk, or the chosen lines of it, is rejected; then it is."""
        if self._bench.changes.hunk(asked.hunk_id).state not in REFUSABLE:
            self._notify("nothing is left to reject here; r takes the hunk's decision back", Severity.INFORMATION)
            return
        self._rejected = asked
        self._open(REASON_HINT)

    def _open(self, hint: str) -> None:
        diff = self._diff
        y = min(diff.region.y + diff.cursor_y + 1, self._app.size.height - 2)
        self._box.open(diff.region.x + 2, y, diff.region.width - 4, hint)

    def keep(self, text: str, *, collect: bool) -> None:
        """The box reads ``text``: send the comment with all that are collected, or ``collect`` it as well."""
        self._diff.focus()
        if self._rejected is not None:
            self._reject(self._rejected, text)
            return
        if self._place is None:
            return
        place = self._place
        self._bench.comment(place, text)
        if collect:
            count = len(self._bench.comments.collected)
            self._notify(f"{count} collected; S sends them together", Severity.INFORMATION)
        else:
            self._bench.send_comments()

    def _reject(self, asked: DiffView.RejectForReasonRequested, reason: str) -> None:
        review = self._bench.review
        ids = review.part(asked.hunk_id, asked.lines, asked.revision) if asked.lines else [asked.hunk_id]
        self._bench.reject(ids, reason)

    def send(self) -> None:
        """Send what is collected."""
        if not self._bench.send_comments():
            self._notify("no comments are collected; c writes one", Severity.INFORMATION)

    def narrow(self, hunk_id: str) -> None:
        """Let the user choose in which way a hunk's change should become smaller, and ask the model for it."""
        ways = narrowing(self._bench.changes, hunk_id)

        def chosen(index: int | None) -> None:
            if index is not None:
                self._bench.submit(ways[index][1])

        self._app.push_screen(Choice("Ask for less", [name for name, _ in ways]), chosen)
