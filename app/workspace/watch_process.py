"""The process that watches: ``python -m spark_tui.app.workspace.watch_process ROOT GIT_DIR...``.

watchfiles walks the whole tree before it answers, and holds the interpreter's lock all the while, 0.7 s for 22,000
folders: here the lock is nobody else's. What happens goes to the standard output, as :mod:`watch_records` has it. The
process ends when its standard input closes, so that it cannot outlive the program, however that ends, and imports
little, since its memory counts as the program's.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Event, Thread

from spark_tui.app.workspace.sorting import Sorter
from spark_tui.app.workspace.watch_records import Change, batch, began, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Watch(Protocol):
        """The part of watchfiles' ``RustNotify`` that is used."""

        def watch(
            self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Event | None
        ) -> set[tuple[int, str]] | str:
            """What changed, by the numbers of watchfiles' ``Change``; a word when it ends."""

        def close(self) -> None:
            """Watch nothing more."""


QUIET_MS = 40
"""Milliseconds without a change after which what was seen is told; an editor saves in several writes."""

LONGEST_MS = 100
"""Milliseconds after which it is told although changes go on."""

SHORTEST_PAUSE = 1.0
"""Least seconds before watching begins anew, after something that could not be told."""

_CHANGES = {1: Change.ADDED, 2: Change.MODIFIED, 3: Change.DELETED}


def main(arguments: Sequence[str]) -> int:
    """Watch a work tree and its git directories until the standard input closes."""
    root, *git_dirs = arguments
    stop = Event()
    Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    watch_folders(load_watchfiles(), root, git_dirs, stop, _write)
    return 0


def watch_folders(
    begin: Callable[[list[str], bool], Watch],
    root: str,
    git_dirs: Sequence[str],
    stop: Event,
    write: Callable[[bytes], None],
) -> None:
    """Write what happens until ``stop``, or until nobody reads it; ``begin`` watches folders and all that is in them,
    and passes over closed ones if told so."""
    sorter = Sorter(root, git_dirs)
    folders = outermost([root, *git_dirs])
    while not stop.is_set():
        started = time.monotonic()
        try:
            try:
                watch = begin(folders, False)
            except PermissionError:
                # Only now, since a reached limit goes unnoticed when closed folders are passed over.
                watch = begin(folders, True)
        except (OSError, RuntimeError, UnicodeError) as error:
            write(refused(str(error)))
            return
        # To begin may take a twentieth of the time, however large the tree is.
        pause = max(SHORTEST_PAUSE, 20 * (time.monotonic() - started))
        try:
            write(began())
            _tell(watch, sorter, stop, write)
            return
        except BrokenPipeError:
            return
        except RuntimeError:
            # Once watchfiles met a name that is not UTF-8, it tells of nothing more.
            stop.wait(pause)
        finally:
            watch.close()


def outermost(folders: Sequence[str]) -> list[str]:
    """``folders`` without those that lie in another, or are named twice."""
    return sorted(
        {folder for folder in folders if not any(folder.startswith(f"{other}{os.sep}") for other in folders)}
    )


def load_watchfiles() -> Callable[[list[str], bool], Watch]:
    """watchfiles' core alone: the package around it imports asyncio, for half as much memory again."""
    package = find_spec("watchfiles")
    places = None if package is None else package.submodule_search_locations
    core = None if places is None else PathFinder.find_spec("watchfiles._rust_notify", places)
    if core is None or core.loader is None:
        raise ModuleNotFoundError("watchfiles is not installed")
    module = module_from_spec(core)
    core.loader.exec_module(module)

    def begin(folders: list[str], pass_over_closed: bool) -> Watch:
        watch: Watch = module.RustNotify(
            folders,
            debug=False,
            force_polling=False,
            poll_delay_ms=0,
            recursive=True,
            ignore_permission_denied=pass_over_closed,
        )
        return watch

    return begin


def _tell(watch: Watch, sorter: Sorter, stop: Event, write: Callable[[bytes], None]) -> None:
    while not isinstance(changes := watch.watch(LONGEST_MS, QUIET_MS, 0, stop), str):
        if told := [(change, path) for change, path in _resolved(changes) if sorter.sort(path) is not None]:
            write(batch(told))


def _resolved(changes: set[tuple[int, str]]) -> Iterator[tuple[Change, str]]:
    """``changes`` by their real folders: watchfiles follows links, and knows a folder by its last name only."""
    real: dict[str, str] = {}
    for change, path in changes:
        folder, _, name = path.rpartition(os.sep)
        if folder not in real:
            real[folder] = os.path.realpath(folder)
        yield _CHANGES[change], f"{real[folder]}{os.sep}{name}"


def _wait_for_end(stop: Event) -> None:
    while os.read(0, 1024):
        pass
    stop.set()


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
