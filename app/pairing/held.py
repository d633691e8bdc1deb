"""What was received and is not shown yet: it waits here, in order, while the screen is frozen or catching up.

Neighbouring deltas of one item are kept as one, so that a long wait costs little memory and is quick to catch up.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallDone,
    Ended,
    MessageDone,
    ReasoningDelta,
    SteerChanged,
    TextDelta,
    Update,
)

HELD_LIMIT = 128 * 1024
"""Characters kept; past it the connection is no longer read, so that the server waits. It is half a minute of a fast
model, and, as a patch of thousands of the smallest hunks into a large file, what can be caught up within a second."""

MERGED_LIMIT = 2_048
"""Characters from which on a merged delta takes no more: applying one is a small step of catching up."""

OVERHEAD = 64
"""What an update counts beside its text, so that a flood of empty ones is bounded too."""

Delta = TextDelta | ReasoningDelta | CallDelta


@dataclass(slots=True)
class _Waiting:
    """An update, or with ``parts`` several deltas of one item; ``updates`` is how many were received."""

    update: Update
    size: int
    updates: int = 1
    parts: list[str] = field(default_factory=list)


class HeldUpdates:
    """A queue of updates that knows its size. ``limit`` is in characters; it is asked after, never enforced here.

    >>> held = HeldUpdates()
    >>> for word in ("a", "b"):
    ...     held.add(TextDelta("m1", word))
    >>> held.count, held.take(), held.count
    (2, TextDelta(item_id='m1', text='ab'), 0)
    """

    def __init__(self, limit: int = HELD_LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[_Waiting] = deque()
        self.count = 0
        """Updates as they were received."""
        self.size = 0
        """Characters, and what each update costs beside them."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether no more should be received."""
        return self.size >= self._limit

    @property
    def is_low(self) -> bool:
        """Whether there is room again."""
        return self.size < self._limit // 2

    @property
    def ended(self) -> Ended | None:
        """The end of the response, if it has been received."""
        return next((w.update for w in reversed(self._waiting) if isinstance(w.update, Ended)), None)

    @property
    def steers(self) -> list[SteerChanged]:
        """What became of redirections; it holds whether or not the answer to them is ever shown."""
        return [w.update for w in self._waiting if isinstance(w.update, SteerChanged)]

    @property
    def has_output(self) -> bool:
        """Whether something of what the model wrote waits."""
        return any(isinstance(w.update, Delta | CallDone | MessageDone) for w in self._waiting)

    def add(self, update: Update) -> None:
        """Put ``update`` behind the others."""
        self.count += 1
        if isinstance(update, Delta):
            self.size += len(update.text)
            last = self._waiting[-1] if self._waiting else None
            if last is not None and last.size < MERGED_LIMIT and _continues(last.update, update):
                last.parts.append(update.text)
                last.size += len(update.text)
                last.updates += 1
                return
            self.size += OVERHEAD
            self._waiting.append(_Waiting(update, OVERHEAD + len(update.text), parts=[update.text]))
            return
        size = OVERHEAD + (len(update.arguments) if isinstance(update, CallDone) else 0)
        self.size += size
        self._waiting.append(_Waiting(update, size))

    def take(self) -> Update:
        """Remove and return the first; deltas of one item that came one after the other are one.

        Raises :exc:`IndexError` when nothing waits.
        """
        first = self._waiting.popleft()
        self.count -= first.updates
        self.size -= first.size
        match first.update:
            case TextDelta(item_id, _):
                return TextDelta(item_id, "".join(first.parts))
            case ReasoningDelta(item_id, _):
                return ReasoningDelta(item_id, "".join(first.parts))
            case CallDelta(call_id, _):
                return CallDelta(call_id, "".join(first.parts))
        return first.update

    def put_back(self, delta: CallDelta) -> None:
        """``delta``, the rest of one that was taken, comes first again."""
        self.count += 1
        size = OVERHEAD + len(delta.text)
        self.size += size
        self._waiting.appendleft(_Waiting(delta, size, parts=[delta.text]))

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self.count = self.size = 0


def _continues(last: Update, update: Delta) -> bool:
    match last, update:
        case (TextDelta(one, _), TextDelta(other, _)) | (ReasoningDelta(one, _), ReasoningDelta(other, _)):
            return one == other
        case CallDelta(one, _), CallDelta(other, _):
            return one == other
    return False
