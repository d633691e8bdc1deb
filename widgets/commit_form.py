"""The commit screen: choose hunks, see them, write the message, and read what the hooks say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from spark_tui.widgets.commit_choice import Choice, CommitHunk, SubjectFit, subject_fit
from spark_tui.widgets.commit_panes import HunkList, HunkPreview
from spark_tui.widgets.diff_browser import DiffBrowser
from spark_tui.widgets.diff_canvas import DiffCanvas
from spark_tui.widgets.editor import PlainEditor, visible_text
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.safe_text import safe, safe_line

__all__ = ["CommitForm", "CommitHunk"]

OUTPUT_KEPT = 16_000
"""Characters of a hook's output that stay on the screen, its end."""

NARROW = 100


class FormState(Enum):
    """Whether the form is the user's, or git has it."""

    EDITING = "editing"
    COMMITTING = "committing"


class MessageEditor(PlainEditor):
    """The commit message; the keys of the form go past it."""

    DEFAULT_CSS = """
    MessageEditor {
        height: 5;
        border: round $border-blurred;
        background: $surface;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        border-title-color: $text-quiet;
        border-subtitle-color: $text-faint;
        &:focus { border: round $border; }
        & .text-area--cursor-line { background: transparent; }
        & .text-area--placeholder { color: $text-faint; }
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder="why this change")


class CommitForm(ModalScreen[str], LeanScreen[str]):
    """Dismissed with the message as it stands, so that the program can offer it again.

    ``hunks`` are all changes since HEAD. The form never closes itself after a commit: the program dismisses it when
    git is done, or calls :meth:`show_failure`, and then all that was typed and chosen is still there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s,ctrl+enter",
            "commit",
            "Commit",
            id="commit.commit",
            key_display="^s",
            priority=True,
            tooltip="Commit what is chosen",
        ),
        Binding("tab", "to_message", "Message", id="commit.message", tooltip="From the hunks to the message"),
        Binding("tab", "to_hunks", "Hunks", id="commit.hunks", tooltip="From the message to the hunks"),
        Binding(
            "ctrl+n",
            "commit_on",
            "Commit, next",
            priority=True,
            id="commit.next",
            tooltip="Commit, then choose the next commit from what is left",
        ),
        Binding("f2", "toggle_amend", "Amend", id="commit.amend", tooltip="Put it in the place of the last commit"),
        Binding("f3", "toggle_sign_off", "Sign off", id="commit.sign-off", tooltip="Add Signed-off-by, or not"),
        Binding("escape", "close", "Close", id="commit.close", tooltip="Close, or stop the commit that runs"),
        Binding(
            "shift+up",
            "scroll_preview(-4)",
            "Preview up",
            show=False,
            id="commit.preview_up",
            tooltip="Scroll the lines up",
        ),
        Binding(
            "shift+down",
            "scroll_preview(4)",
            "Preview down",
            show=False,
            id="commit.preview_down",
            tooltip="Scroll the lines down",
        ),
    ]

    DEFAULT_CSS = """
    CommitForm {
        background: $background;
        & > Vertical {
            border: round $border-blurred;
            border-title-color: $text-quiet;
            border-subtitle-color: $text-faint;
        }
        & #hunks { height: 1fr; layout: horizontal; }
        & HunkList { width: 4fr; max-width: 56; }
        & HunkPreview { width: 5fr; height: 1fr; border-left: vkey $rule; }
        & #output {
            display: none;
            height: auto;
            max-height: 8;
            padding: 0 1;
            scrollbar-size-vertical: 1;
            border-top: solid $rule;
        }
        &.-told #output { display: block; }
        & #said { padding: 0 1; height: auto; min-height: 1; max-height: 3; }
        &.-narrow #hunks { layout: vertical; }
        &.-narrow HunkList { width: 1fr; max-width: 100%; height: 1fr; }
        &.-narrow HunkPreview { width: 1fr; height: 1fr; border-left: none; border-top: solid $rule; }
    }
    """

    @dataclass
    class CommitRequested(Message):
        """Commit exactly the hunks ``chosen_ids`` with ``message``, which is not empty.

        Of the hunks in ``lines`` only these are meant. Nothing may be chosen only to ``amend`` the last commit.
        ``again`` asks for another form with what is left.
        """

        message: str
        chosen_ids: tuple[str, ...]
        lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
        amend: bool = False
        sign_off: bool = False
        again: bool = False

    @dataclass
    class ChoiceChanged(Message):
        """Other hunks are chosen: ``chosen_ids``."""

        chosen_ids: Sequence[str]

    class StopRequested(Message):
        """The user wants the commit that runs to be stopped."""

    def __init__(self, hunks: Sequence[CommitHunk] | Choice, message: str = "", last_message: str = "") -> None:
        """``hunks`` in order, or grouped already, which takes its time for thousands."""
        super().__init__()
        self._suggested = message
        self._last_message = last_message
        self._amend = self._sign_off = False
        self._choice = hunks if isinstance(hunks, Choice) else Choice(hunks)
        self._list = HunkList(self._choice)
        self._preview = HunkPreview()
        self._editor = MessageEditor(message)
        self._output = Static()
        self._said = Static(id="said")
        self._text = ""
        self._state = FormState.EDITING

    def compose(self) -> ComposeResult:
        self.set_class(self.app.size.width < NARROW, "-narrow")
        with Vertical():
            with Horizontal(id="hunks"):
                yield self._list
                yield self._preview
            with VerticalScroll(id="output", can_focus=False):
                yield self._output
            yield self._editor
            yield self._said
        yield KeyBar()

    @property
    def state(self) -> FormState:
        """Whether the form is the user's, or git has it."""
        return self._state

    @property
    def message(self) -> str:
        """The message as it would be committed: no blank lines around it, no spaces at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._editor.text.split("\n")).strip("\n")

    def show_output(self, text: str) -> None:
        """Add ``text`` to what git and its hooks say; only the end of a long output is kept."""
        self._text = (self._text + text)[-OUTPUT_KEPT:]
        self.set_class(bool(self._text.strip()), "-told")
        self._output.update(Content(safe(self._text.rstrip("\n"))))
        self.query_one("#output", VerticalScroll).scroll_end(animate=False)

    def tell(self, text: str) -> None:
        """Say ``text`` in one line below the message, until something else is to be said there."""
        self._say(text, "$success")

    def show_failure(self, text: str) -> None:
        """Say in one line why there is no commit, and give the form back to the user."""
        self._state = FormState.EDITING
        self._say(text, "$error bold")

    def suggest(self, message: str) -> None:
        """Put ``message`` into the editor, unless something stands there already."""
        if not self._editor.text.strip():
            self._suggested = message
            self._editor.load_text(visible_text(message))

    def improve(self, message: str) -> None:
        """Put ``message`` in the place of the suggestion, unless the user has changed that."""
        if self._editor.text == visible_text(self._suggested):
            self._suggested = message
            self._editor.load_text(visible_text(message))

    def on_mount(self) -> None:
        self._list.focus()
        self._tell_totals()
        self._tell_subject()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")

    @on(HunkList.Moved)
    def _preview_row(self, event: HunkList.Moved) -> None:
        event.stop()
        row = event.row
        hunks = [row.hunk] if row.hunk else [hunk for hunk in self._choice.hunks if hunk.path == row.path]
        self._preview.show_hunks(hunks, self._choice)

    @on(HunkList.LinesRequested)
    def _enter_lines(self, event: HunkList.LinesRequested) -> None:
        event.stop()
        self._preview.enter()

    @on(HunkPreview.Left)
    def _leave_lines(self, event: HunkPreview.Left) -> None:
        event.stop()
        self._list.focus()

    @on(DiffBrowser.LinesChosen)
    def _choose_lines(self, event: DiffBrowser.LinesChosen) -> None:
        event.stop()
        self._choice.choose_lines(event.hunk_id, event.lines)
        self._list.refresh()
        self._tell_totals()
        self._tell_choice()

    @on(LineView.FollowChanged)
    @on(DiffCanvas.CurrentHunkChanged)
    @on(DiffBrowser.StateChanged)
    @on(DiffBrowser.CommentRequested)
    @on(DiffBrowser.OpenRequested)
    @on(DiffBrowser.ContextRequested)
    @on(DiffBrowser.WholeFileRequested)
    @on(DiffBrowser.SideBySideWanted)
    def _keep_from_the_program(self, event: Message) -> None:
        event.stop()  # it is about the preview, not about the program's diff pane

    @on(HunkList.Changed)
    def _tell_totals(self) -> None:
        totals = self._choice.totals
        count = f"{totals.hunks} of {len(self._choice.hunks)} hunks in {totals.files} file{'s'[: totals.files != 1]}"
        ways = f"{'  amend' if self._amend else ''}{'  sign off' if self._sign_off else ''}"
        self.query_one(Vertical).border_title = Content(f"Commit  {count}  +{totals.added} −{totals.removed}{ways}")

    @on(HunkList.Changed)
    def _tell_choice(self) -> None:
        self.post_message(self.ChoiceChanged(self._choice.ids))

    @on(TextArea.Changed)
    def _tell_subject(self) -> None:
        length, fit = subject_fit(self._editor.text)
        colour = {SubjectFit.LONG: "$warning", SubjectFit.CUT: "$error"}.get(fit, "$text-faint")
        word = {
            SubjectFit.EMPTY: "subject, blank line, body",
            SubjectFit.GOOD: f"subject {length}/50",
            SubjectFit.LONG: f"subject {length}/50, long",
            SubjectFit.CUT: f"subject {length}/72, will be cut off",
        }[fit]
        lines = self._editor.text.split("\n")
        if fit is not SubjectFit.EMPTY and len(lines) > 1 and lines[1].strip():
            word, colour = "leave line 2 blank", "$warning"
        self._editor.border_title = "Message"
        self._editor.border_subtitle = Content.styled(word, colour)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "to_message":
                return self.focused is not self._editor
            case "to_hunks":
                return self.focused is self._editor
        return True

    def action_to_message(self) -> None:
        self._editor.focus()

    def action_to_hunks(self) -> None:
        self._list.focus()

    def action_commit(self) -> None:
        self._commit(again=False)

    def action_commit_on(self) -> None:
        self._commit(again=True)

    def _commit(self, again: bool) -> None:
        if self._state is FormState.COMMITTING:
            return
        ids, message = self._choice.ids, self.message
        if not ids and not self._amend:
            self._say("Nothing is chosen: choose hunks with space, or all with A.", "$warning")
            self._list.focus()
        elif not message.strip():
            self._say("The message is empty: say what this commit is for.", "$warning")
            self._editor.focus()
        else:
            self._state = FormState.COMMITTING
            self._text = ""
            self.show_output("")
            self._say("Committing … esc stops it", "$text-quiet")
            lines = self._choice.lines
            self.post_message(self.CommitRequested(message, ids, lines, self._amend, self._sign_off, again))

    def action_toggle_amend(self) -> None:
        if not self._last_message:
            self._say("There is no commit to amend yet.", "$warning")
            return
        self._amend = not self._amend
        before, after = self._suggested, self._last_message
        if not self._amend:
            before, after = after, before
        if self._editor.text in ("", visible_text(before)):
            self._editor.load_text(visible_text(after))
        self._tell_totals()

    def action_toggle_sign_off(self) -> None:
        self._sign_off = not self._sign_off
        self._tell_totals()

    def action_close(self) -> None:
        if self._state is FormState.COMMITTING:
            self.post_message(self.StopRequested())
        else:
            self.dismiss(self._editor.text)

    def action_scroll_preview(self, lines: int) -> None:
        self._preview.scroll_rows(lines)

    def _say(self, text: str, style: str) -> None:
        self._said.update(Content.styled(safe_line(text), style))
