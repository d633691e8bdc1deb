"""The Textual app: composes the widgets, hands their messages on, draws on the frame clock. It holds no state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.store import SessionStore
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.settings import Settings
from spark_tui.app.ui import slash
from spark_tui.app.ui.availability import Standing, is_available
from spark_tui.app.ui.bindings import APP_BINDINGS
from spark_tui.app.ui.clipboard import sent_to_clipboard
from spark_tui.app.ui.comment_flow import CommentFlow
from spark_tui.app.ui.committing import Committing
from spark_tui.app.ui.decisions import Decisions
from spark_tui.app.ui.editing import Editing
from spark_tui.app.ui.first_frame import FirstFrame
from spark_tui.app.ui.frame_clock import FrameClock
from spark_tui.app.ui.git_reviewing import GitReviewing
from spark_tui.app.ui.key_actions import KeyActions
from spark_tui.app.ui.painter import Painter
from spark_tui.app.ui.panes import CSS, MainScreen, Panes, compose_panes
from spark_tui.app.ui.prompt_flow import PromptFlow
from spark_tui.app.ui.system_commands import system_commands
from spark_tui.app.ui.theming import Theming
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.git import Repository
from spark_tui.protocol.client.replay import Replay
from spark_tui.protocol.client.tape import Tape
from spark_tui.widgets.comment_box import CommentBox
from spark_tui.widgets.commit_form import CommitForm
from spark_tui.widgets.completion_menu import CompletionMenu
from spark_tui.widgets.diff_browser import SIDE_BY_SIDE_MIN, DiffBrowser
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.notice_bar import Severity as NoticeSeverity
from spark_tui.widgets.prompt import Prompt
from spark_tui.widgets.queued_messages import QueuedMessages

TICK = 1.0
"""Seconds between frames while only time passes."""


class SparkApp(KeyActions):
    """The program on one repository; ``store`` is the session's, ``None`` saves nothing. See :class:`Workbench`.

    ``first_frame`` is what stands on the screen until the first paint. With a ``review`` (a revision, a range, or
    empty for the work tree) it opens on that change.
    """

    TITLE = "spark-tui"
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = APP_BINDINGS

    CSS = CSS

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
        super().__init__(repository.state_dir, first_frame)
        self._tape = tape
        self._replay = replay
        self._repository = repository
        self._asked_review = review
        self._settings = settings
        self._store = store
        self._drawn_state: tuple[object, ...] = (TurnState.IDLE,)
        self._theming = Theming(self, settings, self.notify_user)

    def get_default_screen(self) -> Screen[object]:
        return MainScreen(self.size.width)

    def compose(self) -> ComposeResult:
        yield from compose_panes()

    async def on_mount(self) -> None:
        self._catch_signals_and_mistakes()
        self.clock = FrameClock(self._draw, is_behind=lambda: self._terminal_is_behind)
        self.bench = Workbench(
            self._repository, self._settings, self, self._store, tape=self._tape, replay=self._replay
        )
        self.panes = Panes.of(self.screen)
        self._painter = Painter(self.bench, self.panes)
        self._make_flows()
        self.panes.prompt.completions = (*slash.completions(), *self._theming.completions())
        self.panes.prompt.set_draft(self.bench.draft)
        self.panes.prompt.focus()
        if self.bench.side_by_side:
            self.panes.make_room(True)
            self.panes.diff.set_side_by_side(True)
        self.set_interval(TICK, self._tick)
        self.watch(self, "app_focus", self._focus_changed, init=False)
        self._theming.begin()
        await self.bench.start()
        self.bench.look_for_local()
        self.changed()
        self._end_start()
        if self._asked_review is not None:
            self._open_review(self._asked_review)

    def _make_flows(self) -> None:
        bench, notify = self.bench, self.notify_user
        self._prompting = PromptFlow(bench, self.panes.prompt, self._run, notify)
        self._decisions = Decisions(bench)
        self._comments = CommentFlow(self, bench, self.panes, self.query_one(CommentBox), notify)
        self._editing = Editing(self, bench, notify)
        self._git_reviewing = GitReviewing(self, bench, notify)
        self._committing = Committing(self, bench, notify)

    async def on_unmount(self) -> None:
        if hasattr(self, "panes"):
            self.clock.close()
            await self.bench.aclose()

    # -- what the workbench tells (audience.Audience) ----------------------------------------------------------

    def changed(self) -> None:
        self.clock.request(at_once=self.bench.session.state is not self._drawn_state[0])

    def returned(self, text: str) -> None:
        self.panes.prompt.put_back(text)

    def notify_user(self, text: str, severity: Severity) -> None:
        self.query_one(NoticeBar).post(text, NoticeSeverity(severity.value))

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and hasattr(self, "panes"):
            self.panes.notices.key_pressed()
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Send ``text`` to the terminal's clipboard and say so; whether it gets there the terminal does not tell."""
        if text:
            super().copy_to_clipboard(text)
            self.notify_user(sent_to_clipboard(text), Severity.INFORMATION)

    def escape_began(self) -> None:
        if hasattr(self, "panes") and len(self.screen_stack) == 1:
            self.bench.session.brace()

    def terminal_caught_up(self) -> None:
        if hasattr(self, "panes"):
            self.clock.caught_up()

    def _focus_changed(self, focused: bool) -> None:
        if focused:
            self.bench.look_again()

    def _draw(self) -> None:
        self._garbage.touch()
        self._painter.paint()
        offers = self.offers("commit"), self.offers("review")
        state = self.bench.session.state, self.bench.desk.version, offers
        if state != self._drawn_state:
            self._drawn_state = state
            self.refresh_bindings()

    def _tick(self) -> None:
        if self._painter.waits:
            self.changed()

    # -- the prompt --------------------------------------------------------------------------------------------

    @on(Prompt.Submitted)
    def _submit(self, event: Prompt.Submitted) -> None:
        was_working = self.bench.session.working
        self._prompting.submit(event.text)
        if self.bench.session.working and not was_working:
            self.panes.diff.follow_next()

    @on(CompletionMenu.Chosen)
    def _choose_command(self) -> None:
        self.panes.prompt.action_choose()

    @on(Prompt.Queued)
    def _queue(self, event: Prompt.Queued) -> None:
        self.bench.enqueue(event.text)

    @on(Prompt.TakeBackRequested)
    def _take_back(self) -> None:
        self._prompting.take_back_last()

    @on(QueuedMessages.TakeBackRequested)
    def _take_back_one(self, event: QueuedMessages.TakeBackRequested) -> None:
        self._prompting.take_back(event.index)

    @on(Prompt.DropRequested)
    def _drop_queued(self) -> None:
        self._prompting.drop_last()

    @on(Prompt.DraftChanged)
    def _keep_draft(self, event: Prompt.DraftChanged) -> None:
        self.bench.keep_draft(event.text)

    # -- the diff ----------------------------------------------------------------------------------------------

    @on(DiffView.HunkMessage)
    @on(DiffView.AcceptFileRequested)
    @on(DiffView.RejectFileRequested)
    @on(DiffView.FollowRenameRequested)
    @on(DiffView.UndoRequested)
    @on(DiffView.RedoRequested)
    async def _decide(self, event: Message) -> None:
        await self._decisions.decide(event)

    @on(DiffView.CommentRequested)
    def _comment(self, event: DiffView.CommentRequested) -> None:
        self._comments.begin(event)

    @on(DiffView.RejectForReasonRequested)
    def _ask_for_reason(self, event: DiffView.RejectForReasonRequested) -> None:
        self._comments.ask_for_reason(event)

    @on(CommentBox.Answered)
    def _keep_comment(self, event: CommentBox.Answered) -> None:
        self._comments.keep(event.text, collect=event.collect)

    @on(CommentBox.Closed)
    def _focus_diff(self) -> None:
        self.panes.diff.focus()

    @on(DiffView.SendCommentsRequested)
    def _send_comments(self) -> None:
        self._comments.send()

    @on(DiffView.NarrowRequested)
    def _narrow(self, event: DiffView.NarrowRequested) -> None:
        self._comments.narrow(event.hunk_id)

    @on(DiffView.EditRequested)
    def _edit(self, event: DiffView.EditRequested) -> None:
        self._editing.edit_hunk(event.hunk_id)

    @on(DiffView.OpenRequested)
    @on(FileTree.OpenRequested)
    def _open(self, event: DiffView.OpenRequested | FileTree.OpenRequested) -> None:
        self._editing.open_file(event.path, event.line)

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
        self.panes.make_room(event.wanted)
        if event.wanted and self.size.width < SIDE_BY_SIDE_MIN:
            text = f"side by side needs {SIDE_BY_SIDE_MIN} columns: the diff stays unified until there is room"
            self.notify_user(text, Severity.INFORMATION)

    @on(FileTree.FileChosen)
    def _show_file(self, event: FileTree.FileChosen) -> None:
        if not self.panes.reveal(event.path):
            self.notify_user(f"{event.path} has no hunks; o opens it in your editor", Severity.INFORMATION)

    # -- the review of what git knows --------------------------------------------------------------------------

    def action_review_git(self) -> None:
        self._keys.hold(self._open_review(""))

    @work(exclusive=True, group="review")
    async def _open_review(self, change: str) -> None:
        await self._git_reviewing.open(change)

    # -- the commit --------------------------------------------------------------------------------------------

    def action_commit(self) -> None:
        self._keys.hold(self._open_commit())

    @work(exclusive=True, group="commit")
    async def _open_commit(self) -> None:
        opened = await self._committing.open()
        if opened is not None:
            self._improve_message()
            await opened

    @work(exclusive=True, group="message")
    async def _improve_message(self) -> None:
        await self._committing.improve_message()

    @on(CommitForm.CommitRequested)
    @work(exclusive=True, group="commit")
    async def _commit(self, event: CommitForm.CommitRequested) -> None:
        if await self._committing.commit(event) and event.again:
            self.action_commit()

    @on(CommitForm.ChoiceChanged)
    def _name_choice(self, event: CommitForm.ChoiceChanged) -> None:
        self._committing.name_choice(event.chosen_ids)

    @on(CommitForm.StopRequested)
    def _stop_commit(self) -> None:
        self._committing.stop()

    @work(exclusive=True, group="commit")
    async def action_undo_commit(self) -> None:
        await self._committing.undo()

    # -- keys --------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return is_available(action, self._standing())

    def offers(self, action: str) -> bool:
        """Whether the row of keys should show ``action``: not where there is nothing to commit, or to review."""
        if not hasattr(self, "panes"):
            return True
        match action:
            case "commit":
                survey = self.bench.survey
                return bool(survey.letters) or survey.status is None
            case "review":
                return bool(self.bench.changes.files)
        return True

    def _standing(self) -> Standing | None:
        if not hasattr(self, "panes"):
            return None
        return Standing(
            self.bench.session.state,
            command_runs=self.bench.desk.running is not None,
            command_proposed=bool(self.bench.desk.proposals),
            on_main_screen=len(self.screen_stack) == 1,
            at_prompt=self.focused is self.panes.prompt,
        )

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        ours = {command.title for command in slash.COMMANDS}
        yield from (command for command in super().get_system_commands(screen) if command.title not in ours)
        yield from system_commands(self.panes, self._run, self._run_on)

    @work(exit_on_error=False)
    async def _run(self, action: str) -> None:
        await self.run_action(action)

    @work(exit_on_error=False)
    async def _run_on(self, widget: Widget, action: str) -> None:
        widget.focus()
        await self.run_action(action, default_namespace=widget)
