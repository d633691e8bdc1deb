"""The files and hunks of a change set, found by path, id and state, and which of them changed since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spark_tui.app.changes.errors import ChangeError, UnknownHunk
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkState


class Catalogue:
    """Files in order of first touch, and the hunks on them. ``version`` grows with every change."""

    def __init__(self) -> None:
        self.version = 0
        self._files: list[FileChange] = []
        self._by_path: dict[str, FileChange] = {}
        self._hunks: dict[str, tuple[FileChange, Hunk]] = {}
        self._touched: dict[str, int] = {}
        self._movers: dict[FileChange, None] = {}

    @property
    def files(self) -> Sequence[FileChange]:
        """All files, in order of first touch."""
        return self._files

    def file(self, path: str) -> FileChange | None:
        """The file that is, or with all pending hunks would be, at ``path``."""
        file = self._by_path.get(path)
        if file is None or file.target != path:
            return self._moving_to(path) or file
        return file

    def hunk(self, hunk_id: str) -> Hunk:
        """The hunk with this id; raises :exc:`UnknownHunk`."""
        return self._entry(hunk_id)[1]

    def file_of(self, hunk_id: str) -> FileChange:
        """The file that the hunk is on; raises :exc:`UnknownHunk`."""
        return self._entry(hunk_id)[0]

    def hunks(self, *states: HunkState, path: str | None = None, turn: int | None = None) -> Iterator[Hunk]:
        """Hunks in display order: those in one of ``states`` (none given: all), of one file or one turn."""
        for file in self._files:
            if path is None or path in (file.path, file.target):
                for hunk in file:
                    if (not states or hunk.state in states) and (turn is None or hunk.turn == turn):
                        yield hunk

    def counts(self, path: str) -> tuple[int, int]:
        """How many lines the undecided hunks of ``path`` add and remove."""
        undecided = [h for h in self.hunks(HunkState.PENDING, HunkState.STREAMING, path=path) if h.has_lines]
        return sum(len(hunk.added) for hunk in undecided), sum(len(hunk.removed) for hunk in undecided)

    def take_touched(self) -> dict[str, int]:
        """The disk paths of files whose hunks changed since this was last asked, and from which line of the base on:
        a hunk that began before it is as it was."""
        touched, self._touched = self._touched, {}
        return touched

    # -- for the change set ------------------------------------------------------------------------------------

    def _entry(self, hunk_id: str) -> tuple[FileChange, Hunk]:
        try:
            return self._hunks[hunk_id]
        except KeyError:
            raise UnknownHunk(hunk_id) from None

    def _open_file(self, path: str) -> FileChange:
        file = self.file(path)
        if file is None:
            raise ChangeError(f"{path} is not part of the change set")
        return file

    def _note_move(self, file: FileChange, hunk: Hunk) -> None:
        """``hunk`` is on ``file`` from now on; if it moves the file, it is among the few that can be elsewhere."""
        if not hunk.has_lines:
            self._movers[file] = None

    def _moving_to(self, path: str) -> FileChange | None:
        """The file that would come to ``path`` from elsewhere with all pending hunks accepted."""
        return next((file for file in self._movers if file.target == path != file.path), None)

    def _touch(self, file: FileChange, line: int = 0) -> None:
        """The hunks of ``file`` that begin at ``line`` of the base, or behind it, may have changed."""
        self.version += 1
        file.saved_hunks = None
        self._touched[file.path] = min(line, self._touched.get(file.path, line))

    def _by_file(self, ids: Iterable[str]) -> list[tuple[FileChange, list[Hunk]]]:
        """The hunks by file, files in order of first touch and hunks in file order."""
        wanted = dict.fromkeys(ids)
        files = dict.fromkeys(self._entry(hunk_id)[0] for hunk_id in wanted)
        return [(file, [h for h in file if h.id in wanted]) for file in self._files if file in files]

    def _rekey(self, file: FileChange, old_path: str) -> None:
        """A file was written, and may have moved."""
        if file.path != old_path:
            self._by_path.pop(old_path, None)
            replaced = self._by_path.get(file.path)
            if replaced is not None and replaced is not file:
                replaced.lose_base()
                replaced.refresh()
            self._by_path[file.path] = file
            for hunk in file.hunks:
                hunk.path = file.path
            self._touched[old_path] = 0
        self._touch(file)
