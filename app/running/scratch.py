"""A second checkout beside the work tree, in which a change can be tried before it is accepted.

It holds the files that git knows or would add, as they are on disk, with the change's own contents over them. It is
kept between runs: only what differs is copied, by reflink where the file system can. Files are never hard links, so
nothing that runs there reaches the work tree through them. Everything here blocks; call it in a thread.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
TREE = "tree"
LOCK = "lock"
UNTRACKED_LIMIT = 16 * 1024 * 1024
"""Bytes of a file that git does not track, up to which it is copied: a new module is needed, a data set is not."""

FICLONE = 0x40049409
DEPENDENCIES = ("node_modules", ".venv", "venv")
"""Ignored folders that tests cannot do without: the scratch checkout leads to the real ones."""

Entry = list[Any]
"""What a file was made from, and what it was then: source, size and time in nanoseconds of the copy."""


class ScratchError(Exception):
    """The scratch checkout cannot be made; ``str()`` is one line."""


class Scratch:
    """The scratch checkout of the work tree at ``root``, under ``cache``."""

    def __init__(self, root: Path, cache: Path) -> None:
        self._root = root
        self._home = cache / hashlib.sha256(os.fsencode(root)).hexdigest()[:20]
        self.tree = self._home / TREE
        self._entries: dict[str, Entry] = {}
        self._clock = 0
        self._checked: set[Path] = set()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other sessions out meanwhile. Raises :exc:`ScratchError` when one is in."""
        with self._translated():
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise ScratchError("another session tests a change of this repository; wait for its end") from None
        try:
            yield
        finally:
            os.close(descriptor)

    def prepare(
        self,
        paths: Iterable[str],
        proposed: Mapping[str, bytes | None],
        stopped: Callable[[], bool] = lambda: False,
    ) -> int:
        """Make the tree what the work tree would be with ``proposed`` (``None``: no file); returns files written.

        ``paths`` are the work tree's files, relative to its root. It ends early once ``stopped`` is true; the next
        time goes on from there. Raises :exc:`ScratchError`.
        """
        with self._translated():
            self._load()
            wanted = {path for path in {*paths, *proposed} if _is_inside(path)}
            written = 0
            for path in sorted(wanted):
                if stopped():
                    break
                if path in proposed:
                    written += self._put(path, proposed[path])
                else:
                    written += self._copy(path)
            for path in set(self._entries) - wanted:
                self._remove(path)
            self._link_dependencies(wanted)
            self._save()
            return written

    # -- one file ----------------------------------------------------------------------------------------------

    def _copy(self, path: str) -> bool:
        source, target = self._root / path, self.tree / path
        try:
            found = source.lstat()
        except (FileNotFoundError, NotADirectoryError):
            self._remove(path)
            return False
        if stat.S_ISLNK(found.st_mode):
            return self._copy_link(path, source, target)
        if not stat.S_ISREG(found.st_mode):
            return False
        made_from = [found.st_size, found.st_mtime_ns, found.st_ino, stat.S_IMODE(found.st_mode)]
        if self._is_current(path, made_from, target):
            return False
        self._clear(path, target)
        _clone(source, target)
        target.chmod(stat.S_IMODE(found.st_mode) | stat.S_IWUSR)
        os.utime(target, ns=(found.st_mtime_ns, found.st_mtime_ns))
        self._note(path, made_from, target)
        return True

    def _copy_link(self, path: str, source: Path, target: Path) -> bool:
        leads_to = source.readlink()
        with contextlib.suppress(ValueError):
            # A link into the work tree by its full path would lead the tests out of the scratch checkout.
            leads_to = self.tree / leads_to.relative_to(self._root)
        made_from = ["link", str(leads_to)]
        if target.is_symlink() and str(target.readlink()) == str(leads_to):
            self._entries.setdefault(path, [made_from, 0, 0])
            return False
        self._clear(path, target)
        target.symlink_to(leads_to)
        self._entries[path] = [made_from, 0, 0]
        return True

    def _put(self, path: str, data: bytes | None) -> bool:
        if data is None:
            self._remove(path)
            return False
        target = self.tree / path
        made_from = ["proposed", hashlib.sha256(data).hexdigest()]
        if self._is_current(path, made_from, target):
            return False
        self._clear(path, target)
        target.write_bytes(data)
        with contextlib.suppress(FileNotFoundError):
            target.chmod(stat.S_IMODE((self._root / path).stat().st_mode) | stat.S_IWUSR)
        # Compiled files are taken as current by a time in whole seconds: no two contents may share one.
        self._clock = max(self._clock + 1, int(time.time()))
        os.utime(target, (self._clock, self._clock))
        self._note(path, made_from, target)
        return True

    def _is_current(self, path: str, made_from: list[Any], target: Path) -> bool:
        entry = self._entries.get(path)
        if entry is None or entry[0] != made_from:
            return False
        try:
            found = target.lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and entry[1:] == [found.st_size, found.st_mtime_ns]

    def _note(self, path: str, made_from: list[Any], target: Path) -> None:
        found = target.lstat()
        self._entries[path] = [made_from, found.st_size, found.st_mtime_ns]

    def _clear(self, path: str, target: Path) -> None:
        """Make room for a file: real folders above it, all of them within the tree, and nothing in its place."""
        folder = self.tree
        for part in (".", *Path(path).parts[:-1]):
            folder = folder / part
            if folder in self._checked:
                continue
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                folder.unlink()
            folder.mkdir(exist_ok=True)
            self._checked.add(folder)
        _delete(target)

    def _remove(self, path: str) -> None:
        folder = self.tree
        self._entries.pop(path, None)
        for part in Path(path).parts[:-1]:
            folder = folder / part
            if folder.is_symlink() or not folder.is_dir():
                return
        _delete(self.tree / path)

    def _link_dependencies(self, wanted: set[str]) -> None:
        for name in DEPENDENCIES:
            real, link = self._root / name, self.tree / name
            if real.is_dir() and not link.exists() and not any(path.startswith(f"{name}/") for path in wanted):
                _delete(link)
                link.symlink_to(real)

    # -- what is kept between runs -----------------------------------------------------------------------------

    def _load(self) -> None:
        self._checked.clear()
        self.tree.mkdir(exist_ok=True)
        try:
            saved = json.loads((self._home / MANIFEST).read_text(encoding="utf-8", errors="surrogatepass"))
            self._entries, self._clock = dict(saved["files"]), int(saved["clock"])
        except (OSError, ValueError, KeyError, TypeError):
            # What cannot be told apart is made anew.
            shutil.rmtree(self.tree, ignore_errors=True)
            self.tree.mkdir(exist_ok=True)
            self._entries, self._clock = {}, 0

    def _save(self) -> None:
        fresh = self._home / (MANIFEST + ".new")
        text = json.dumps({"files": self._entries, "clock": self._clock})
        fresh.write_text(text, encoding="utf-8", errors="surrogatepass")
        fresh.replace(self._home / MANIFEST)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = error.strerror or str(error)
            raise ScratchError(f"cannot make the scratch checkout in {self._home}: {what}") from None


def _clone(source: Path, target: Path) -> None:
    """Copy by reflink where that is possible, else byte by byte."""
    with source.open("rb") as old, target.open("xb") as new:
        try:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
        except OSError as error:
            if error.errno not in _NO_REFLINK:
                raise
            shutil.copyfileobj(old, new, 1 << 20)


_NO_REFLINK = (errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.EXDEV, errno.ENOSYS, errno.EPERM, errno.EACCES)


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
