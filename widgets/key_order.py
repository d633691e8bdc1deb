"""One key after the other: the next is looked at when all that the last one did is done.

Textual hands each key to the widget that has the focus at once, but runs the action that it is bound to only after
it has travelled up to the app. Of keys that come in one breath, those behind one that moves the focus, or opens a
line to write in, would go where the focus was: of ``c`` and a comment, an ``a`` would accept a hunk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widget import Widget

Typed = events.Key | events.Paste


class KeyOrder:
    """Keys and pastes on their way into ``app``; ``hand_on`` is what is done with each.

    A key is done when it has been to the app by way of all widgets around the focus, what its action posted has been
    there too, and so has the change of focus that was asked for then. What is only written down is done at once, and
    a worker that a key started is not waited for.
    """

    def __init__(self, app: App[Any], hand_on: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Typed] = deque()
        self._is_busy = False

    async def take(self, event: Typed) -> None:
        """Hand ``event`` on, now or when those before it are done."""
        self._waiting.append(event)
        if not self._is_busy:
            await self._go_on()

    async def _go_on(self) -> None:
        self._is_busy = True
        while self._waiting:
            event, at = self._waiting.popleft(), self._app.focused or self._app.screen
            is_text, way = _is_text(event, at), at.ancestors_with_self
            await self._hand_on(event)
            if not is_text:
                await self._follow(iter([*way, *way, self._app]))
                return
        self._is_busy = False

    async def _follow(self, way: Iterator[DOMNode]) -> None:
        """Go through the queues of ``way``, each behind what is in it; a widget that is gone has none."""
        for node in way:
            if node.call_later(self._follow, way):
                return
        await self._go_on()


def _is_text(event: Typed, at: Widget) -> bool:
    """Whether ``at`` only writes it down."""
    return not isinstance(event, events.Key) or at.check_consume_key(event.key, event.character)
