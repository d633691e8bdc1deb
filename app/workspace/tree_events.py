"""What happens in whole trees, as watchfiles tells it: for systems that watch a tree as cheaply as a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.system_events import LONGEST_MS, QUIET_MS, Change

_CHANGES = {
    watchfiles.Change.added: Change.ADDED,
    watchfiles.Change.modified: Change.MODIFIED,
    watchfiles.Change.deleted: Change.DELETED,
}


def events(repository: Repository, stop: threading.Event) -> Iterator[set[tuple[Change, str]]]:
    """See :func:`~spark_tui.app.workspace.system_events.system_events`."""
    folders = {repository.root}
    folders |= {
        folder for folder in (repository.git_dir, repository.common_dir) if repository.root not in folder.parents
    }
    try:
        yield from _watch(folders, stop, pass_over_closed=False)
    except PermissionError:
        # Only now, since a reached limit goes unnoticed when closed folders are passed over.
        yield from _watch(folders, stop, pass_over_closed=True)


def _watch(folders: set[Path], stop: threading.Event, *, pass_over_closed: bool) -> Iterator[set[tuple[Change, str]]]:
    for changes in watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=LONGEST_MS,
        step=QUIET_MS,
        stop_event=stop,
        rust_timeout=LONGEST_MS,
        yield_on_timeout=True,
        force_polling=False,
        ignore_permission_denied=pass_over_closed,
    ):
        yield {(_CHANGES[change], name) for change, name in changes}
