"""``spark-tui undo`` and ``spark-tui redo``: what was accepted in any session, taken back or done again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from spark_tui.app.changes.hunk import Hunk
from spark_tui.app.checkpoints.ledger import Accept, Ledger
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.checkpoints.undoing import Done, NothingLeft, Undoing, UndoRefused
from spark_tui.app.workspace.errors import WorkspaceError
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.writer import Writer
from spark_tui.widgets.safe_text import safe_line

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
"""Exit codes; the last where someone's edit stands in the way: nothing was written."""

SHOWN_LINES = 20
"""Lines of each side of a conflict that are shown."""


class _Unknown(Exception):
    """What was named on the command line does not exist."""


def add_undo_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``undo``."""
    parser.add_argument("which", nargs="?", metavar="N", help="the accept (2), or one of its hunks (2.1)")
    parser.add_argument("--list", action="store_true", dest="listing", help="show what was accepted, newest first")
    wide = parser.add_mutually_exclusive_group()
    wide.add_argument("--turn", action="store_true", help="all that was accepted of the same turn")
    wide.add_argument("--session", action="store_true", help="all that was accepted in the same session")
    parser.add_argument("-C", dest="directory", type=Path, default=Path(), metavar="DIR", help="the work tree (.)")


def add_redo_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``redo``."""
    parser.add_argument("which", nargs="?", metavar="N", help="the accept (2), or one of its hunks (2.1)")
    parser.add_argument("-C", dest="directory", type=Path, default=Path(), metavar="DIR", help="the work tree (.)")


def undo(options: argparse.Namespace) -> int:
    """Take back what the options say, or list it; returns the exit code."""
    return _guarded(options.directory, lambda undoing: _undo(undoing, options))


def redo(options: argparse.Namespace) -> int:
    """Do again what the options say; returns the exit code."""
    return _guarded(options.directory, lambda undoing: _redo(undoing, options.which))


def make_undoing(repository: Repository) -> Undoing:
    """Undo and redo on the work tree of ``repository``."""
    return Undoing(
        CheckpointStore(repository),
        Writer(repository.root, repository.state_dir),
        lambda path: read_snapshot(repository.root, path),
        git_line_diff,
    )


def _guarded(directory: Path, work: Callable[[Undoing], int]) -> int:
    try:
        return work(make_undoing(Repository.discover(directory)))
    except _Unknown as error:
        return _complain(str(error), USAGE)
    except NothingLeft as error:
        return _complain(str(error), FAILED)
    except UndoRefused as refused:
        for hunk, reason in refused.hunks:
            _complain(f"{hunk.path}:{hunk.start + 1}: {reason}", REFUSED)
            _show_conflict(hunk)
        return _complain("nothing was written; undo other hunks one by one (N.K), or edit these lines", REFUSED)
    except (GitError, WorkspaceError) as error:
        return _complain(str(error), FAILED)


def _undo(undoing: Undoing, options: argparse.Namespace) -> int:
    ledger = undoing.ledger()
    if options.listing:
        for accept in reversed(ledger.accepts):
            _print_accept(accept)
        return DONE
    if options.which is None and not (options.turn or options.session):
        return _report("undone", undoing.undo_last())
    keys = _chosen(ledger, options)
    if not keys:
        raise NothingLeft("nothing to undo: it is taken back already")
    return _report("undone", undoing.undo(keys))


def _chosen(ledger: Ledger, options: argparse.Namespace) -> tuple[str, ...]:
    if options.which is not None:
        accept, hunks = _named(ledger, options.which)
    else:
        standing = ledger.standing()
        if not standing:
            return ()
        accept, hunks = standing[0], standing[0].applied
    if options.turn:
        return ledger.of_turn(accept)
    if options.session:
        return tuple(key for other in ledger.of_session(accept) for key in other.applied)
    return tuple(key for key in hunks if key in accept.applied)


def _redo(undoing: Undoing, which: str | None) -> int:
    ledger = undoing.ledger()
    if which is None:
        keys = ledger.last_undone()
    else:
        accept, hunks = _named(ledger, which)
        keys = tuple(key for key in hunks if key not in accept.applied)
    if not keys:
        raise NothingLeft("nothing to redo")
    return _report("redone", undoing.redo(keys))


def _named(ledger: Ledger, which: str) -> tuple[Accept, tuple[str, ...]]:
    """The accept that ``N`` or ``N.K`` names, and its hunks that are meant."""
    number, dot, hunk = which.partition(".")
    accept = ledger.accept(int(number)) if number.isdecimal() else None
    if accept is None:
        raise _Unknown(f"there is no accept {safe_line(which)}; see: spark-tui undo --list")
    keys = accept.step.keys
    if not dot:
        return accept, keys
    if not hunk.isdecimal() or not 1 <= int(hunk) <= len(keys):
        raise _Unknown(f"accept {number} has {_count(len(keys), 'hunk')}, 1 to {len(keys)}")
    return accept, (keys[int(hunk) - 1],)


def _print_accept(accept: Accept) -> None:
    size, left = len(accept.step.keys), len(accept.applied)
    state = "" if left == size else "  undone" if not left else f"  {size - left} undone"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(accept.step.time))
    files = ", ".join(safe_line(path) for path in accept.step.paths[:3])
    if len(accept.step.paths) > 3:
        files += f" and {len(accept.step.paths) - 3} more"
    request = safe_line(accept.step.request.partition("\n")[0])
    what = f"turn {accept.turn}  {_count(size, 'hunk')}{state}"
    print(f"{accept.number:>4}  {when}  {what}  {files}  {request}".rstrip())  # noqa: T201


def _report(what: str, done: Done) -> int:
    print(f"{what}: {_count(len(done.keys), 'hunk')} in {_count(len(done.paths), 'file')}")  # noqa: T201
    for path, letter in done.letters.items():
        print(f"{letter} {safe_line(path)}")  # noqa: T201
    return DONE


def _show_conflict(hunk: Hunk) -> None:
    conflict = hunk.conflict
    if conflict is None:
        return
    for mark, name, lines in (
        ("<<<<<<<", "now in the file", conflict.theirs),
        ("|||||||", "as it was left", conflict.base),
        ("=======", "", conflict.ours),
    ):
        _err(f"{mark} {name}".rstrip())
        _show(lines)
    _err(">>>>>>> as it would become")


def _show(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN_LINES]:
        _err(safe_line(line.rstrip("\r\n")))
    if len(lines) > SHOWN_LINES:
        _err(f"... {len(lines) - SHOWN_LINES} more lines")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _complain(line: str, code: int) -> int:
    _err(f"spark-tui: {safe_line(line)}")
    return code


def _err(line: str) -> None:
    sys.stderr.write(line + "\n")
