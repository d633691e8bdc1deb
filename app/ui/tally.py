"""What hunks come to: sums that are added up hunk by hunk, so that only what follows a change is summed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.widgets.change_header import ChangeFacts
from spark_tui.widgets.rows import Mark

COUNTED = frozenset({HunkState.STREAMING, HunkState.PENDING, HunkState.ACCEPTED, HunkState.CONFLICTED})
"""The states of hunks that are part of the change; what was refused is not."""

UNDECIDED = frozenset({HunkState.STREAMING, HunkState.PENDING})

URGENCY = (
    HunkState.RETIRED,
    HunkState.REJECTED,
    HunkState.ACCEPTED,
    HunkState.PENDING,
    HunkState.STREAMING,
    HunkState.CONFLICTED,
)
"""A file shows the state of the hunk that asks most of the user."""

_ONE = {state: tuple(int(other is state) for other in URGENCY) for state in URGENCY}


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over some hunks: lines ``added`` and ``removed``, of which ``formatting`` say nothing new; the lines
    that are still ``to_add`` and ``to_remove``; and how many hunks there are in each state of :data:`URGENCY`."""

    added: int = 0
    removed: int = 0
    formatting: int = 0
    to_add: int = 0
    to_remove: int = 0
    states: tuple[int, ...] = (0,) * len(URGENCY)

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.added + other.added,
            self.removed + other.removed,
            self.formatting + other.formatting,
            self.to_add + other.to_add,
            self.to_remove + other.to_remove,
            tuple(one + more for one, more in zip(self.states, other.states, strict=True)),
        )

    @property
    def mark(self) -> Mark | None:
        """The state that asks most of the user; ``None`` where there are no hunks."""
        return urgent(self.states)


@lru_cache(maxsize=4096)
def urgent(states: tuple[int, ...]) -> Mark | None:
    """The state that asks most of the user, of how many hunks there are in each; ``None`` without hunks."""
    rising = zip(URGENCY, states, strict=True)
    return next((Mark(state.value) for state, count in reversed(list(rising)) if count), None)


NO_HUNKS = Totals()


def totals_of(hunk: Hunk, formatting: int) -> Totals:
    """What one hunk comes to; ``formatting`` is how many of its lines say nothing new."""
    states = _ONE[hunk.state]
    if not hunk.has_lines or hunk.state not in COUNTED:
        return Totals(states=states)
    added, removed = len(hunk.added), len(hunk.removed)
    undecided = hunk.state in UNDECIDED
    return Totals(added, removed, formatting, added * undecided, removed * undecided, states)


def change_facts(files: Iterable[Totals]) -> ChangeFacts:
    """What the row above the diff says of ``files``."""
    shown = [totals for totals in files if totals.mark is not None]
    counts = map(sum, zip(*(totals.states for totals in shown), strict=True))
    return ChangeFacts(
        len(shown),
        sum(totals.added for totals in shown),
        sum(totals.removed for totals in shown),
        sum(totals.formatting for totals in shown),
        Counter({Mark(state.value): count for state, count in zip(URGENCY, counts, strict=False) if count}),
    )


def is_shown(hunk: Hunk) -> bool:
    """Whether the hunk has something to say: not where another took its place."""
    return hunk.superseded_by is None and not (hunk.state is HunkState.RETIRED and not hunk.note)
