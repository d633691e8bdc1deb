"""The commits of a session: the form opened, committed from, and the last commit taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection

from textual.app import App

from spark_tui.app.commits.committer import CommitResult, undo_commit
from spark_tui.app.commits.errors import CommitError
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.ui.commit_flow import CommitFlow
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.widgets.commit_form import CommitForm


class Committing:
    """What outlives one opening of the form: the message that was not used, and the last commit."""

    def __init__(self, app: App[int], bench: Workbench, notify: Notify) -> None:
        self._app = app
        self._bench = bench
        self._notify = notify
        self._flow: CommitFlow | None = None
        self._unsent_message = ""
        self._last: CommitResult | None = None
        self._goes_on_from = ""

    async def open(self) -> Awaitable[None] | None:
        """Show the form; what it takes until it is there, ``None`` where there is nothing to commit.

        One that follows on a commit says what that was.
        """
        bench = self._bench
        made, self._goes_on_from = self._goes_on_from, ""
        if bench.is_replay:
            self._notify("a recording is played: nothing is written", Severity.WARNING)
            return None
        try:
            request = bench.session.request
            flow = await CommitFlow.prepare(bench.repository, bench.changes, request, self._unsent_message)
        except GitError as error:
            self._notify(str(error), Severity.ERROR)
            return None
        if flow is None:
            nothing = f"{made}; nothing is left" if made else "nothing to commit: the files are as in the last commit"
            self._notify(nothing, Severity.INFORMATION)
            return None
        self._flow = flow
        if made:
            flow.form.tell(made)
        return self._app.push_screen(flow.form, self._keep_message)

    async def improve_message(self) -> None:
        """Let the model name the change, if it can, while the user reads."""
        flow = self._flow
        if flow is None:
            return
        message = await self._bench.suggest_commit_message(flow.question)
        if message and flow.form.is_attached:
            flow.take_name(message)

    def name_choice(self, chosen: Collection[str]) -> None:
        """Other hunks are ``chosen`` in the form."""
        if self._flow is not None:
            self._flow.name_choice(chosen)

    async def commit(self, asked: CommitForm.CommitRequested) -> bool:
        """Commit what the form ``asked`` for; whether that was done. Where it was not, the form says why."""
        assert self._flow is not None
        result = await self._flow.commit(asked)
        if result is None:
            return False
        self._flow.form.dismiss("")
        self._last = result
        made = f"committed {result.commit[:9]} {result.subject}"
        self._goes_on_from = made if asked.again else ""
        self._tell(f"{made}; /uncommit takes it back", result)
        return True

    async def undo(self) -> None:
        """Take the last commit of this session back."""
        result, self._last = self._last, None
        if result is None:
            self._notify("there is no commit of this session to take back", Severity.INFORMATION)
            return
        try:
            undone = await asyncio.to_thread(undo_commit, self._bench.repository, result)
        except (CommitError, GitError) as error:
            self._notify(str(error), Severity.WARNING)
            return
        self._tell(f"taken back, with its changes still in the files: {undone.subject}", undone)

    def stop(self) -> None:
        """Stop the commit that runs, if one does."""
        if self._flow is not None:
            self._flow.stop()

    def _keep_message(self, message: str | None) -> None:
        self._unsent_message = message or ""

    def _tell(self, outcome: str, result: CommitResult) -> None:
        self._notify(outcome, Severity.INFORMATION)
        for note in result.notes:
            self._notify(note, Severity.WARNING)
        self._bench.resurvey()
