"""The row of keys at the foot: what the focused pane and the program understand now; a click presses the key.

Textual's footer makes a widget for each key and makes them all again whenever one changes, which takes longer than
a frame. This is one row of text, and drawn again only where it reads differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.still import Still


@dataclass(frozen=True, slots=True)
class KeyHint:
    """``label`` is the key as it is shown, ``key`` its name; a key that is not ``enabled`` does nothing now.

    ``id`` is that of its binding, if it has one.
    """

    key: str
    label: str
    description: str
    enabled: bool = True
    id: str | None = None

    @property
    def cells(self) -> int:
        """Its width, with a space on either side."""
        return cell_len(self.label) + cell_len(self.description) + 3


@runtime_checkable
class Selective(Protocol):
    """Whoever has bindings may say which of those that can be pressed are worth showing now.

    The key of another one works as well, and may say why there is nothing to do.
    """

    def offers(self, action: str) -> bool:
        """Whether ``action``, by its name, would do something."""
        ...


def hint_at(hints: Iterable[KeyHint], x: int) -> KeyHint | None:
    """The hint that is drawn in column ``x``; ``None`` behind the last one."""
    right = 0
    for hint in hints:
        right += hint.cells
        if x < right:
            return hint
    return None


def fitting(hints: tuple[KeyHint, ...], width: int, spare: Sequence[str] = ()) -> tuple[KeyHint, ...]:
    """The ``hints`` that ``width`` cells hold. Those with an id in ``spare`` give way first, in its order, and then
    the others from the right, but for the last one, which leads to all of them.

    >>> hints = (KeyHint("a", "a", "one", id="one"), KeyHint("b", "b", "two"), KeyHint("c", "c", "?"))
    >>> [hint.key for hint in fitting(hints, 12)]
    ['a', 'c']
    >>> [hint.key for hint in fitting(hints, 12, ["one"])]
    ['b', 'c']
    """
    shown = list(hints)
    over = sum(hint.cells for hint in shown) - width
    for gives_way in [*(hint for id in spare for hint in hints if hint.id == id), *hints[-2::-1]]:
        if over <= 0:
            break
        if gives_way in shown:
            shown.remove(gives_way)
            over -= gives_way.cells
    return tuple(shown)


class KeyBar(Still, Widget):
    """Shows the bindings of the screen that ask to be shown, the first key of each action; see :func:`fitting`.

    A widget or the app that is :class:`Selective` leaves some out, and a short row those whose ids are ``spare``.
    """

    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $footer-background;
    }
    """

    def __init__(self, spare: Sequence[str] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._spare = spare
        self._all: tuple[KeyHint, ...] = ()
        self._hints: tuple[KeyHint, ...] = ()

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        """What is shown, from the left."""
        return self._hints

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._look)
        self._look(self.screen)

    def on_resize(self) -> None:
        self._fit()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for hint in self._hints:
            key, words = ("$footer-key-foreground bold", "$footer-description-foreground")
            if not hint.enabled:
                key = words = "$text-faint"
            parts += [(f" {hint.label} ", key), (f"{hint.description} ", words)]
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        hint = hint_at(self._hints, event.x)
        if hint is not None and hint.enabled:
            self.app.simulate_key(hint.key)

    def _look(self, screen: Screen[object]) -> None:
        shown: dict[str, KeyHint] = {}
        for node, binding, enabled, _ in screen.active_bindings.values():
            if binding.show and binding.action not in shown and _is_offered(node, binding):
                label = safe_line(self.app.get_key_display(binding))
                shown[binding.action] = KeyHint(binding.key, label, binding.description, enabled, binding.id)
        self._all = tuple(shown.values())
        self._fit()

    def _fit(self) -> None:
        hints = fitting(self._all, self.size.width or self.app.size.width, self._spare)
        if hints != self._hints:
            self._hints = hints
            self.refresh()


def _is_offered(node: object, binding: Binding) -> bool:
    return not isinstance(node, Selective) or node.offers(binding.action.partition("(")[0])
