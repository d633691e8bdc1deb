"""The Textual app: composes the widgets, hands their messages on, draws on the frame clock. It holds no state."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widget import Widget

from spark_tui.app.changes.deciding import Side
from spark_tui.app.commits.committer import CommitResult, undo_commit
from spark_tui.app.commits.comparison import comparison, files_of
from spark_tui.app.commits.errors import CommitError
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.store import SessionStore
from spark_tui.app.pairing.turn import WORKING, TurnState
from spark_tui.app.settings import Settings
from spark_tui.app.ui import crash, keys, slash
from spark_tui.app.ui.commenting import Place, narrowing, place_of
from spark_tui.app.ui.commit_flow import CommitFlow
from spark_tui.app.ui.external_editor import EditorError, edit_text, open_file
from spark_tui.app.ui.first_frame import FirstFrame
from spark_tui.app.ui.frame_clock import FrameClock
from spark_tui.app.ui.git_review import GitReview
from spark_tui.app.ui.painter import Painter, Panes
from spark_tui.app.ui.review_screen import ReviewScreen
from spark_tui.app.ui.terminal_driver import TerminalDriver
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.protocol.client.replay import Replay
from spark_tui.protocol.client.tape import Tape
from spark_tui.widgets.change_header import ChangeHeader, DiffPane
from spark_tui.widgets.choice import Choice
from spark_tui.widgets.comment_box import CommentBox
from spark_tui.widgets.commit_form import CommitForm
from spark_tui.widgets.diff_browser import SIDE_BY_SIDE_MIN, DiffBrowser
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.help_panel import HelpPanel
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.notice_bar import Severity as NoticeSeverity
from spark_tui.widgets.prompt import Prompt
from spark_tui.widgets.proposal_bar import ProposalBar
from spark_tui.widgets.queued_messages import QueuedMessages
from spark_tui.widgets.status_line import StatusLine
from spark_tui.widgets.theme import ThemedApp
from spark_tui.widgets.transcript import Transcript

GUARDED = frozenset({"pause", "resume", "review", "focus_prompt", "stop", "step", "allow", "decline"})
"""Actions that depend on how the session stands."""

OF_THE_MAIN_SCREEN = frozenset({"review", "focus_prompt", "toggle_tree", "find_file"})
"""Actions that go to a widget of the main screen; they mean nothing on another."""
SIGNALLED = 128
"""What a shell adds to a signal's number for the exit code of what it ended."""

TICK = 1.0
"""Seconds between frames while only time passes."""


