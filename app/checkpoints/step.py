"""One write that a person asked for, as it is remembered: what was accepted or taken back, and what it replaced."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.plans import AcceptPlan, UndoPlan, first_with_lines
from spark_tui.protocol.patch.edits import split_lines

VERSION = 1
"""The version of the records that this program writes and reads."""

REQUEST_LENGTH = 200
"""Characters of the user's request that are kept to know a step by."""


class StepFile(msgspec.Struct, frozen=True):
    """A file as it was before the step; ``content`` is an index into the step's contents, ``None``: no file."""

    path: str
    mode: int
    content: int | None


class StepHunk(msgspec.Struct, frozen=True):
    """An accepted hunk, in the line numbers of its file before the step; see :class:`~..changes.hunk.Hunk`.

    ``key`` names it in all sessions of the work tree; one that is accepted again after an undo keeps it.
    """

    key: str
    path: str
    kind: str
    turn: int
    start: int = 0
    end: int = 0
    added: tuple[str, ...] = ()
    target: str | None = None
    replaces: bool = False

    def hunk(self, removed: list[str]) -> Hunk:
        """The hunk as it was when it was pending; ``removed`` are its lines of the file."""
        hunk = Hunk(
            self.key, self.path, HunkKind(self.kind), HunkState.PENDING, self.start, removed, list(self.added)
        )
        hunk.turn, hunk.replaces = self.turn, self.replaces
        if self.target is not None:
            hunk.source, hunk.target = self.path, self.target
        return hunk


class Step(msgspec.Struct, frozen=True):
    """``hunks`` were accepted, or those named in ``undone`` taken out again, at ``time`` (seconds since 1970).

    ``session`` names the conversation, ``request`` is what the user had asked for. ``files`` are all files that the
    step replaced.
    """

    version: int
    time: int
    session: str
    request: str
    files: tuple[StepFile, ...]
    hunks: tuple[StepHunk, ...] = ()
    undone: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The hunks that it is about."""
        return self.undone or tuple(hunk.key for hunk in self.hunks)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it is about."""
        return tuple(dict.fromkeys(file.path for file in self.files))


def step_of(
    changes: ChangeSet, plan: AcceptPlan, key: Callable[[str], str], *, session: str, request: str, now: float
) -> tuple[Step, list[bytes]]:
    """What is to be remembered of ``plan`` before it is carried out, and the contents that it replaces.

    ``key`` gives a hunk of ``changes`` its name in all sessions.
    """
    files: list[StepFile] = []
    contents: list[bytes] = []
    hunks: list[StepHunk] = []

    def keep(path: str, mode: int, data: bytes | None) -> None:
        files.append(StepFile(path, mode, None if data is None else len(contents)))
        if data is not None:
            contents.append(data)

    for part in plan.files:
        planned = [changes.hunk(hunk_id) for hunk_id in part.hunks]
        file = changes.file_of(planned[0].id)
        keep(part.path, file.mode, None if file.absent else file.base)
        creator = first_with_lines(planned) if file.base is None and not isinstance(plan, UndoPlan) else None
        for hunk in planned:
            if hunk.target is not None and hunk.replaces and not isinstance(plan, UndoPlan):
                keep(hunk.target, file.mode, "".join(hunk.removed).encode())
            kind = HunkKind.CREATE if hunk is creator else hunk.kind
            hunks.append(_step_hunk(hunk, kind, key(hunk.id)))
    undone = tuple(hunk.key for hunk in hunks) if isinstance(plan, UndoPlan) else ()
    step = Step(
        VERSION, int(now), session, request[:REQUEST_LENGTH], tuple(files), () if undone else tuple(hunks), undone
    )
    return step, contents


def _step_hunk(hunk: Hunk, kind: HunkKind, key: str) -> StepHunk:
    if not hunk.has_lines:
        return StepHunk(key, hunk.path, kind.value, hunk.turn, target=hunk.target, replaces=hunk.replaces)
    end = hunk.start + len(hunk.removed)
    added = tuple(hunk.added)
    return StepHunk(key, hunk.path, kind.value, hunk.turn, hunk.start, end, added, replaces=hunk.replaces)


def replaced_lines(hunk: StepHunk, step: Step, contents: list[bytes], base: list[str]) -> list[str]:
    """The lines that ``hunk`` takes out; raises :exc:`ValueError` for one that the file cannot have had."""
    if hunk.target is not None:
        replaced = next((file for file in step.files if file.path == hunk.target and hunk.replaces), None)
        if replaced is None or replaced.content is None:
            return []
        return split_lines(contents[replaced.content].decode("utf-8"))
    if not 0 <= hunk.start <= hunk.end <= len(base):
        raise ValueError(f"{hunk.path} has no lines {hunk.start} to {hunk.end}")
    return base[hunk.start : hunk.end]
