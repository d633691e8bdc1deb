"""Finding files beneath the work tree's root, so that no link and no race leads out of it.

The kernel is never handed a path of several names: directories are opened one by one, each relative to the one
before and never through a link (``openat`` with ``O_NOFOLLOW``). A link is followed by reading its text and walking
that, within the root. So a directory that becomes a link between the check and the write is an error, not an escape.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from spark_tui.app.workspace.errors import PathRefused
from spark_tui.app.workspace.guard import check_name

MAX_LINKS = 40
"""How many links one path may pass, as in Linux (``path_resolution(7)``)."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Location:
    """Where a path really is: its directory's names from the root, none of them a link, and its own name.

    ``missing`` is the tail of ``directory`` that does not exist yet. ``status`` is ``None`` where there is no file.
    """

    directory: tuple[str, ...]
    name: str
    missing: int
    status: os.stat_result | None

    @property
    def path(self) -> str:
        """The real path relative to the root."""
        return "/".join((*self.directory, self.name))

    @property
    def existing(self) -> tuple[str, ...]:
        """The part of ``directory`` that exists."""
        return self.directory[: len(self.directory) - self.missing]


class OpenTree:
    """The root, opened. Use as a context manager; not for several threads at once.

    It holds the root and the directory used last, so any number of files costs two descriptors.
    """

    def __init__(self, root: Path) -> None:
        """Raises :exc:`OSError` where ``root`` is no directory that can be opened."""
        self._root_fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._last: tuple[tuple[str, ...], int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget()
        os.close(self._root_fd)

    def directory(self, names: Sequence[str]) -> int:
        """A descriptor of the directory ``names``, good until the next call; no name may be a link.

        Raises :exc:`OSError` (``ENOENT``, ``ENOTDIR``, ``ELOOP``, ``EACCES`` ...).
        """
        wanted = tuple(names)
        if self._last is not None and self._last[0] == wanted:
            return self._last[1]
        if not wanted:
            return self._root_fd
        current, below = self._root_fd, wanted
        if self._last is not None:
            if self._last[0] == wanted[: len(self._last[0])]:
                current, below = self._last[1], wanted[len(self._last[0]) :]
                self._last = None
            else:
                self.forget()
        for name in below:
            try:
                following = os.open(name, _DIRECTORY, dir_fd=current)
            finally:
                if current != self._root_fd:
                    os.close(current)
            current = following
        self._last = wanted, current
        return current

    def forget(self) -> None:
        """Walk anew at the next call: what was opened may have been moved."""
        if self._last is not None:
            last, self._last = self._last, None
            os.close(last[1])

    def locate(self, path: str, *, follow: bool = True) -> Location:
        """Find ``path``, which has passed :func:`check_path`; raise :exc:`PathRefused` where it may not be used.

        With ``follow``, a link at the end is followed too; otherwise it is itself what is found. Anything but a
        regular file, a link or nothing is refused. Raises :exc:`OSError` where a directory cannot be looked into.
        """
        found: list[str] = []
        todo = path.split("/")[::-1]
        missing = links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                if missing or not found:
                    raise PathRefused(path, "a link on the way leads out of the work tree")
                found.pop()
                continue
            check_name(name, path)
            if missing:
                missing += bool(todo)
                found.append(name)
                continue
            status = self._status(found, name)
            if status is not None and stat.S_ISLNK(status.st_mode) and (todo or follow):
                links += 1
                if links > MAX_LINKS:
                    raise PathRefused(path, "too many links on the way")
                todo.extend(self._link_parts(path, found, name))
                continue
            if not todo:
                _check_kind(path, status)
                return Location(tuple(found), name, 0, status)
            if status is None:
                missing = 1
            elif not stat.S_ISDIR(status.st_mode):
                raise PathRefused(path, f"{'/'.join([*found, name])} is not a directory")
            found.append(name)
            if not missing and looks_like_git_directory(self.directory(found)):
                raise PathRefused(path, "inside a bare git repository")
        if missing:
            return Location(tuple(found[:-1]), found[-1], missing, None)
        raise PathRefused(path, "is a directory")

    def open_file(self, location: Location) -> int:
        """Open the regular file that was found, for reading, without waiting for anyone.

        Raises :exc:`OSError`; the caller looks at ``os.fstat``, since the name may stand for another file by now.
        """
        return os.open(location.name, _FILE, dir_fd=self.directory(location.directory))

    def has_twin(self, location: Location) -> bool:
        """Whether a file beside ``location`` has the same name in another Unicode normal form."""
        if location.name.isascii() or location.missing:
            return False
        form = unicodedata.normalize("NFC", location.name)
        with os.scandir(self.directory(location.directory)) as entries:
            return any(
                entry.name != location.name and unicodedata.normalize("NFC", entry.name) == form for entry in entries
            )

    def _status(self, directory: list[str], name: str) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=self.directory(directory), follow_symlinks=False)
        except FileNotFoundError:
            return None

    def _link_parts(self, path: str, directory: list[str], name: str) -> list[str]:
        text = os.readlink(name, dir_fd=self.directory(directory))
        if text.startswith("/"):
            raise PathRefused(path, f"{'/'.join([*directory, name])} is a link to an absolute path")
        return [part for part in text.split("/") if part not in ("", ".")][::-1]


def looks_like_git_directory(directory: int) -> bool:
    """Whether git would take the opened directory for a repository: ``HEAD``, ``objects`` and ``refs``.

    After git's ``is_git_directory``; a linked work tree's has ``commondir`` in place of the latter two.
    """

    def there(name: str) -> bool:
        try:
            os.stat(name, dir_fd=directory, follow_symlinks=False)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                return False
            raise
        return True

    return there("HEAD") and (there("commondir") or (there("objects") and there("refs")))


def _check_kind(path: str, status: os.stat_result | None) -> None:
    if status is None or stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
        return
    raise PathRefused(path, "is a directory" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
