"""Opens the review of what git knows; remarks that were not sent outlive the screen."""

from __future__ import annotations

import asyncio

from textual.app import App

from spark_tui.app.commits.comparison import comparison, files_of
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.ui.git_review import GitReview, show
from spark_tui.app.ui.review_screen import ReviewScreen
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.git_errors import GitError


class GitReviewing:
    """What is said on the review screen goes to the model of ``bench``."""

    def __init__(self, app: App[int], bench: Workbench, notify: Notify) -> None:
        self._app = app
        self._bench = bench
        self._notify = notify
        self._review: GitReview | None = None

    async def open(self, change: str) -> None:
        """Show ``change``: a revision, a range, or empty for the work tree."""
        repository = self._bench.repository
        try:
            compared = await asyncio.to_thread(comparison, repository, change)
            files = await asyncio.to_thread(files_of, repository, compared)
        except GitError as error:
            self._notify(str(error), Severity.ERROR)
            return
        if not files:
            self._notify(f"nothing to review: {compared.title} has no changes", Severity.INFORMATION)
            return
        shown = await asyncio.to_thread(show, compared, files)
        remarks = self._review.remarks if self._review is not None else []
        self._review = GitReview(compared, shown, remarks)
        await self._app.push_screen(ReviewScreen(repository, self._review, self._bench.side_by_side), self._closed)

    def _closed(self, request: str | None) -> None:
        if request:
            self._bench.submit(request)
