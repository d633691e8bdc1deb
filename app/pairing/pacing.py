"""The pace at which the session is shown what the model writes: frozen, by hunks, catching up, or as it comes.

Nothing is lost and nothing overtakes: while anything waits, what comes waits behind it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Protocol

from spark_tui.app.pairing.held import HeldUpdates
from spark_tui.protocol.wire.updates import CallDelta, Update

SLICE = 0.004
"""Seconds of catching up at a time: keys and frames are served in between."""

BRACE = 0.06
"""Seconds for which a key that may freeze is waited for: longer than it takes to know what an escape byte means."""

_LINE_END = re.compile(r"\n|\\n")
"""Where a line of a patch ends, as plain text and as JSON."""


class Source(Protocol):
    """What can be made to wait: see :class:`spark_tui.app.pairing.session.Lane`."""

    def pause_reading(self) -> None:
        """Let the server wait."""

    def resume_reading(self) -> None:
        """Take up reading again."""


class Hunks(Protocol):
    """What tells where hunks end: see :class:`spark_tui.app.pairing.calls.CallBook`."""

    @property
    def chunks_closed(self) -> int:
        """How many have been read to their end, ever."""

    @property
    def is_placing(self) -> bool:
        """Whether some that have been written are not counted yet; what follows them has to wait for them."""

    def freeze(self) -> None:
        """Let nothing that is shown change."""

    def thaw(self) -> None:
        """End that."""


class Pacer:
    """Hands updates on to ``apply``, each at its time.

    ``on_step_done`` is called where a step has come to its end; it should freeze. ``on_caught_up`` is called when
    nothing waits any more, ``on_change`` after each slice of catching up.
    """

    def __init__(
        self,
        source: Source,
        hunks: Hunks,
        apply: Callable[[Update], None],
        *,
        on_step_done: Callable[[], None],
        on_caught_up: Callable[[], None],
        on_change: Callable[[], None],
        held: HeldUpdates | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frozen = False
        self.held = HeldUpdates() if held is None else held
        self._source = source
        self._hunks = hunks
        self._apply = apply
        self._on_step_done = on_step_done
        self._on_caught_up = on_caught_up
        self._on_change = on_change
        self._clock = clock
        self._choked = False
        self._draining: asyncio.Handle | None = None
        self._step_to: int | None = None
        self._braced: asyncio.Handle | None = None

    def take(self, update: Update) -> None:
        """Apply ``update`` now, or when its time comes."""
        if not (self._is_still or self.held or self._step_to is not None):
            self._apply(update)
            return
        self.held.add(update)
        if self.held.is_full and not self._choked:
            self._choked = True
            self._source.pause_reading()
        self._catch_up()

    def brace(self) -> None:
        """Apply nothing for a moment: a key has begun to come that may be the one that freezes."""
        if not self._is_still:
            self._braced = asyncio.get_running_loop().call_later(BRACE, self._unbrace)
            self._hunks.freeze()

    def freeze(self) -> None:
        """Apply nothing from now on."""
        self._end_brace()
        self.frozen = True
        self._step_to = None
        self._hunks.freeze()

    def thaw(self, *, one_hunk: bool = False) -> None:
        """Apply what waits, in slices, and then what comes; with ``one_hunk`` only to the end of the next hunk."""
        self._end_brace()
        self.frozen = False
        self._step_to = self._hunks.chunks_closed + 1 if one_hunk else None
        self._hunks.thaw()
        self._catch_up()

    def clear(self) -> None:
        """Forget what waits, and go on with what comes."""
        self.held.clear()
        self._end_brace()
        self.frozen = False
        self._step_to = None
        self._hunks.thaw()
        self._relieve()

    def end_step(self) -> None:
        """There is no next hunk to freeze at: the turn is over."""
        self._step_to = None

    def hunks_placed(self) -> None:
        """Hunks were counted, or a file that they waited for has come."""
        self._check_step()
        self._catch_up()

    @property
    def _is_still(self) -> bool:
        return self.frozen or self._braced is not None

    def _end_brace(self) -> None:
        if self._braced is not None:
            self._braced.cancel()
            self._braced = None

    def _unbrace(self) -> None:
        """It was another key."""
        self._braced = None
        self._hunks.thaw()
        self._catch_up()

    def _catch_up(self) -> None:
        if self.held and not self._is_still and self._draining is None:
            self._draining = asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        self._draining = None
        until = self._clock() + SLICE
        while self.held and not self._is_still and not self._hunks.is_placing:
            update = self.held.take()
            if self._step_to is not None and isinstance(update, CallDelta):
                self._apply_by_line(update)
            else:
                self._apply(update)
            self._check_step()
            if self._clock() >= until:
                break
        self._relieve()
        if not self._hunks.is_placing:
            self._catch_up()
        if not self.held and not self._is_still:
            self._on_caught_up()
        self._on_change()

    @property
    def _is_step_done(self) -> bool:
        return self._step_to is not None and self._hunks.chunks_closed >= self._step_to

    def _check_step(self) -> None:
        if self._is_step_done:
            self._on_step_done()

    def _apply_by_line(self, delta: CallDelta) -> None:
        """Apply ``delta`` up to the line that ends a hunk; the rest goes back to what waits."""
        ends = [match.end() for match in _LINE_END.finditer(delta.text)]
        start = 0
        for end in dict.fromkeys([*ends, len(delta.text)]):
            self._apply(CallDelta(delta.call_id, delta.text[start:end]))
            start = end
            if self._is_step_done or self._hunks.is_placing:
                break
        if start < len(delta.text):
            self.held.put_back(CallDelta(delta.call_id, delta.text[start:]))

    def _relieve(self) -> None:
        """Let the server go on once there is room."""
        if self._choked and self.held.is_low:
            self._choked = False
            self._source.resume_reading()
