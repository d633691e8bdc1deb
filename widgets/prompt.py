"""Where the user writes to the model: it grows with the text, keeps a history, and says what enter does now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from spark_tui.widgets.completion_menu import CompletionMenu
from spark_tui.widgets.completions import LEAD, Completion, matching
from spark_tui.widgets.editor import PlainEditor, visible_text
from spark_tui.widgets.terminal_keys import MODIFIED_ENTER, learn_alt_enter

GLYPH = "❯ "
IDLE_HINT = "Ask for a change, or / for commands"
WRITE_KEY = "i"
AWAY_HINT = f"{WRITE_KEY} writes here"
WORKING_HINT = "enter redirects now · tab queues"
FROZEN_HINT = "enter redirects · esc goes on · . next hunk · ^x cuts here"


class Prompt(PlainEditor):
    """Enter sends, a new line needs a modifier. Escape is left to the program.

    While a command is typed, ``menu`` offers what it may become; without one nothing is offered.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Run", id="prompt.choose", tooltip="Behind a slash: run the chosen command"),
        Binding("tab", "complete", "Complete", id="prompt.complete", tooltip="Behind a slash: write it out"),
        Binding("escape", "close_menu", "Close", id="prompt.close_menu", tooltip="Close the menu of commands"),
        Binding("enter", "submit", "Send", id="prompt.send", tooltip="Send"),
        Binding(
            "enter", "redirect", "Redirect", id="prompt.redirect", tooltip="While the model works: redirect it now"
        ),
        Binding("tab", "queue", "Queue", id="prompt.queue", tooltip="While it works: send when the turn is over"),
        Binding("tab", "leave", "Review", id="prompt.leave", tooltip="While it works, nothing written: to the diff"),
        Binding(
            "shift+enter,ctrl+j,alt+enter",
            "new_line",
            "New line",
            show=False,
            id="prompt.new_line",
            tooltip="Start a new line",
        ),
        Binding(
            "up",
            "cursor_up",
            "Older",
            show=False,
            id="prompt.older",
            tooltip="In the first row: what was sent before",
        ),
        Binding(
            "down",
            "cursor_down",
            "Newer",
            show=False,
            id="prompt.newer",
            tooltip="In the last row: what was sent after",
        ),
    ]

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        min-height: 1;
        max-height: 8;
        border: none;
        padding: 0 0 0 2;
        background: $background;
        color: $foreground;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & .text-area--cursor-line { background: transparent; }
        & .text-area--placeholder { color: $text-faint; }
        & .text-area--selection { background: $selection-bg; }
        & .prompt--glyph { color: $text-faint; }
        &:focus .prompt--glyph { color: $primary; text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"prompt--glyph"}

    @dataclass
    class Submitted(Message):
        """Enter was pressed on ``text``, which is not blank; the prompt is empty again."""

        text: str

    @dataclass
    class Queued(Message):
        """``text`` is to be sent when the turn is over; the prompt is empty again."""

        text: str

    class TakeBackRequested(Message):
        """The last of the queued messages should come back to be edited; the prompt is empty."""

    class DropRequested(Message):
        """The last of the queued messages should be forgotten; the prompt is empty."""

    class StepRequested(Message):
        """The stream should go on to the end of the next hunk; the prompt is empty."""

    class LeaveRequested(Message):
        """The user wants to look at what there is to review, while the model works; the prompt is blank."""

    @dataclass
    class DraftChanged(Message):
        """What stands in the prompt, unsent, after every change; empty after it was sent."""

        text: str

    working: reactive[bool] = reactive(False, init=False, bindings=True)
    """Whether the model works on a turn: enter then redirects it, and tab queues."""

    frozen: reactive[bool] = reactive(False, init=False, bindings=True)
    """Whether the stream is frozen: a full stop in an empty prompt then steps."""

    queued: int = 0
    """How many messages wait for the turn to end; up and delete act on the last one where the prompt is empty."""

    sent: Sequence[str] = ()
    """What was sent before, the oldest first; the program adds to it."""

    completions: Sequence[Completion] = ()
    """The commands there are."""

    def __init__(
        self, text: str = "", menu: CompletionMenu | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        learn_alt_enter()
        super().__init__(text, placeholder=IDLE_HINT, id=id, classes=classes)
        self._menu = menu
        self._is_menu_closed = False
        self._recalled: int | None = None
        self._unsent = ""
        self._shown = ""
        self._is_blank = not text.strip()

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self.watch_working, init=False)
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.watch_working())

    def put_back(self, text: str) -> None:
        """Return ``text``, which could not be applied, in front of what was typed since; undo takes it out again."""
        text = visible_text(text)
        self.insert(f"{text}\n" if self.text else text, (0, 0), maintain_selection_offset=bool(self.text))

    def set_draft(self, text: str) -> None:
        """Replace what stands here, with the cursor at its end."""
        self._recalled = None
        self._show(text)

    def edit(self, edit: Edit) -> EditResult:
        """Offer at once what fits: of keys that come in one breath, the next may choose it."""
        result = super().edit(edit)
        self._offer()
        return result

    def watch_working(self) -> None:
        focused = self.screen.focused
        if focused is not None and focused is not self:
            self._close_menu()
            writes_there = focused.check_consume_key(WRITE_KEY, WRITE_KEY)
            self.placeholder = "" if writes_there else AWAY_HINT
        else:
            self.placeholder = FROZEN_HINT if self.frozen else WORKING_HINT if self.working else IDLE_HINT

    watch_frozen = watch_working

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = super().render_lines(crop)
        if crop.y == 0 and crop.x < len(GLYPH) and strips:
            style = self.rich_style + self.get_component_rich_style("prompt--glyph", partial=True)
            glyph = Strip([Segment(GLYPH, style)], len(GLYPH)).crop(crop.x, crop.right)
            strips[0] = Strip.join([glyph, strips[0].crop(glyph.cell_length)])
        return strips

    async def on_key(self, event: events.Key) -> None:
        if event.key in MODIFIED_ENTER:
            event.prevent_default()
            event.stop()
            self.action_new_line()
        elif not self.text and (message := self._meant(event.key)) is not None:
            event.prevent_default()
            event.stop()
            self.post_message(message)

    def _meant(self, key: str) -> Message | None:
        """What a key means in an empty prompt, if it is not something to write."""
        if key == "full_stop" and self.frozen:
            return self.StepRequested()
        if key in ("delete", "backspace") and self.queued:
            return self.DropRequested()
        return None

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self.text
        if text != self._shown:
            self._recalled = None
        self._offer()
        if (is_blank := not text.strip()) != self._is_blank:
            self._is_blank = is_blank
            self.refresh_bindings()
        self.post_message(self.DraftChanged(text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("choose", "complete", "close_menu"):
            return self._chosen is not None
        if action == "queue":
            return self.working and bool(self.text.strip())
        if action == "leave":
            return self.working and not self.text.strip()
        if action in ("submit", "redirect"):
            return self.working == (action == "redirect")
        if action == "cut":
            return bool(self.selected_text)
        return True

    def action_choose(self) -> None:
        """Run the command that is chosen in the menu, or ask for what it wants to be told."""
        chosen = self._chosen
        if chosen is None or chosen.wants_more:
            self.action_complete()
            return
        self._close_menu()
        self._recalled = None
        self._show("")
        self.post_message(self.Submitted(chosen.text))

    def action_complete(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        self._close_menu()
        self._show(chosen.text)
        if chosen.wants_more:
            self._offer(is_typed=True)

    def action_close_menu(self) -> None:
        self._is_menu_closed = True
        self._close_menu()

    def action_submit(self) -> None:
        if text := self._take():
            self.post_message(self.Submitted(text))

    action_redirect = action_submit

    def action_leave(self) -> None:
        self.post_message(self.LeaveRequested())

    def action_queue(self) -> None:
        if text := self._take():
            self.post_message(self.Queued(text))

    def action_new_line(self) -> None:
        self.type_text("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        if self._menu is not None and self._chosen is not None and not select:
            self._menu.move(-1)
            return
        if select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
            return
        if self.queued and not self.text:
            self.post_message(self.TakeBackRequested())
            return
        at = len(self.sent) if self._recalled is None else min(self._recalled, len(self.sent))
        if at == 0:
            return
        if self._recalled is None:
            self._unsent = self.text
        self._recalled = at - 1
        self._show(self.sent[self._recalled], at_start=True)

    def action_cursor_down(self, select: bool = False) -> None:
        if self._menu is not None and self._chosen is not None and not select:
            self._menu.move(1)
            return
        at_end = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not at_end or self._recalled is None:
            super().action_cursor_down(select)
            return
        newer = self._recalled + 1
        self._recalled = newer if newer < len(self.sent) else None
        self._show(self._unsent if self._recalled is None else self.sent[newer])

    @property
    def _chosen(self) -> Completion | None:
        """What the menu has its cursor on; ``None`` while it is closed."""
        return self._menu.chosen if self._menu is not None else None

    def _offer(self, *, is_typed: bool = False) -> None:
        """Offer what the text may become; to a text that was not typed here, such as an older one, nothing."""
        if self._menu is None:
            return
        text, was_open = self.text, self._chosen is not None
        if not text.startswith(LEAD):
            self._is_menu_closed = False
        if self._is_menu_closed or not (was_open or is_typed or text != self._shown):
            return
        above = self.region.y
        self._menu.offer(matching(self.completions, text), below=self.screen.size.height - above, room=above - 1)
        if was_open != (self._chosen is not None):
            self.call_after_refresh(self.refresh_bindings)  # the row of keys need not keep the letter waiting

    def _close_menu(self) -> None:
        if self._menu is not None and self._chosen is not None:
            self._menu.offer((), below=0, room=0)
            self.refresh_bindings()

    def _take(self) -> str:
        """What stands here, and an empty prompt; of a blank text nothing, and it stays."""
        text = self.text.strip()
        if text:
            self._recalled = None
            self._show("")
        return text

    def _show(self, text: str, *, at_start: bool = False) -> None:
        self._shown = visible_text(text)
        self.load_text(self._shown)
        self.move_cursor(self.navigator.get_location_end((0, 0)) if at_start else self.document.end)
