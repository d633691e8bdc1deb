"""Bars of text: dragging the mouse over one selects, and only a click without a selection is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.selection import Selection
from textual.widget import Widget

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that can be selected: it is ``shown`` on line ``line`` of the bar (before wrapping), from ``column`` on.

    ``text`` is the whole of it, of which ``shown`` may be the beginning behind which an ellipsis stands.
    """

    line: int
    column: int
    shown: str
    text: str


def selected(passages: Iterable[Passage], selection: Selection) -> str:
    """What ``selection`` covers of ``passages``, one a line; where it goes over an ellipsis, all that is behind it.

    >>> from textual.geometry import Offset
    >>> selected([Passage(0, 3, "one tw…", "one two three")], Selection(Offset(7, 0), Offset(40, 0)))
    'two three'
    """
    found = []
    for passage in passages:
        span = selection.get_span(passage.line)
        if span is None:
            continue
        size = len(passage.shown)
        start = max(span[0] - passage.column, 0)
        end = size if span[1] < 0 else min(span[1] - passage.column, size)
        if start < end:
            is_cut = passage.shown != passage.text and passage.shown.endswith(ELLIPSIS) and end == size
            found.append(passage.text[start:] if is_cut else passage.shown[start:end])
    return "\n".join(found)


class TextBar(Widget):
    """A subclass tells its :meth:`passages`; marks, rules and hints around them are not copied."""

    def passages(self) -> Sequence[Passage]:
        """What can be selected, from the top."""
        raise NotImplementedError

    @property
    def has_selection(self) -> bool:
        """Whether some of the text is selected: then a click is the end of a drag."""
        selection = self.text_selection
        return selection is not None and self.get_selection(selection) is not None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        text = selected(self.passages(), selection)
        return (text, "\n") if text else None
