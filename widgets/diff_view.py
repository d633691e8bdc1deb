"""The change as it is written: hunks of every file on the lines they change, with a cursor to judge them by.

The view draws the blocks it is given and posts what the user asks for; it decides nothing. While it follows, it keeps
the hunk that is being written in view; the first move of the user's ends that, ``f`` begins it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from spark_tui.widgets.diff_browser import DiffBrowser
from spark_tui.widgets.diff_canvas import DiffCanvas
from spark_tui.widgets.diff_lines import Filter
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.rows import Mark

_DECIDED = (Mark.ACCEPTED, Mark.REJECTED)
_OFFERED = {
    "accept": (Mark.PENDING, Mark.STREAMING),
    "reject": (Mark.PENDING, Mark.STREAMING, Mark.CONFLICTED),
    "restore": (*_DECIDED, Mark.RETIRED),
}
"""The marks of the hunks that an action is shown for. One that is being written counts as the pending one it will be:
the row of keys must not flicker with a stream."""
_FILTERS = list(Filter)


class DiffView(DiffBrowser, inherit_bindings=False):
    """The diff pane. See :meth:`show` and :meth:`touch` for how it is fed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a",
            "accept_lines",
            "Accept lines",
            id="diff.accept-lines",
            tooltip="Lines are chosen: write these alone to disk; the rest stays pending",
        ),
        Binding("a", "accept", "Accept", id="diff.accept", tooltip="Write this hunk to disk"),
        Binding(
            "x",
            "reject_lines",
            "Reject lines",
            id="diff.reject-lines",
            tooltip="Lines are chosen: drop these alone; the rest stays pending",
        ),
        Binding("x", "reject", "Reject", id="diff.reject", tooltip="Drop this hunk; the model is told"),
        Binding("r", "restore", "Restore", id="diff.restore", tooltip="Take back this hunk's decision"),
        Binding(
            "R",
            "reject_for_reason",
            "Reject, and why",
            show=False,
            id="diff.reject-for-reason",
            tooltip="Drop this hunk and say why",
        ),
        Binding("u", "undo", "Undo", id="diff.undo", tooltip="Take the last accept out of the files again"),
        Binding("U", "redo", "Redo", show=False, id="diff.redo", tooltip="Accept again what was undone"),
        Binding("s", "narrow", "Ask for less", show=False, id="diff.narrow", tooltip="Ask for a smaller change"),
        Binding(
            "S",
            "send_comments",
            "Send comments",
            show=False,
            id="diff.send-comments",
            tooltip="Send the collected comments",
        ),
        Binding("e", "edit", "Edit", show=False, id="diff.edit", tooltip="Change this hunk before it is accepted"),
        Binding(
            "A",
            "accept_file",
            "Accept file",
            show=False,
            id="diff.accept-file",
            tooltip="Accept every hunk of the file",
        ),
        Binding(
            "X",
            "reject_file",
            "Reject file",
            show=False,
            id="diff.reject-file",
            tooltip="Reject every hunk of the file",
        ),
        Binding("m", "move_on", "Next place", show=False, id="diff.move", tooltip="Move this hunk to its next place"),
        Binding(
            "1", "keep_theirs", "Keep file", show=False, id="diff.keep-theirs", tooltip="Conflict: keep the file"
        ),
        Binding(
            "2", "take_ours", "Take change", show=False, id="diff.take-ours", tooltip="Conflict: take the change"
        ),
        Binding(
            "3", "ask_again", "Ask again", show=False, id="diff.ask-again", tooltip="Conflict: ask the model again"
        ),
        Binding(
            "F", "follow_rename", "Follow file", show=False, id="diff.follow-rename", tooltip="Follow a moved file"
        ),
        Binding(
            "f", "follow", "Follow", show=False, id="diff.follow", tooltip="Follow the hunk that is being written"
        ),
        Binding("h", "filter", "Filter", show=False, id="diff.filter", tooltip="Hide all but hunks of one state"),
        *DiffBrowser.BINDINGS,
        *DiffCanvas.BINDINGS,
        *LineView.BINDINGS,
    ]

    class HunkMessage(Message):
        """Something is asked for the hunk ``hunk_id`` as it is at ``revision``.

        ``lines`` are indices into its removed and then its added lines when only these are meant; else it is empty.
        """

        def __init__(
            self, view: DiffView, hunk_id: str, revision: int = 0, lines: frozenset[int] = frozenset()
        ) -> None:
            super().__init__()
            self.view = view
            self.hunk_id = hunk_id
            self.revision = revision
            self.lines = lines

        @property
        def control(self) -> DiffView:
            return self.view

    class AcceptRequested(HunkMessage):
        """The hunk should be written to disk."""

    class RejectRequested(HunkMessage):
        """The hunk should be dropped."""

    class RejectForReasonRequested(HunkMessage):
        """The hunk should be dropped, once the user has said why."""

    class RestoreRequested(HunkMessage):
        """The hunk, which was rejected or accepted, should be pending again."""

    class EditRequested(HunkMessage):
        """The user wants to change the hunk's text."""

    class MoveRequested(HunkMessage):
        """The hunk should go to the next place that its context fits."""

    class KeepTheirsRequested(HunkMessage):
        """In a conflict, the file should stay as it is."""

    class TakeOursRequested(HunkMessage):
        """In a conflict, the change should be taken."""

    class AskAgainRequested(HunkMessage):
        """In a conflict, the model should be asked again."""

    class FollowRenameRequested(DiffBrowser.FileMessage):
        """The hunks of a file that is gone should go to where it was moved."""

    class NarrowRequested(HunkMessage):
        """The hunk should become smaller."""

    class SendCommentsRequested(Message):
        """The comments that were collected should be sent."""

    class AcceptFileRequested(DiffBrowser.FileMessage):
        """Every hunk of the file should be written to disk."""

    class RejectFileRequested(DiffBrowser.FileMessage):
        """Every hunk of the file should be dropped."""

    class UndoRequested(Message):
        """The last accept should be taken back."""

    class RedoRequested(Message):
        """What was undone should be accepted again."""

    can_undo: reactive[bool] = reactive(False, init=False, repaint=False, bindings=True)
    """Whether there is an accept to be taken back."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._awaited: str | None = None
        self._told_offers: tuple[bool, ...] = ()

    def _settle_cursor(self) -> None:
        """After a change: go with the hunk being written while following, or on from the hunk just decided."""
        super()._settle_cursor()
        place = self._lines.place(self._awaited) if self._awaited is not None else None
        if place is None:
            self._awaited = None
        elif self._lines.at(place).block.mark in _DECIDED:
            on_it = self.current_hunk == self._awaited or not self._lines.is_visible(place)
            self._awaited = None
            following = self._lines.next_open(place) if on_it else None
            if following is not None:
                self._go_to_block(following)
        self._announce()

    def begin(self) -> None:
        """Take the focus. Where nobody has moved the view yet, the review begins at the first hunk that waits."""
        first = self._lines.next_open(-1)
        if self.following and self._lines.streaming is None and first is not None:
            self._go_to_block(first)
        self.focus()

    def empty_lines(self) -> Sequence[Sequence[tuple[str, str]]]:
        if self._lines.filter is not Filter.ALL:
            return (
                ((f"No hunk is {self._lines.filter.value}", "view--heading"),),
                (),
                (("h", "view--key"), (" shows others", "view--muted")),
            )
        return (
            (("No changes yet", "view--heading"),),
            (),
            (("Edits appear here on the real file while they are written.", "view--muted"),),
            (("Nothing is saved until you accept it.", "view--muted"),),
            (),
            (
                ("a", "view--key"),
                (" accept   ", "view--muted"),
                ("x", "view--key"),
                (" reject   ", "view--muted"),
                ("n", "view--key"),
                (" next hunk", "view--muted"),
            ),
        )

    # Events and actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("accept_lines", "reject_lines") and not self.chosen_lines:
            return False
        if action in ("accept", "reject") and self.chosen_lines:
            return False
        return super().check_action(action, parameters)

    def offers(self, action: str) -> bool:
        if action == "undo":
            return self.can_undo
        if action not in _OFFERED:
            return super().offers(action)
        shown = self._current()
        return shown is not None and shown.block.hunk is not None and shown.block.mark in _OFFERED[action]

    def view_updated(self) -> None:
        super().view_updated()
        offers = tuple(self.offers(action) for action in ("comment", *_OFFERED))
        if offers != self._told_offers:
            self._told_offers = offers
            self.refresh_bindings()

    def on_focus(self) -> None:
        first = self._lines.next_open(-1)
        if self.current_hunk is None and first is not None:
            self._go_to_block(first)
        super().on_focus()

    def action_follow(self) -> None:
        self._left_behind = None
        self.follow(True)
        self._settle_cursor()

    def action_filter(self) -> None:
        self._lines.filter = _FILTERS[(_FILTERS.index(self._lines.filter) + 1) % len(_FILTERS)]
        self._rearrange()

    def action_accept(self) -> None:
        self._post_for_hunk(self.AcceptRequested)

    action_accept_lines = action_accept

    def action_reject(self) -> None:
        self._post_for_hunk(self.RejectRequested)

    action_reject_lines = action_reject

    def action_reject_for_reason(self) -> None:
        self._post_for_hunk(self.RejectForReasonRequested)

    def action_restore(self) -> None:
        self._post_for_hunk(self.RestoreRequested)

    def action_edit(self) -> None:
        self._post_for_hunk(self.EditRequested)

    def action_move_on(self) -> None:
        self._post_for_hunk(self.MoveRequested)

    def action_keep_theirs(self) -> None:
        self._post_for_hunk(self.KeepTheirsRequested)

    def action_take_ours(self) -> None:
        self._post_for_hunk(self.TakeOursRequested)

    def action_ask_again(self) -> None:
        self._post_for_hunk(self.AskAgainRequested)

    def action_follow_rename(self) -> None:
        if (path := self.current_path) is not None:
            self.post_message(self.FollowRenameRequested(self, path))

    def action_narrow(self) -> None:
        self._post_for_hunk(self.NarrowRequested)

    def action_send_comments(self) -> None:
        self.post_message(self.SendCommentsRequested())

    def action_undo(self) -> None:
        self.post_message(self.UndoRequested())

    def action_redo(self) -> None:
        self.post_message(self.RedoRequested())

    def action_accept_file(self) -> None:
        self._post_for_file(self.AcceptFileRequested)

    def action_reject_file(self) -> None:
        self._post_for_file(self.RejectFileRequested)

    def _post_for_hunk(self, message: type[HunkMessage]) -> None:
        shown = self._current()
        if shown is None or (hunk := shown.block.hunk) is None:
            return
        if message in (self.AcceptRequested, self.RejectRequested, self.RejectForReasonRequested):
            self._awaited = hunk
        self.post_message(message(self, hunk, shown.block.revision, self._chosen.of(hunk)))
        self._chosen.drop(hunk)

    def _post_for_file(self, message: type[DiffBrowser.FileMessage]) -> None:
        if (path := self.current_path) is not None:
            if self.current_hunk is None:
                self.reveal_path(path)
            self._awaited = self.current_hunk
            self.post_message(message(self, path))
