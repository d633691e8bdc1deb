"""``spark-tui apply``: a patch on the files of the current directory, all of it or nothing.

Messages and exit codes are Codex's. What differs is listed in ``docs/patch-format.md``: nothing is written unless all
is, and paths are guarded. What deserves a second look is said by ``--check``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, TextIO

from spark_tui.app.workspace.beneath import Location, OpenTree
from spark_tui.app.workspace.errors import PathRefused, WorkspaceError
from spark_tui.app.workspace.files import FileSnapshot, FileWrite
from spark_tui.app.workspace.grounds import Grounds, find_grounds
from spark_tui.app.workspace.guard import check_path, warning_for
from spark_tui.app.workspace.publishing import Outcome
from spark_tui.app.workspace.reading import read_located
from spark_tui.app.workspace.recovery import RecoveryReport, recover
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.errors import PatchError
from spark_tui.protocol.patch.apply import PatchResult, apply_patch
from spark_tui.widgets.safe_text import safe, safe_line

APPLIED, REFUSED, USAGE, KEPT_EDITS = 0, 1, 2, 3
"""The exit codes; the last is a recovery that left files alone because someone had edited them."""

MAX_BYTES = 256 * 1024 * 1024
"""The largest file that the command patches: it is held in memory a few times over."""

_USAGE = "Usage: spark-tui apply [--check] FILE\n       echo 'PATCH' | spark-tui apply [--check]\n"


def run(
    file: str | None,
    *,
    check: bool,
    recover: bool,
    cwd: Path,
    stdin: BinaryIO,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Apply the patch in ``file`` (``None`` or ``-``: ``stdin``) below ``cwd``; returns the exit code.

    ``check`` says the same and writes nothing. ``recover`` reads no patch: it finishes what a crash interrupted.
    Paths are relative to ``cwd``; the root that they may not leave is the work tree around it, or ``cwd`` itself.
    """
    try:
        grounds = find_grounds(cwd)
        if recover:
            return _recover(grounds, stdout, stderr)
        patch = _read_patch(file, cwd, stdin)
        if not patch:
            _say(stderr, _USAGE)
            return USAGE
        if not check:
            _mention(stderr, _recover_first(grounds))
        with OpenTree(grounds.root) as tree:
            reader = _Reader(grounds, tree)
            result = apply_patch(patch, reader.read, cwd=str(grounds.root.joinpath(*grounds.prefix)))
        writes = [reader.write_of(result, path) for path in result.files]
        writer = Writer(grounds.root, grounds.state_dir)
        if check:
            writer.check(writes)
        else:
            writer.commit(writes, "apply")
    except (PatchError, WorkspaceError) as error:
        _say(stderr, f"{error}\n")
        return REFUSED
    except OSError as error:
        _say(stderr, f"{safe_line(str(error.filename or cwd))}: {error.strerror}\n")
        return REFUSED
    _say(stdout, result.summary)
    if check:
        _mention(stderr, _notes(result))
    return APPLIED


