"""A question with a few answers, each with its key: a small window over the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.safe_text import safe_line


class Choice(ModalScreen[int | None], LeanScreen[int | None]):
    """Asks ``title``; dismissed with the index of the answer, ``None`` with none. Digits choose at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="choice.close", tooltip="Choose none"),
        *(Binding(str(number), f"choose({number - 1})", show=False) for number in range(1, 10)),
    ]

    DEFAULT_CSS = """
    Choice {
        align: center middle;
        & > OptionList {
            width: auto;
            max-width: 90%;
            height: auto;
            border: round $rule;
            border-title-color: $foreground;
            background: $surface;
            padding: 0 1;
        }
    }
    """

    def __init__(self, title: str, answers: Sequence[str]) -> None:
        super().__init__()
        self._title = safe_line(title)
        self._answers = [safe_line(answer) for answer in answers]

    def compose(self) -> ComposeResult:
        options = OptionList(
            *(
                Option(Content.assemble((f"{number} ", "bold"), answer))
                for number, answer in enumerate(self._answers, 1)
            )
        )
        options.border_title = Content(self._title)
        yield options

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_choose(self, index: int) -> None:
        if index < len(self._answers):
            self.dismiss(index)
