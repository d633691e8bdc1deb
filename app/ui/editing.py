"""A hunk or a file in the user's own editor, and what came of it."""

from __future__ import annotations

from textual.app import App

from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.ui.external_editor import EditorError, edit_text, open_file
from spark_tui.app.workbench import Workbench


class Editing:
    """Lends the terminal of ``app`` to an editor."""

    def __init__(self, app: App[int], bench: Workbench, notify: Notify) -> None:
        self._app = app
        self._bench = bench
        self._notify = notify

    def edit_hunk(self, hunk_id: str) -> None:
        """Let the user change what a hunk adds, or decide its conflict by hand."""
        review = self._bench.review
        path = self._bench.changes.hunk(hunk_id).path
        try:
            edited = edit_text(self._app, review.text_to_edit(hunk_id), path)
        except EditorError as error:
            self._notify(str(error), Severity.WARNING)
        else:
            review.edited(hunk_id, edited)

    def open_file(self, path: str, line: int) -> None:
        """Show the file on disk at ``line`` (1-based)."""
        try:
            open_file(self._app, self._bench.repository.root / path, line)
        except EditorError as error:
            self._notify(str(error), Severity.WARNING)
