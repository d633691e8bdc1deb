"""``spark-tui [PATH]`` and ``spark-tui resume``: the program on the terminal."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_tui.app.settings import Settings
    from spark_tui.app.ui.first_frame import FirstFrame

ESCAPE_DELAY_MS = "20"
"""How long a lone escape byte is held back for the rest of a key sequence; Textual's own default is felt."""

FRAMES_PER_SECOND = "500"
"""How often Textual looks for what to draw. The frame clock says how often a stream is drawn; this only adds to the
time until a key shows."""


def run(options: argparse.Namespace) -> int:
    """Open the program; returns its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse("there is no terminal here; `spark-tui run PROMPT` works without one")
    os.environ.setdefault("ESCDELAY", ESCAPE_DELAY_MS)
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
    gc.disable()  # until the program is up: what is made until then stays, and looking for garbage in it takes time
    from spark_tui.app.settings import SettingsError, load_settings

    try:
        settings = load_settings(
            base_url=options.base_url, model=options.model, offline=options.offline, rate=options.rate
        )
    except SettingsError as error:
        return _refuse(str(error))
    from spark_tui.app.ui.first_frame import FirstFrame

    first_frame = FirstFrame(sys.stdin.fileno(), sys.stdout.fileno(), settings.theme)
    try:
        return _open(options, settings, first_frame)
    except _RefusedError as refused:
        first_frame.close()
        return _refuse(str(refused))
    finally:
        first_frame.close()


class _RefusedError(Exception):
    """The program cannot be opened; ``str()`` is one line that says why."""


def _open(options: argparse.Namespace, settings: Settings, first_frame: FirstFrame) -> int:
    from spark_tui.app.pairing.store import SessionStore
    from spark_tui.app.workspace.git import Repository
    from spark_tui.app.workspace.git_errors import GitError

    try:
        repository = Repository.discover(options.path)
    except GitError as error:
        raise _RefusedError(str(error)) from None
    store: SessionStore | None = None
    unsaved = ""
    try:
        store = SessionStore.latest(repository.state_dir) if options.resume else None
        if store is None and options.resume:
            raise _RefusedError("there is no session to resume here; `spark-tui` begins one")
        store = store or SessionStore.create(repository.state_dir)
    except OSError as error:
        unsaved = f"this session is not saved: {error}"
    from spark_tui.app.ui import crash
    from spark_tui.app.ui.app import SparkApp

    app = SparkApp(repository, settings, store, first_frame)
    try:
        app.run()
    except Exception as error:  # whatever it is, the user gets a line and not a traceback
        first_frame.close()
        print(crash.report(error, repository.state_dir), file=sys.stderr)  # noqa: T201
        return 1
    if unsaved:
        first_frame.close()
        print(f"spark-tui: {unsaved}", file=sys.stderr)  # noqa: T201
    return app.return_code or 0


def _refuse(line: str) -> int:
    print(f"spark-tui: {line}", file=sys.stderr)  # noqa: T201
    return 2
