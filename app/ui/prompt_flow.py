"""What is typed into the prompt, from the key to where it belongs: a shell line, a command, or words to the model."""

from __future__ import annotations

from collections.abc import Callable

from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.ui import slash
from spark_tui.app.workbench import Workbench
from spark_tui.widgets.prompt import Prompt


class PromptFlow:
    """``run_action`` runs an action of the app's by name."""

    def __init__(self, bench: Workbench, prompt: Prompt, run_action: Callable[[str], object], notify: Notify) -> None:
        self._bench = bench
        self._prompt = prompt
        self._run_action = run_action
        self._notify = notify

    def submit(self, text: str) -> None:
        """The user sends ``text``."""
        command = slash.command_in(text)
        if (line := slash.shell_line(text)) is not None:
            self._bench.run_command(line)
        elif (line := slash.argument_of("test", text)) is not None:
            self._bench.run_tests(line)
        elif (name := slash.argument_of("theme", text)) is not None:
            self._run_action(f"choose_theme({name!r})")
        elif command is not None:
            self._run_action(command)
        elif text.startswith("/") and slash.looks_like_command(text):
            self._notify(slash.unknown(text), Severity.WARNING)
            self._prompt.put_back(text)
        else:
            self._bench.submit(text)

    def take_back_last(self) -> None:
        """Put the last queued message back into the empty prompt."""
        if self._bench.session.queue:
            self._prompt.set_draft(self._bench.session.take_back())

    def take_back(self, index: int) -> None:
        """Put the queued message at ``index`` back into the prompt, before what stands there."""
        self._prompt.put_back(self._bench.session.take_back(index))
        self._prompt.focus()

    def drop_last(self) -> None:
        """Forget the last queued message."""
        if self._bench.session.queue:
            self._notify(f"dropped: {self._bench.session.take_back()}", Severity.INFORMATION)

    async def offer_tests(self) -> None:
        """Put the command that runs the tests into the prompt, to look at and to run."""
        command = await self._bench.find_test_command()
        if command is None:
            self._notify(
                "no test command found: write one behind /test, or test_command in config.toml", Severity.WARNING
            )
        self._prompt.set_draft(f"/test {command or ''}")
        self._prompt.focus()

    def tell_output(self) -> None:
        """Tell the model what the last command printed."""
        report = self._bench.desk.report_last()
        if report is None:
            self._notify("no command has run yet: !cmd runs one", Severity.INFORMATION)
        else:
            self._bench.session.submit(f"This is what a command printed that I ran.\n\n{report}")
