"""Which lines of the change were only moved, looked for anew when hunks have changed."""

from __future__ import annotations

from collections.abc import Iterable

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.changes.moves import Edited, Moved, find_moves


class MovedLines:
    """``of`` holds the moved lines of each hunk that has some, by its id, as of the last :meth:`look`."""

    def __init__(self, changes: ChangeSet) -> None:
        self.of: dict[str, Moved] = {}
        self._changes = changes
        self._made_of: list[tuple[str, int]] = []
        self._edited: dict[tuple[str, int], Edited] = {}

    def prepare(self, hunks: Iterable[Hunk]) -> None:
        """Get ready to compare ``hunks``, which may have changed: while a patch is written, a few with each frame."""
        for hunk in hunks:
            if hunk.state is HunkState.PENDING and (hunk.id, hunk.revision) not in self._edited:
                edited = self._edited[hunk.id, hunk.revision] = Edited(hunk.removed, hunk.added)
                edited.prepare()

    def look(self) -> set[str]:
        """Find the moved lines; returns the paths of the files where they are others than before."""
        hunks = [h for h in self._changes.hunks(HunkState.PENDING, HunkState.ACCEPTED) if h.has_lines]
        made_of = [(hunk.id, hunk.revision) for hunk in hunks]
        if made_of == self._made_of:
            return set()
        known = self._edited
        self._edited = {
            key: known.get(key) or Edited(hunk.removed, hunk.added) for key, hunk in zip(made_of, hunks, strict=True)
        }
        found = find_moves(list(self._edited.values()))
        moves = {hunk.id: moved for hunk, moved in zip(hunks, found, strict=True) if moved}
        changed = {id_ for id_ in {*moves, *self.of} if moves.get(id_) != self.of.get(id_)}
        self.of, self._made_of = moves, made_of
        return {file.path for file in self._changes.files if any(hunk.id in changed for hunk in file.hunks)}
