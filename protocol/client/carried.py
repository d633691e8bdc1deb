"""Steers whose response is gone before it could apply them: they go with the next request instead.

A steer that a server had accepted is owned by it and never sent again while the connection lives. When the
connection is gone, or the chain that the steer belonged to, nobody but us has the text.
"""

from __future__ import annotations

from collections.abc import Iterable

from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.steering import Steer
from spark_tui.protocol.wire.updates import Item, SteerChanged


class CarriedSteers:
    """The steers that one lane carries over, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Steer] = []
        self._sent: list[tuple[Steer, list[Item]]] = []

    def carry(self, steers: Iterable[Steer]) -> None:
        """Take over ``steers`` from a connection or a chain that is gone."""
        self._waiting.extend(steers)

    def put_into(self, history: History) -> None:
        """Make what is carried part of the conversation, for a request about to be sent."""
        sent = [(steer, steer.as_items()) for steer in self._waiting]
        history.items.extend(item for _, items in sent for item in items)
        self._sent.extend(sent)
        self._waiting.clear()

    def applied(self) -> list[SteerChanged]:
        """The request's response began: return what to tell of the steers in it."""
        changes = [steer.changed_to_applied() for steer, _ in self._sent]
        self._sent.clear()
        return changes

    def withdraw_from(self, history: History) -> list[Steer]:
        """Remove and return all that were not applied, from the conversation too."""
        withdrawn = [*(steer for steer, _ in self._sent), *self._waiting]
        for _, items in self._sent:
            for item in items:
                history.remove(item)
        self._sent.clear()
        self._waiting.clear()
        return withdrawn
