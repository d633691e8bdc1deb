"""What the user decides in the diff: from its messages to the review."""

from __future__ import annotations

from textual.message import Message

from spark_tui.app.changes.deciding import Side
from spark_tui.app.workbench import Workbench
from spark_tui.widgets.diff_view import DiffView


class Decisions:
    """On the hunks of ``bench``."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._review = bench.review

    async def decide(self, asked: Message) -> None:
        """Do what the diff ``asked`` for; a message that asks for no decision is not ours."""
        match asked:
            case DiffView.AcceptRequested() if asked.lines:
                await self._review.accept_lines(asked.hunk_id, asked.lines, asked.revision)
            case DiffView.AcceptRequested():
                await self._review.accept([asked.hunk_id], {asked.hunk_id: asked.revision})
            case DiffView.AcceptFileRequested():
                await self._review.accept(self._review.acceptable(asked.path))
            case DiffView.RejectRequested() if asked.lines:
                self._bench.reject(self._review.part(asked.hunk_id, asked.lines, asked.revision))
            case DiffView.RejectRequested():
                self._bench.reject([asked.hunk_id])
            case DiffView.RejectFileRequested():
                self._bench.reject(self._review.refusable(asked.path))
            case DiffView.RestoreRequested():
                await self._review.take_back(asked.hunk_id)
            case DiffView.MoveRequested():
                self._review.move_on(asked.hunk_id)
            case DiffView.KeepTheirsRequested():
                self._review.resolve(asked.hunk_id, Side.THEIRS)
            case DiffView.TakeOursRequested():
                self._review.resolve(asked.hunk_id, Side.OURS)
            case DiffView.AskAgainRequested():
                self._ask_again(asked.hunk_id)
            case DiffView.FollowRenameRequested():
                await self._review.follow_move(asked.path)
            case DiffView.UndoRequested():
                await self._review.undo()
            case DiffView.RedoRequested():
                await self._review.redo()

    async def undo(self, extent: str) -> None:
        """Take accepted hunks out of the files again: the last ``accept``, or all of the last ``turn`` or of this
        ``session``, or the last accept of any session, an ``earlier`` one too."""
        match extent:
            case "turn":
                await self._review.undo_turn()
            case "session":
                await self._review.undo_session()
            case "earlier":
                await self._review.undo_earlier()
            case _:
                await self._review.undo()

    def _ask_again(self, hunk_id: str) -> None:
        words = self._review.ask_again(hunk_id)
        if words is not None:
            self._bench.submit(words)
