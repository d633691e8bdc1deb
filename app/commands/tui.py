"""``spark-tui [PATH]`` and ``spark-tui resume``: the program on the terminal."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_tui.app.ui.app import SparkApp
    from spark_tui.app.workspace.git import Repository

ESCAPE_DELAY_MS = "25"
"""How long a lone escape byte is held back for the rest of a key sequence; Textual's own default is felt."""


def run(options: argparse.Namespace) -> int:
    """Open the program; returns its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse("there is no terminal here; `spark-tui run PROMPT` works without one")
    os.environ.setdefault("ESCDELAY", ESCAPE_DELAY_MS)
    from spark_tui.app.pairing.store import SessionStore
    from spark_tui.app.settings import SettingsError, load_settings
    from spark_tui.app.workspace.git import Repository
    from spark_tui.app.workspace.git_errors import GitError
    from spark_tui.protocol.client.tape import Tape

    try:
        settings = load_settings(
            base_url=options.base_url, model=options.model, offline=options.offline, rate=options.rate
        )
        repository = Repository.discover(options.path)
    except (SettingsError, GitError) as error:
        return _refuse(str(error))
    if options.change is not None and (trouble := _unknown(repository, options.change)):
        return _refuse(trouble)
    store: SessionStore | None = None
    try:
        store = SessionStore.latest(repository.state_dir) if options.resume else None
        if store is None and options.resume:
            return _refuse("there is no session to resume here; `spark-tui` begins one")
        store = store or SessionStore.create(repository.state_dir)
    except OSError as error:
        print(f"spark-tui: this session is not saved: {error}", file=sys.stderr)  # noqa: T201
    try:
        tape = Tape(options.record) if options.record is not None else None
    except OSError as error:
        return _refuse(f"cannot record to {options.record}: {error.strerror}; name another file")
    from spark_tui.app.ui.app import SparkApp

    return _show(SparkApp(repository, settings, store, tape=tape, review=options.change), repository)


def replay(options: argparse.Namespace) -> int:
    """Play a recording; returns the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse("there is no terminal here; a recording needs one to be played on")
    os.environ.setdefault("ESCDELAY", ESCAPE_DELAY_MS)
    from spark_tui.app.settings import SettingsError, load_settings
    from spark_tui.app.workspace.git import Repository
    from spark_tui.app.workspace.git_errors import GitError
    from spark_tui.protocol.client.recording import read_recording
    from spark_tui.protocol.client.replay import Replay
    from spark_tui.protocol.errors import ProtocolError

    try:
        settings = load_settings(offline=True)
        repository = Repository.discover(options.path)
        recording = Replay(read_recording(options.file), speed=options.speed)
    except (SettingsError, GitError, ProtocolError) as error:
        return _refuse(str(error))
    from spark_tui.app.ui.app import SparkApp

    return _show(SparkApp(repository, settings, None, replay=recording), repository)


def _show(app: SparkApp, repository: Repository) -> int:
    from spark_tui.app.ui import crash

    try:
        app.run()
    except Exception as error:  # whatever it is, the user gets a line and not a traceback
        print(crash.report(error, repository.state_dir), file=sys.stderr)  # noqa: T201
        return 1
    return app.return_code or 0


def _unknown(repository: Repository, change: str) -> str:
    """Why ``change`` cannot be reviewed; empty if it can."""
    from spark_tui.app.commits.comparison import comparison
    from spark_tui.app.workspace.git_errors import GitError

    try:
        comparison(repository, change)
    except GitError as error:
        return str(error)
    return ""


def _refuse(line: str) -> int:
    print(f"spark-tui: {line}", file=sys.stderr)  # noqa: T201
    return 2
