"""The journal: the directory that holds a transaction while it is being made, and says so after a crash.

::

    journal/draft     a record that is being written
    journal/beside    names of slots that lie in the tree, since the journal is on another file system
    journal/commit    the manifest: from the moment it has this name the transaction goes forward
    journal/abort     the same file, once the transaction is being taken back
    journal/N.new     a staged file, or after the swap the file that it displaced
    journal/N.old     a displaced file where it was not swapped

Without a manifest, whatever lies here is to be forgotten.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from spark_tui.app.workspace.beneath import OpenTree
from spark_tui.app.workspace.errors import WriteFailed
from spark_tui.app.workspace.staging import Metadata, flush_directory, stage
from spark_tui.app.workspace.transaction import Manifest, Operation, check_manifest, check_slot

_DRAFT, _BESIDE, _COMMIT, _ABORT = "draft", "beside", "commit", "abort"
_KEPT_NAME = 80

Slot = tuple[tuple[str, ...], str]
"""A slot in the tree: its directory's names and its own."""


class Journal:
    """The journal of one work tree, opened by whoever holds its lock. Use as a context manager.

    All methods raise :exc:`OSError` where the system refuses.
    """

    def __init__(self, state_dir: Path) -> None:
        self._kept = state_dir / "kept"
        path = journal_path(state_dir)
        path.mkdir(mode=0o700, exist_ok=True)
        self.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)

    def slot_directory(self, operation: Operation, tree: OpenTree) -> int:
        """The descriptor of the directory that holds the slots of ``operation``."""
        return self.descriptor if operation.slot_directory is None else tree.directory(operation.slot_directory)

    def note_beside(self, slots: Iterable[Slot]) -> None:
        """Record slots in the tree before they are made, so that a crash leaves none of them there."""
        self._put(_BESIDE, msgspec.json.encode(list(slots)))

    def commit(self, manifest: Manifest) -> None:
        """The commit point: when this returns, the transaction will be finished whatever happens."""
        self._put(_COMMIT, msgspec.json.encode(manifest))

    def abort(self) -> None:
        """Record that the transaction goes back, before its first step back."""
        with contextlib.suppress(FileNotFoundError):
            os.rename(_COMMIT, _ABORT, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
            flush_directory(self.descriptor)

    def manifest(self) -> tuple[Manifest, bool] | None:
        """The recorded transaction and whether it is being taken back; ``None`` when there is none.

        Raises :exc:`WriteFailed` for a record that this version cannot read.
        """
        for name in (_ABORT, _COMMIT):
            data = self._get(name)
            if data is None:
                continue
            try:
                manifest = msgspec.json.decode(data, type=Manifest)
                check_manifest(manifest)
            except (msgspec.MsgspecError, ValueError) as error:
                raise _unreadable(name) from error
            return manifest, name == _ABORT
        return None

    def close_transaction(self) -> None:
        """Drop the manifest: the transaction is over and its slots mean nothing any more."""
        for name in (_COMMIT, _ABORT):
            self._remove(name)

    def clear(self, tree: OpenTree) -> None:
        """Remove all slots; only without a manifest."""
        for directory, name in self._beside():
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(name, dir_fd=tree.directory(directory))
        # What lies beside stays recorded until it is gone.
        with os.scandir(self.descriptor) as entries:
            names = [entry.name for entry in entries if entry.name != _BESIDE]
        for name in (*names, _BESIDE):
            self._remove(name)

    def keep(self, operation: Operation, tree: OpenTree, slot: str) -> str:
        """Move an edit out of a slot to where the user finds it; returns the path of the copy."""
        self._kept.mkdir(mode=0o700, exist_ok=True)
        directory = self.slot_directory(operation, tree)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        copy = self._kept / f"{stamp}-{time.monotonic_ns()}-{operation.name[:_KEPT_NAME]}"
        if operation.slot_directory is None:
            os.rename(slot, copy, src_dir_fd=directory)
        else:
            descriptor = os.open(slot, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
            with os.fdopen(descriptor, "rb") as file:
                copy.write_bytes(file.read())
        return str(copy)

    def _put(self, name: str, data: bytes) -> None:
        self._remove(_DRAFT)
        stage(self.descriptor, _DRAFT, data, Metadata(mode=0o600))
        os.rename(_DRAFT, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        flush_directory(self.descriptor)

    def _get(self, name: str) -> bytes | None:
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def _beside(self) -> list[Slot]:
        data = self._get(_BESIDE)
        if data is None:
            return []
        try:
            slots = msgspec.json.decode(data, type=list[Slot])
            for directory, name in slots:
                check_slot(directory, name)
        except (msgspec.MsgspecError, ValueError) as error:
            raise _unreadable(_BESIDE) from error
        return slots

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.descriptor)


def journal_path(state_dir: Path) -> Path:
    """Where the journal of a state directory lies."""
    return state_dir / "journal"


def _unreadable(name: str) -> WriteFailed:
    return WriteFailed(
        f"the journal's record '{name}' cannot be read: nothing was written; "
        "move the folder 'spark-tui/journal' in the git directory aside to start anew"
    )
