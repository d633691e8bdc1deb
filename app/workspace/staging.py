"""Making a file's successor: its bytes and what else belongs to it, on the disk for good before anyone sees it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass

from spark_tui.app.workspace.transaction import Fingerprint

_NEW_FILE_MODE = 0o666
"""For a file that had no predecessor; the umask takes its part."""

_KEPT_ATTRIBUTES = ("user.", "system.posix_acl_access", "security.selinux")
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a new file takes over. ``None`` leaves it to the system; ``attributes`` are extended ones."""

    mode: int | None = None
    owner: int | None = None
    group: int | None = None
    attributes: tuple[tuple[str, bytes], ...] = ()


def metadata_of(directory: int, name: str) -> Metadata:
    """What a file's successor takes over from the regular file ``name``."""
    descriptor = os.open(name, _READ, dir_fd=directory)
    try:
        status = os.fstat(descriptor)
        return Metadata(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _attributes(descriptor))
    finally:
        os.close(descriptor)


def stage(directory: int, name: str, data: bytes, metadata: Metadata) -> None:
    """Write ``data`` to the new file ``name`` and wait until the disk has it.

    Owner and extended attributes are taken over as far as the system permits. Raises :exc:`OSError`; the file may
    then be there in part.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, _NEW_FILE_MODE if metadata.mode is None else 0o600, dir_fd=directory)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        _take_over(descriptor, metadata)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fingerprint(directory: int, name: str) -> Fingerprint | None:
    """What ``name`` stands for now; ``None`` for nothing. Any kind of file will do; never waits for anyone."""
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except FileNotFoundError:
        return None
    except PermissionError:
        return "unreadable:"
    except OSError as error:
        if error.errno == errno.ELOOP:
            target = os.readlink(name, dir_fd=directory)
            return "link:" + hashlib.sha256(os.fsencode(target)).hexdigest()
        if error.errno == errno.ENXIO:
            return "other:"
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return "other:"
        hashed = hashlib.sha256()
        while piece := os.read(descriptor, _PIECE):
            hashed.update(piece)
        return hashed.hexdigest()
    finally:
        os.close(descriptor)


def flush_directory(directory: int) -> None:
    """Wait until the disk has the names in ``directory``; some file systems cannot say, and are believed."""
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _take_over(descriptor: int, metadata: Metadata) -> None:
    mode = metadata.mode
    if metadata.owner is not None or metadata.group is not None:
        status = os.fstat(descriptor)
        owner = status.st_uid if metadata.owner is None else metadata.owner
        group = status.st_gid if metadata.group is None else metadata.group
        if (owner, group) != (status.st_uid, status.st_gid):
            try:
                os.fchown(descriptor, owner, group)
            except PermissionError:
                # Set-user-ID with another owner than before would be a new right for someone.
                mode = None if mode is None else mode & 0o777
    for attribute, value in metadata.attributes:
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, attribute, value)
    if mode is not None:
        os.fchmod(descriptor, mode)


def _attributes(descriptor: int) -> tuple[tuple[str, bytes], ...]:
    if not hasattr(os, "listxattr"):
        return ()
    kept: list[tuple[str, bytes]] = []
    with contextlib.suppress(OSError):
        for attribute in os.listxattr(descriptor):
            if attribute.startswith(_KEPT_ATTRIBUTES):
                kept.append((attribute, os.getxattr(descriptor, attribute)))
    return tuple(kept)
