"""What the program does at a key or a command, wherever the focus is: each is one call of who can do it."""

from __future__ import annotations

from textual import on, work

from spark_tui.app.pairing.notices import Severity
from spark_tui.app.ui import keys
from spark_tui.app.ui.decisions import Decisions
from spark_tui.app.ui.panes import Panes
from spark_tui.app.ui.prompt_flow import PromptFlow
from spark_tui.app.ui.terminal_app import TerminalApp
from spark_tui.app.ui.theming import Theming
from spark_tui.app.workbench import Workbench
from spark_tui.widgets.help_panel import HelpPanel
from spark_tui.widgets.prompt import Prompt


class KeyActions(TerminalApp):
    """The actions that the bindings and the commands name; what they act on is there once the app is mounted."""

    bench: Workbench
    panes: Panes
    _decisions: Decisions
    _prompting: PromptFlow
    _theming: Theming

    @on(Prompt.StepRequested)
    def action_step(self) -> None:
        self.bench.session.step()

    def action_pause(self) -> None:
        self.bench.session.pause()

    def action_resume(self) -> None:
        self.bench.session.resume()

    def action_review(self) -> None:
        self.panes.diff.begin()

    def action_stop(self) -> None:
        if self.bench.desk.stop() is None:
            self.bench.session.stop()

    @work
    async def action_test(self) -> None:
        await self._prompting.offer_tests()

    def action_tell_output(self) -> None:
        self._prompting.tell_output()

    def action_allow(self, always: bool = False) -> None:
        self.bench.allow_proposal(always=always)

    def action_decline(self) -> None:
        self.bench.desk.decline()

    @work
    async def action_undo(self, extent: str = "accept") -> None:
        await self._decisions.undo(extent)

    @work
    async def action_redo(self) -> None:
        await self.bench.review.redo()

    @work
    async def action_carry_over(self) -> None:
        await self.bench.review.carry_over()

    def action_focus_prompt(self) -> None:
        self.panes.prompt.focus()

    @on(Prompt.LeaveRequested)
    def action_focus_next(self) -> None:
        """Behind the prompt comes the diff, which textual would reach last: it goes by the place on the screen."""
        if self.focused is self.panes.prompt and self.panes.diff.focusable:
            self.panes.diff.begin()
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

    def action_choose_theme(self, name: str) -> None:
        self._theming.choose(name)

    def action_toggle_tree(self) -> None:
        self.panes.toggle_tree()

    def action_find_file(self) -> None:
        self.panes.find_file()

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpPanel):
            self.push_screen(HelpPanel(keys.rows(type(self))))

    def action_help_quit(self) -> None:
        self.notify_user("ctrl+q leaves; ctrl+c copies what is selected", Severity.INFORMATION)