class _Reader:
    """Reads the files that a patch names and remembers what they were."""

    def __init__(self, grounds: Grounds, tree: OpenTree) -> None:
        self._grounds = grounds
        self._tree = tree
        self._read: dict[str, FileSnapshot] = {}
        self._links: set[str] = set()
        self._names: dict[tuple[str, ...], str] = {}

    def read(self, path: str) -> bytes | None:
        """For :func:`apply_patch`: the bytes of ``path`` as the patch names it."""
        snapshot = self._snapshot(path)
        self._read[path] = snapshot
        return snapshot.data

    def write_of(self, result: PatchResult, path: str) -> FileWrite:
        """The write that makes the patch's outcome for ``path`` true."""
        file, before = result.files[path], self._read[path]
        if file.recreated and path in self._links:
            raise PatchError(f"{safe_line(path)} is a link; delete it and make a file of that name in two patches")
        moved_from = None if file.mode_from is None else self._read[file.mode_from]
        return FileWrite(before.path, before.digest, file.data, moved_from.mode if moved_from else None)

    def _snapshot(self, path: str) -> FileSnapshot:
        try:
            inside = check_path(path, self._grounds.root)
            if not path.startswith("/"):
                inside = "/".join((*self._grounds.prefix, inside))
            location = self._tree.locate(inside)
            self._claim((*location.directory, location.name), inside, path)
            if location.status is None:
                _refuse_dangling(location, inside, path)
                return FileSnapshot(inside, None)
            data, status = read_located(self._tree, location, path, MAX_BYTES)
        except PathRefused as refused:
            raise PatchError(str(refused)) from refused
        except OSError as error:
            shown = self._grounds.root.joinpath(*self._grounds.prefix, path)
            reason = f"{error.strerror} (os error {error.errno})"
            raise PatchError(f"Failed to read file to update {safe_line(str(shown))}: {reason}") from error
        return FileSnapshot(inside, data, stat.S_IMODE(status.st_mode))

    def _claim(self, place: tuple[str, ...], inside: str, path: str) -> None:
        """A file named twice, through a link, would be patched twice from what it was: one edit would be lost."""
        if "/".join(place) != inside:
            self._links.add(path)
        name = self._names.setdefault(place, path)
        if name != path:
            raise PatchError(f"{safe_line(path)} and {safe_line(name)} are one file; patch it under one name")


def _refuse_dangling(location: Location, inside: str, path: str) -> None:
    """Directories are made where the patch names them, not where a link leads that leads nowhere."""
    absent = (*location.directory, location.name)[-1 - location.missing :]
    if location.missing and tuple(inside.split("/"))[-1 - location.missing :] != absent:
        raise PatchError(f"Failed to write file {safe_line(path)}: a link on the way leads nowhere")


def _read_patch(file: str | None, cwd: Path, stdin: BinaryIO) -> bytes:
    if file is None or file == "-":
        return stdin.read()
    path = cwd / file
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
    return path.read_bytes()


def _recover(grounds: Grounds, stdout: TextIO, stderr: TextIO) -> int:
    report = recover(grounds.root, grounds.state_dir)
    _mention(stderr, _kept(report))
    match report.outcome:
        case Outcome.CLEAN:
            _say(stdout, "Nothing to recover.\n")
        case Outcome.ROLLED_FORWARD:
            _say(stdout, "Recovered: the interrupted write is complete.\n")
        case Outcome.ROLLED_BACK:
            _say(stdout, "Recovered: the interrupted write was taken back.\n")
        case Outcome.CONFLICT:
            return KEPT_EDITS
    return APPLIED


def _recover_first(grounds: Grounds) -> list[str]:
    report = recover(grounds.root, grounds.state_dir)
    return [] if report.outcome is Outcome.CLEAN else ["an interrupted write was settled first", *_kept(report)]


def _kept(report: RecoveryReport) -> list[str]:
    kept = [
        f"{safe_line(path)} was edited since the write was interrupted and is left as it is" for path in report.kept
    ]
    return kept + [f"an overtaken edit is kept in {safe_line(copy)}" for copy in report.copies]


def _notes(result: PatchResult) -> list[str]:
    notes: list[str] = []
    for path, file in result.files.items():
        if file.overwrites:
            notes.append(f"{safe_line(path)} existed and was replaced")
        warning = warning_for(path)
        if warning is not None:
            notes.append(f"{safe_line(path)}: {warning}")
    return notes


def _mention(stream: TextIO, notes: list[str]) -> None:
    for note in notes:
        _say(stream, f"note: {note}\n")


def _say(stream: TextIO, text: str) -> None:
    """Write as it is for a program, and so that it cannot drive the terminal for a person.

    The exit code tells the outcome, so nobody listening is no error.
    """
    shown = safe(text) if stream.isatty() else text
    encoding = stream.encoding or "utf-8"
    with contextlib.suppress(OSError, ValueError):
        stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
