"""A hunk: one piece of a change that is decided on by itself, and the states it can be in.

::

    STREAMING ──close──> PENDING ──accept──> ACCEPTED
                          │  ^ <───undo─────────┘
                  conflict│  │resolve
                          v  │
                       CONFLICTED

PENDING and CONFLICTED can be rejected; all but REJECTED can be retired, which always has a reason in ``note``;
REJECTED and RETIRED can be restored. Nothing is ever dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from spark_tui.app.changes.errors import IllegalStep
from spark_tui.protocol.patch.edits import LineEdit

ALREADY_THERE = "already there"
DELETED_OUTSIDE = "the file was deleted outside"
OVERWRITTEN = "overwritten from outside"
REFORMATTED = "context reformatted"
REPLACES = "replaces an existing file"


class HunkState(Enum):
    """How a hunk stands."""

    STREAMING = "streaming"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICTED = "conflicted"
    RETIRED = "retired"


class HunkKind(Enum):
    """What a hunk does to its file. All but RENAME replace lines; CREATE and DELETE replace all of them."""

    EDIT = "edit"
    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"


class HunkEvent(Enum):
    """What can happen to a hunk."""

    CLOSE = "close"
    ACCEPT = "accept"
    REJECT = "reject"
    CONFLICT = "mark as conflicted"
    RESOLVE = "resolve"
    RETIRE = "retire"
    RESTORE = "bring back"
    UNDO = "undo"
    LAND = "find on disk"


_STEPS: dict[tuple[HunkState, HunkEvent], HunkState] = {
    (HunkState.STREAMING, HunkEvent.CLOSE): HunkState.PENDING,
    (HunkState.STREAMING, HunkEvent.RETIRE): HunkState.RETIRED,
    (HunkState.PENDING, HunkEvent.ACCEPT): HunkState.ACCEPTED,
    (HunkState.PENDING, HunkEvent.REJECT): HunkState.REJECTED,
    (HunkState.PENDING, HunkEvent.CONFLICT): HunkState.CONFLICTED,
    (HunkState.PENDING, HunkEvent.RETIRE): HunkState.RETIRED,
    (HunkState.CONFLICTED, HunkEvent.REJECT): HunkState.REJECTED,
    (HunkState.CONFLICTED, HunkEvent.RESOLVE): HunkState.PENDING,
    (HunkState.CONFLICTED, HunkEvent.RETIRE): HunkState.RETIRED,
    (HunkState.ACCEPTED, HunkEvent.UNDO): HunkState.PENDING,
    (HunkState.ACCEPTED, HunkEvent.RETIRE): HunkState.RETIRED,
    (HunkState.REJECTED, HunkEvent.RESTORE): HunkState.PENDING,
    (HunkState.RETIRED, HunkEvent.RESTORE): HunkState.PENDING,
    (HunkState.RETIRED, HunkEvent.LAND): HunkState.ACCEPTED,
}


_WAY_BACK = {
    HunkState.STREAMING: "; wait until it is written",
    HunkState.ACCEPTED: "; take it back first (r)",
    HunkState.REJECTED: "; bring it back first (r)",
    HunkState.RETIRED: "; bring it back first (r)",
}


def advance(state: HunkState, event: HunkEvent) -> HunkState:
    """Return the state after ``event``; raises :exc:`IllegalStep` where it cannot happen."""
    try:
        return _STEPS[state, event]
    except KeyError:
        raise IllegalStep(f"cannot {event.value} a hunk that is {state.value}{_WAY_BACK.get(state, '')}") from None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The three sides of the lines on which a hunk and the file disagree.

    ``base`` is what the hunk was made on, ``theirs`` what the file has now, ``ours`` is ``base`` with the hunk (and
    with the others in ``members``, the ids of all hunks that share the lines). The hunk's own lines begin at
    ``offset`` in ``base``. ``deleted`` when there is no file any more.
    """

    base: tuple[str, ...]
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    offset: int = 0
    members: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """What it takes to move a chunk that fits several places: its ``lines`` with their marks, in the patch language.

    ``chunk`` counts the chunks of its section from 1; the chunk is at the ``place``-th of its places, from 1.
    """

    chunk: int
    lines: tuple[str, ...]
    place: int = 1


@dataclass(slots=True, eq=False)
class Hunk:
    """Replace the lines ``removed`` at ``start`` by ``added``; lines carry their line breaks.

    ``start`` is 0-based in the file's current base: the first of ``removed``, or of ``added`` once accepted, or of
    ``conflict.theirs`` while there is a conflict. A settled hunk (rejected, retired, accepted) with a ``conflict`` is
    one whose lines have changed since, so that bringing it back or undoing it needs a decision. ``places`` is how
    many places its context fitted, 0 for a hunk that fitted none; ``ambiguity`` then tells how to move it on.
    ``revision`` counts changes of its text: what was decided on an older one was another text. ``origin`` names the
    section of the patch that made it. ``target`` and ``source`` are the new and the old path of a RENAME, whose
    ``removed`` are the lines of the file at ``target``. ``replaces`` when a CREATE or RENAME overwrites a file.
    ``told`` is what the model last heard of it. ``is_part`` when the model was cut off in the middle of it.
    """

    id: str
    path: str
    kind: HunkKind
    state: HunkState
    start: int = 0
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    turn: int = 0
    note: str = ""
    places: int = 1
    ambiguity: Ambiguity | None = None
    origin: str = ""
    revision: int = 0
    conflict: Conflict | None = None
    superseded_by: str | None = None
    target: str | None = None
    source: str | None = None
    replaces: bool = False
    told: HunkState = HunkState.PENDING
    told_revision: int = 0
    is_part: bool = False

    def step(self, event: HunkEvent, note: str | None = None) -> None:
        """Advance the state; ``note`` replaces the reason, ``None`` keeps it."""
        self.state = advance(self.state, event)
        if note is not None:
            self.note = note

    @property
    def is_applied(self) -> bool:
        """Whether the base has ``added`` rather than ``removed``."""
        return self.state is HunkState.ACCEPTED

    @property
    def has_lines(self) -> bool:
        """Whether it replaces lines: all hunks but renames."""
        return self.kind is not HunkKind.RENAME

    @property
    def edit(self) -> LineEdit:
        """What is left to do to the base: the change itself, or taking it out again where it is applied."""
        old, new = (self.added, self.removed) if self.is_applied else (self.removed, self.added)
        return LineEdit(self.start, self.start + len(old), tuple(new))

    @property
    def end(self) -> int:
        """The line of the base after those that the hunk stands on."""
        if self.conflict is not None:
            return self.start + len(self.conflict.theirs)
        return self.start + len(self.added if self.is_applied else self.removed)

    @property
    def growth(self) -> int:
        """By how many lines the change makes the file longer; negative: shorter."""
        return len(self.added) - len(self.removed)
