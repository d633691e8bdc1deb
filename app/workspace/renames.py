"""Renames that never overwrite unseen: swapping two names, and renaming only where there is nothing.

``renameat2`` of Linux (since 3.15) and ``renameatx_np`` of macOS do both in one step. They are called through the C
library, as Python has no name for them; where it or the file system lacks them, :exc:`Unsupported` tells the caller
to go the longer way.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable


class Unsupported(OSError):
    """Neither the C library nor the file system can do it in one step."""


_AT_ONCE: Callable[..., int] | None = None
if sys.platform == "darwin":
    _CALL, _NOREPLACE, _EXCHANGE = "renameatx_np", 0x4, 0x2
else:
    _CALL, _NOREPLACE, _EXCHANGE = "renameat2", 0x1, 0x2
try:
    _AT_ONCE = getattr(ctypes.CDLL(None, use_errno=True), _CALL, None)
except OSError:
    _AT_ONCE = None

_MISSING = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(source: str, source_fd: int, target: str, target_fd: int) -> None:
    """Swap two existing names in one step. Raises :exc:`Unsupported` or another :exc:`OSError` (``ENOENT`` ...)."""
    _rename(source, source_fd, target, target_fd, _EXCHANGE)


def rename_new(source: str, source_fd: int, target: str, target_fd: int) -> None:
    """Rename where ``target`` does not exist; :exc:`FileExistsError` where it does.

    Without the call, the file has both names for a moment.
    """
    try:
        _rename(source, source_fd, target, target_fd, _NOREPLACE)
    except Unsupported:
        os.link(source, target, src_dir_fd=source_fd, dst_dir_fd=target_fd, follow_symlinks=False)
        os.unlink(source, dir_fd=source_fd)


def _rename(source: str, source_fd: int, target: str, target_fd: int, flags: int) -> None:
    if _AT_ONCE is None:
        raise Unsupported(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result = _AT_ONCE(source_fd, os.fsencode(source), target_fd, os.fsencode(target), ctypes.c_uint(flags))
    if result == 0:
        return
    code = ctypes.get_errno()
    if code in _MISSING:
        raise Unsupported(code, os.strerror(code))
    raise OSError(code, os.strerror(code), source, None, target)
