"""One key after the other: the next is looked at when all that the last one did is done.

Textual hands each key to the widget that has the focus at once, but runs the action that it is bound to only after
it has travelled up to the app. Of keys that come in one breath, those behind one that moves the focus, or opens a
line to write in, would go where the focus was: of ``c`` and a comment, an ``a`` would accept a hunk.

What a key opens may take its time to be there: git is asked first. The keys behind it are for what it opens, and are
held until then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

Typed = events.Key | events.Paste

LEAVE, GIVE_UP = "ctrl+q", "escape"


class KeyOrder:
    """Keys and pastes on their way into ``app``; ``hand_on`` is what is done with each.

    A key is done when it has been to the app by way of all widgets around the focus, what its action posted has been
    there too, and so has the change of focus that was asked for then. What is only written down is done at once. A
    worker that a key started is waited for only if :meth:`hold` says so.
    """

    def __init__(self, app: App[Any], hand_on: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Typed] = deque()
        self._is_busy = False
        self._is_writing = False
        self._opening: Worker[Any] | None = None
        self._opened_from: Screen[Any] | None = None

    async def take(self, event: Typed) -> None:
        """Hand ``event`` on, now or when those before it are done."""
        self._waiting.append(event)
        if not self._is_busy:
            await self._go_on()

    def hold(self, opening: Worker[Any]) -> None:
        """Hold what follows until ``opening`` is over, as :meth:`worker_ended` has to say.

        Until there is another screen, escape gives it up, and what was typed for it. Only the key that ends the
        program passes.
        """
        self._opening, self._opened_from = opening, self._app.screen

    async def worker_ended(self, worker: Worker[Any]) -> None:
        """Hand on what was held for ``worker``, if anything was."""
        if worker is self._opening:
            self._opening = None
            if not self._is_busy:
                await self._go_on()

    async def _go_on(self) -> None:
        self._is_busy = True
        while (event := self._next()) is not None:
            at = self._app.focused or self._app.screen
            is_text, way = _is_text(event, at), at.ancestors_with_self
            if self._is_writing and not is_text:  # it may act before all widgets, on what stands there
                self._is_writing = False
                self._waiting.appendleft(event)
                await self._follow(iter([at]))
                return
            self._is_writing = is_text
            await self._hand_on(event)
            if not is_text:
                await self._follow(iter([*way, *way, self._app]))
                return
        self._is_busy = False

    def _next(self) -> Typed | None:
        """The next to be handed on; ``None`` if there is none, or if it has to wait."""
        if self._opening is None:
            return self._waiting.popleft() if self._waiting else None
        keys = [event.key if isinstance(event, events.Key) else None for event in self._waiting]
        if GIVE_UP in keys and self._app.screen is self._opened_from:
            self._waiting = deque(islice(self._waiting, keys.index(GIVE_UP) + 1, None))
            self._opening.cancel()
        elif LEAVE in keys:
            event = self._waiting[keys.index(LEAVE)]
            self._waiting.remove(event)
            return event
        return None

    async def _follow(self, way: Iterator[DOMNode]) -> None:
        """Go through the queues of ``way``, each behind what is in it; a widget that is gone has none."""
        for node in way:
            if node.call_later(self._follow, way):
                return
        await self._go_on()


def _is_text(event: Typed, at: Widget) -> bool:
    """Whether ``at`` only writes it down."""
    return not isinstance(event, events.Key) or at.check_consume_key(event.key, event.character)