class SparkApp(ThemedApp[int]):
    """The program on one repository; ``store`` is the session's, ``None`` saves nothing. See :class:`Workbench`.

    ``first_frame`` is what stands on the screen until the first paint. With a ``review`` (a revision, a range, or
    empty for the work tree) it opens on that change.
    """

    TITLE = "spark-tui"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "pause", "Pause", id="app.pause", tooltip="Freeze the stream on the spot"),
        Binding("escape", "resume", "Resume", id="app.resume", tooltip="Go on from where it froze"),
        Binding("escape", "review", "Review", id="app.review", tooltip="Nothing runs: from the prompt to the diff"),
        Binding("escape", "focus_prompt", "Prompt", id="app.prompt", tooltip="Nothing runs: back to the prompt"),
        Binding("full_stop", "step", "Next hunk", id="app.step", tooltip="Frozen: go on to the end of the next hunk"),
        Binding("ctrl+x", "stop", "Stop", id="app.stop", tooltip="Stop the model; what was written so far stays"),
        Binding("f5", "allow", "Run it", id="app.allow", tooltip="Run the command that the model proposes"),
        Binding("f9", "allow(True)", "Always", id="app.allow-always", tooltip="Run it, and always in this session"),
        Binding("f8", "decline", "Decline", id="app.decline", tooltip="Do not run what the model proposes"),
        Binding("C,ctrl+g", "commit", "Commit", id="app.commit", tooltip="Choose hunks and commit them"),
        Binding("i", "focus_prompt", "Prompt", show=False, id="app.write", tooltip="Write to the model"),
        Binding("ctrl+b", "toggle_tree", "Files", show=False, id="app.tree", tooltip="Show or hide the file tree"),
        Binding(
            "ctrl+f", "find_file", "Find file", show=False, priority=True, id="app.find-file", tooltip="Go to a file"
        ),
        Binding("ctrl+r", "retry_now", "Retry now", show=False, id="app.retry", tooltip="Do not wait any longer"),
        Binding("f1", "help", "Help", id="app.help", tooltip="Every key"),
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit", tooltip="Leave; the session can be resumed"),
    ]

    CSS = """
    Screen { layers: base box; }
    #panes { layout: horizontal; height: 1fr; }
    #work { layout: vertical; width: 1fr; height: 1fr; }
    #foot { height: auto; dock: bottom; }
    FileTree { width: 30; border-right: solid $rule; }
    DiffPane { height: 3fr; width: 1fr; }
    Transcript { height: 2fr; width: 1fr; border-top: solid $rule; }

    .-narrow FileTree { display: none; width: 100%; border-right: none; }
    .-narrow #panes.-browsing FileTree { display: block; }
    .-narrow #panes.-browsing #work { display: none; }
    .-normal #panes.-bare FileTree, .-wide #panes.-bare FileTree { display: none; }

    .-wide FileTree { width: 36; }
    .-wide #work { layout: horizontal; }
    .-wide DiffPane { height: 1fr; width: 3fr; }
    .-wide Transcript { height: 1fr; width: 2fr; border-top: none; border-left: solid $rule; }
    .-wide #panes.-sides #work { layout: vertical; }
    .-wide #panes.-sides DiffPane { height: 3fr; width: 1fr; }
    .-wide #panes.-sides Transcript {
        height: 2fr; width: 1fr; border-top: solid $rule; border-left: none;
    }
    """

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        store: SessionStore | None,
        *,
        tape: Tape | None = None,
        replay: Replay | None = None,
        first_frame: FirstFrame | None = None,
        review: str | None = None,
    ) -> None:
        super().__init__()
        self._tape = tape
        self._replay = replay
        self._first_frame = first_frame
        self._repository = repository
        self._asked_review = review
        self._git_review: GitReview | None = None
        self._settings = settings
        self._store = store
        self._unsent_message = ""
        self._flow: CommitFlow | None = None
        self._last_commit: CommitResult | None = None
        self._place: Place | None = None
        self._drawn_state = TurnState.IDLE, 0
        if settings.theme in self.available_themes:
            self.theme = settings.theme

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        return TerminalDriver if driver is LinuxDriver else driver

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        if isinstance(driver, TerminalDriver):
            driver.first_frame = self._first_frame
        return driver

    def compose(self) -> ComposeResult:
        with Container(id="panes"):
            yield FileTree()
            with Container(id="work"):
                yield DiffPane(DiffView())
                yield Transcript()
        with Vertical(id="foot"):
            yield NoticeBar()
            yield ProposalBar()
            yield QueuedMessages()
            yield Prompt()
            yield StatusLine()
            yield KeyBar()
        yield CommentBox()

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._tell_mistake)
        for number in () if self.is_headless else (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(self.exit, return_code=SIGNALLED + number))
        self.clock = FrameClock(self._draw, is_behind=self._terminal_is_behind)
        self.bench = Workbench(
            self._repository, self._settings, self, self._store, tape=self._tape, replay=self._replay
        )
        self.panes = Panes(
            self.query_one(FileTree),
            self.query_one(DiffView),
            self.query_one(Transcript),
            self.query_one(ProposalBar),
            self.query_one(QueuedMessages),
            self.query_one(Prompt),
            self.query_one(StatusLine),
            self.query_one(ChangeHeader),
        )
        self._painter = Painter(self.bench, self.panes)
        self.panes.prompt.set_draft(self.bench.draft)
        self.panes.prompt.focus()
        if self.bench.side_by_side:
            self._make_room(True)
            self.panes.diff.set_side_by_side(True)
        self.set_interval(TICK, self._tick)
        self.watch(self, "app_focus", self._focus_changed, init=False)
        await self.bench.start()
        self.bench.look_for_local()
        self.changed()
        if isinstance(self._driver, TerminalDriver):
            self._driver.read_keys()
        if not gc.isenabled():
            # A collection that walks all that start-up made takes longer than a frame.
            gc.freeze()
            gc.enable()
        if self._asked_review is not None:
            self._open_review(self._asked_review)

    async def on_unmount(self) -> None:
        if self._is_ready:
            self.clock.close()
            await self.bench.aclose()

    def _handle_exception(self, error: Exception) -> None:
        """A mistake of ours ends the program with one line; what is known of it goes to a file."""
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.exit(return_code=1, message=crash.report(error, self._repository.state_dir))

    def _tell_mistake(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What fails outside of any handler, such as a frame, would otherwise leave an old screen and no word."""
        error = context.get("exception")
        if self.is_headless and isinstance(error, Exception):
            self._handle_exception(error)
        else:
            self.notify_user(f"something went wrong: {error or context['message']!r}", Severity.ERROR)

    # -- what the workbench tells (workbench.Audience) ---------------------------------------------------------

    def changed(self) -> None:
        self.clock.request(at_once=self.bench.session.state is not self._drawn_state[0])

    def returned(self, text: str) -> None:
        self.panes.prompt.put_back(text)

    def notify_user(self, text: str, severity: Severity) -> None:
        bar = self.query_one(NoticeBar)
        bar.post(text, NoticeSeverity(severity.value))

    def _focus_changed(self, focused: bool) -> None:
        if focused:
            self.bench.look_again()

    def _draw(self) -> None:
        self._painter.paint()
        state = self.bench.session.state, self.bench.desk.version
        if state != self._drawn_state:
            self._drawn_state = state
            self.refresh_bindings()

    def _terminal_is_behind(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_behind

    def _tick(self) -> None:
        if self._painter.waits:
            self.changed()

    # -- the prompt --------------------------------------------------------------------------------------------

    @on(Prompt.Submitted)
    def _submit(self, event: Prompt.Submitted) -> None:
        command = slash.command_in(event.text)
        if (line := slash.shell_line(event.text)) is not None:
            self.bench.run_command(line)
        elif (line := slash.argument_of("test", event.text)) is not None:
            self.bench.run_tests(line)
        elif command is not None:
            self.run_worker(self.run_action(command), exit_on_error=False)
        elif event.text.startswith("/") and slash.looks_like_command(event.text):
            self.notify_user(slash.unknown(event.text), Severity.WARNING)
            self.panes.prompt.put_back(event.text)
        else:
            self.bench.submit(event.text)

    @on(Prompt.Queued)
    def _queue(self, event: Prompt.Queued) -> None:
        self.bench.enqueue(event.text)

    @on(Prompt.TakeBackRequested)
    def _take_back(self) -> None:
        if self.bench.session.queue:
            self.panes.prompt.set_draft(self.bench.session.take_back())

    @on(QueuedMessages.TakeBackRequested)
    def _take_back_one(self, event: QueuedMessages.TakeBackRequested) -> None:
        self.panes.prompt.put_back(self.bench.session.take_back(event.index))
        self.panes.prompt.focus()

    @on(Prompt.DropRequested)
    def _drop_queued(self) -> None:
        if self.bench.session.queue:
            self.notify_user(f"dropped: {self.bench.session.take_back()}", Severity.INFORMATION)

    @on(Prompt.StepRequested)
    def action_step(self) -> None:
        self.bench.session.step()

    @on(Prompt.DraftChanged)
    def _keep_draft(self, event: Prompt.DraftChanged) -> None:
        self.bench.keep_draft(event.text)

    # -- the diff ----------------------------------------------------------------------------------------------

    @on(DiffView.AcceptRequested)
    async def _accept(self, event: DiffView.AcceptRequested) -> None:
        if event.lines:
            await self.bench.review.accept_lines(event.hunk_id, event.lines, event.revision)
        else:
            await self.bench.review.accept([event.hunk_id], {event.hunk_id: event.revision})

    @on(DiffView.AcceptFileRequested)
    async def _accept_file(self, event: DiffView.AcceptFileRequested) -> None:
        await self.bench.review.accept(self.bench.review.acceptable(event.path))

    @on(DiffView.RejectRequested)
    def _reject(self, event: DiffView.RejectRequested) -> None:
        if event.lines:
            self.bench.review.reject_lines(event.hunk_id, event.lines, event.revision)
        else:
            self.bench.review.reject([event.hunk_id])

    @on(DiffView.RejectFileRequested)
    def _reject_file(self, event: DiffView.RejectFileRequested) -> None:
        self.bench.review.reject(self.bench.review.refusable(event.path))

    @on(DiffView.RestoreRequested)
    async def _restore(self, event: DiffView.RestoreRequested) -> None:
        await self.bench.review.take_back(event.hunk_id)

    @on(DiffView.MoveRequested)
    def _move_on(self, event: DiffView.MoveRequested) -> None:
        self.bench.review.move_on(event.hunk_id)

    @on(DiffView.KeepTheirsRequested)
    def _keep_theirs(self, event: DiffView.KeepTheirsRequested) -> None:
        self.bench.review.resolve(event.hunk_id, Side.THEIRS)

    @on(DiffView.TakeOursRequested)
    def _take_ours(self, event: DiffView.TakeOursRequested) -> None:
        self.bench.review.resolve(event.hunk_id, Side.OURS)

    @on(DiffView.AskAgainRequested)
    def _ask_again(self, event: DiffView.AskAgainRequested) -> None:
        words = self.bench.review.ask_again(event.hunk_id)
        if words is not None:
            self.bench.submit(words)

    @on(DiffView.FollowRenameRequested)
    async def _follow_rename(self, event: DiffView.FollowRenameRequested) -> None:
        await self.bench.review.follow_move(event.path)

    @on(DiffView.UndoRequested)
    async def _undo(self) -> None:
        await self.bench.review.undo()

    @on(DiffView.RedoRequested)
    async def _redo(self) -> None:
        await self.bench.review.redo()

    @on(DiffView.CommentRequested)
    def _comment(self, event: DiffView.CommentRequested) -> None:
        self._place = place_of(self.bench.changes, event.path, event.rows, event.hunk_id)
        if self._place is None:
            self.notify_user("a comment needs a line: move to one, or to a hunk's header", Severity.INFORMATION)
            return
        diff = self.panes.diff
        y = min(diff.region.y + diff.cursor_y + 1, self.size.height - 2)
        self.query_one(CommentBox).open(diff.region.x + 2, y, diff.region.width - 4)

    @on(CommentBox.Answered)
    def _keep_comment(self, event: CommentBox.Answered) -> None:
        self.panes.diff.focus()
        if self._place is None:
            return
        place = self._place
        self.bench.comment(place.path, place.start, place.excerpt, event.text, removed=place.removed)
        if event.collect:
            count = len(self.bench.comments.collected)
            self.notify_user(f"{count} collected; S sends them together", Severity.INFORMATION)
        else:
            self.bench.send_comments()

    @on(CommentBox.Closed)
    def _focus_diff(self) -> None:
        self.panes.diff.focus()

    @on(DiffView.SendCommentsRequested)
    def _send_comments(self) -> None:
        if not self.bench.send_comments():
            self.notify_user("no comments are collected; c writes one", Severity.INFORMATION)

    @on(DiffView.NarrowRequested)
    def _narrow(self, event: DiffView.NarrowRequested) -> None:
        ways = narrowing(self.bench.changes, event.hunk_id)

        def chosen(index: int | None) -> None:
            if index is not None:
                self.bench.submit(ways[index][1])

        self.push_screen(Choice("Ask for less", [name for name, _ in ways]), chosen)

    @on(DiffView.EditRequested)
    def _edit(self, event: DiffView.EditRequested) -> None:
        review = self.bench.review
        try:
            edited = edit_text(self, review.text_to_edit(event.hunk_id), self.bench.changes.hunk(event.hunk_id).path)
        except EditorError as error:
            self.notify_user(str(error), Severity.WARNING)
        else:
            review.edited(event.hunk_id, edited)

    @on(DiffView.OpenRequested)
    def _open(self, event: DiffView.OpenRequested) -> None:
        try:
            open_file(self, self._repository.root / event.path, event.row.new or event.row.old or 1)
        except EditorError as error:
            self.notify_user(str(error), Severity.WARNING)

    @on(DiffBrowser.ContextRequested)
    def _widen(self, event: DiffBrowser.ContextRequested) -> None:
        self._painter.presenter.widen(event.step)
        self.changed()

    @on(DiffBrowser.WholeFileRequested)
    def _show_whole_file(self, event: DiffBrowser.WholeFileRequested) -> None:
        self._painter.presenter.toggle_whole(event.path)
        self.changed()

    @on(DiffBrowser.SideBySideWanted)
    def _show_side_by_side(self, event: DiffBrowser.SideBySideWanted) -> None:
        self.bench.keep_side_by_side(event.wanted)
        self._make_room(event.wanted)
        if event.wanted and self.size.width < SIDE_BY_SIDE_MIN:
            text = f"side by side needs {SIDE_BY_SIDE_MIN} columns: the diff stays unified until there is room"
            self.notify_user(text, Severity.INFORMATION)

    def _make_room(self, for_sides: bool) -> None:
        """Give the diff the width of the window where it would not have enough for old and new."""
        panes = self.query_one("#panes")
        panes.set_class(for_sides, "-sides")
        if self.screen.has_class("-normal"):
            panes.set_class(for_sides, "-bare")

    @on(DiffBrowser.Copied)
    def _tell_copied(self, event: DiffBrowser.Copied) -> None:
        lines = event.text.count("\n") + 1
        text = f"{lines} line{'s'[: lines != 1]} sent to the terminal's clipboard"
        self.notify_user(text, Severity.INFORMATION)

    @on(FileTree.FileChosen)
    def _show_file(self, event: FileTree.FileChosen) -> None:
        if self.panes.diff.reveal_path(event.path):
            self.panes.diff.focus()
            self.query_one("#panes").remove_class("-browsing")
        else:
            self.notify_user(f"{event.path} has no hunks; nothing to review there", Severity.INFORMATION)

    # -- the review of what git knows --------------------------------------------------------------------------

    def action_review_git(self) -> None:
        self._open_review("")

    @work(exclusive=True, group="review")
    async def _open_review(self, spec: str) -> None:
        try:
            compared = await asyncio.to_thread(comparison, self._repository, spec)
            files = await asyncio.to_thread(files_of, self._repository, compared)
        except GitError as error:
            self.notify_user(str(error), Severity.ERROR)
            return
        if not files:
            self.notify_user(f"nothing to review: {compared.title} has no changes", Severity.INFORMATION)
            return
        remarks = self._git_review.remarks if self._git_review is not None else []
        self._git_review = GitReview(compared, files, remarks)
        self.push_screen(ReviewScreen(self._repository, self._git_review, self.bench.side_by_side), self._reviewed)

    def _reviewed(self, request: str | None) -> None:
        if request:
            self.bench.submit(request)

    # -- the commit --------------------------------------------------------------------------------------------

    @work(exclusive=True, group="commit")
    async def action_commit(self) -> None:
        if self.bench.is_replay:
            self.notify_user("a recording is played: nothing is written", Severity.WARNING)
            return
        try:
            flow = await CommitFlow.prepare(
                self._repository, self.bench.changes, self.bench.session.request, self._unsent_message
            )
        except GitError as error:
            self.notify_user(str(error), Severity.ERROR)
            return
        if flow is None:
            self.notify_user("nothing to commit: the files are as in the last commit", Severity.INFORMATION)
            return
        self._flow = flow
        self.push_screen(flow.form, self._keep_message)
        self._improve_message(flow)

    @work(exclusive=True, group="message")
    async def _improve_message(self, flow: CommitFlow) -> None:
        message = await self.bench.suggest_commit_message(flow.question)
        if message and flow.form.is_attached:
            flow.form.improve(message)

    def _keep_message(self, message: str | None) -> None:
        self._unsent_message = message or ""

    @on(CommitForm.CommitRequested)
    @work(exclusive=True, group="commit")
    async def _commit(self, event: CommitForm.CommitRequested) -> None:
        assert self._flow is not None
        result = await self._flow.commit(event)
        if result is not None:
            self._flow.form.dismiss("")
            self._last_commit = result
            text = f"committed {result.commit[:9]} {result.subject}; /uncommit takes it back"
            self.notify_user(text, Severity.INFORMATION)
            for note in result.notes:
                self.notify_user(note, Severity.WARNING)
            self.bench.resurvey()
            if event.again:
                self.action_commit()

    @work(exclusive=True, group="commit")
    async def action_undo_commit(self) -> None:
        result, self._last_commit = self._last_commit, None
        if result is None:
            self.notify_user("there is no commit of this session to take back", Severity.INFORMATION)
            return
        try:
            undone = await asyncio.to_thread(undo_commit, self._repository, result)
        except (CommitError, GitError) as error:
            self.notify_user(str(error), Severity.WARNING)
            return
        self.notify_user(f"took back {undone.subject}; its changes are still in the files", Severity.INFORMATION)
        for note in undone.notes:
            self.notify_user(note, Severity.WARNING)
        self.bench.resurvey()

    @on(CommitForm.StopRequested)
    def _stop_commit(self) -> None:
        if self._flow is not None:
            self._flow.stop()

    # -- keys --------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self._is_ready:
            return action not in GUARDED
        state = self.bench.session.state
        at_prompt = self.focused is self.panes.prompt
        if action in OF_THE_MAIN_SCREEN and self.screen is not self.screen_stack[0]:
            return False
        match action:
            case "pause":
                return state in WORKING and state is not TurnState.PAUSED
            case "resume" | "step":
                return state is TurnState.PAUSED
            case "review":
                return state not in WORKING and at_prompt
            case "focus_prompt":
                return not at_prompt
            case "stop":
                return state in WORKING or self.bench.desk.running is not None
            case "allow" | "decline":
                return bool(self.bench.desk.proposals)
        return True

    @property
    def _is_ready(self) -> bool:
        return hasattr(self, "panes")

    def action_pause(self) -> None:
        self.bench.session.pause()

    def action_resume(self) -> None:
        self.bench.session.resume()

    def action_review(self) -> None:
        self.panes.diff.focus()

    def action_stop(self) -> None:
        if self.bench.desk.stop() is None:
            self.bench.session.stop()

    @work
    async def action_test(self) -> None:
        command = await self.bench.find_test_command()
        if command is None:
            self.notify_user(
                "no test command found: write one behind /test, or test_command in config.toml", Severity.WARNING
            )
        self.panes.prompt.set_draft(f"/test {command or ''}")
        self.panes.prompt.focus()

    def action_tell_output(self) -> None:
        report = self.bench.desk.report_last()
        if report is None:
            self.notify_user("no command has run yet: !cmd runs one", Severity.INFORMATION)
        else:
            self.bench.session.submit(f"This is what a command printed that I ran.\n\n{report}")

    def action_allow(self, always: bool = False) -> None:
        self.bench.allow_proposal(always=always)

    def action_decline(self) -> None:
        self.bench.desk.decline()

    def action_undo(self) -> None:
        self.panes.diff.post_message(DiffView.UndoRequested())

    @work
    async def action_redo(self) -> None:
        await self.bench.review.redo()

    @work
    async def action_carry_over(self) -> None:
        await self.bench.review.carry_over()

    @work
    async def action_undo_turn(self) -> None:
        await self.bench.review.undo_turn()

    @work
    async def action_undo_session(self) -> None:
        await self.bench.review.undo_session()

    @work
    async def action_undo_earlier(self) -> None:
        await self.bench.review.undo_earlier()

    def action_focus_prompt(self) -> None:
        self.panes.prompt.focus()

    def action_focus_next(self) -> None:
        """Behind the prompt comes the diff, which textual would reach last: it goes by the place on the screen."""
        if self.focused is self.panes.prompt and self.panes.diff.focusable:
            self.panes.diff.focus()
        else:
            self.screen.focus_next()

    def action_retry_now(self) -> None:
        self.bench.retry_now()

    def action_use_local(self) -> None:
        self.bench.local.accept()

    def action_use_offline(self) -> None:
        self.bench.local.decline()

    def action_compact(self) -> None:
        self.bench.compact()

    def action_toggle_tree(self) -> None:
        panes, narrow = self.query_one("#panes"), self.screen.has_class("-narrow")
        panes.toggle_class("-browsing" if narrow else "-bare")
        if panes.has_class("-browsing") if narrow else not panes.has_class("-bare"):
            self.panes.tree.focus()
        else:
            self.panes.prompt.focus()

    def action_find_file(self) -> None:
        if self.screen.has_class("-narrow"):
            self.query_one("#panes").add_class("-browsing")
        self.query_one("#panes").remove_class("-bare")
        self.panes.tree.focus()
        self.panes.tree.action_filter()

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpPanel):
            self.push_screen(HelpPanel(keys.rows(type(self))))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        for command in slash.COMMANDS:
            yield SystemCommand(command.title, command.help, partial(self._run, command.action))
        for owner, widget in ((DiffView, self.panes.diff), (FileTree, self.panes.tree)):
            for binding in keys.bindings_of(owner):
                title = f"{binding.description} ({keys.printed(binding.key)})"
                yield SystemCommand(title, binding.tooltip, partial(self._run_on, widget, binding.action))

    def _run(self, action: str) -> None:
        self.run_worker(self.run_action(action), exit_on_error=False)

    def _run_on(self, widget: Widget, action: str) -> None:
        widget.focus()
        self.run_worker(self.run_action(action, default_namespace=widget), exit_on_error=False)
