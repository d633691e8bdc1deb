"""``spark-tui [PATH]`` and ``spark-tui resume``: the program on the terminal."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_tui.app.probe import Probe
    from spark_tui.app.settings import Settings
    from spark_tui.app.ui.app import SparkApp
    from spark_tui.app.ui.first_frame import FirstFrame
    from spark_tui.app.workspace.git import Repository

ESCAPE_DELAY_MS = "20"
"""How long a lone escape byte is held back for the rest of a key sequence; Textual's own default is felt."""

FRAMES_PER_SECOND = "1000"
"""How often Textual looks for what to draw. The frame clock says how often a stream is drawn; this only adds to the
time until a key shows."""

PROBE = "SPARK_TUI_PROBE"
"""The variable of the environment that asks for ``app/probe.py``, and names its file."""

THREAD_SLICE = 0.001
"""Seconds for which a thread may keep the interpreter to itself while the event loop waits for it, which one turn of
the loop may do a few times."""


def run(options: argparse.Namespace) -> int:
    """Open the program; returns its exit code."""
    from spark_tui.app.settings import SettingsError, load_settings

    if (mistake := _prepare("there is no terminal here; `spark-tui run PROMPT` works without one")) is not None:
        return mistake
    try:
        settings = load_settings(
            base_url=options.base_url, model=options.model, offline=options.offline, rate=options.rate
        )
    except SettingsError as error:
        return _refuse(str(error))
    return _behind_first_frame(settings, lambda first_frame: _open(options, settings, first_frame))


def replay(options: argparse.Namespace) -> int:
    """Play a recording; returns the exit code."""
    from spark_tui.app.settings import SettingsError, load_settings

    if (mistake := _prepare("there is no terminal here; a recording needs one to be played on")) is not None:
        return mistake
    try:
        settings = load_settings(offline=True)
    except SettingsError as error:
        return _refuse(str(error))
    return _behind_first_frame(settings, lambda first_frame: _replay(options, settings, first_frame))


class _RefusedError(Exception):
    """The program cannot be opened; ``str()`` is one line that says why."""


def _prepare(without_terminal: str) -> int | None:
    """Make ready for Textual's import; returns the exit code where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse(without_terminal)
    os.environ.setdefault("ESCDELAY", ESCAPE_DELAY_MS)
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
    sys.setswitchinterval(THREAD_SLICE)
    gc.disable()  # until the program is up: what is made until then stays, and looking for garbage in it takes time
    return None


def _behind_first_frame(settings: Settings, show: Callable[[FirstFrame], int]) -> int:
    """Import and open the program while the first frame stands; the terminal is left as it was found."""
    from spark_tui.app.theme_choice import starting_theme
    from spark_tui.app.ui.first_frame import FirstFrame

    first_frame = FirstFrame(sys.stdin.fileno(), sys.stdout.fileno(), starting_theme(settings))
    try:
        return show(first_frame)
    except _RefusedError as refused:
        first_frame.close()
        return _refuse(str(refused))
    finally:
        first_frame.close()


def _open(options: argparse.Namespace, settings: Settings, first_frame: FirstFrame) -> int:
    from spark_tui.app.pairing.store import SessionStore
    from spark_tui.app.workspace.git import Repository
    from spark_tui.app.workspace.git_errors import GitError
    from spark_tui.protocol.client.tape import Tape

    try:
        repository = Repository.discover(options.path)
    except GitError as error:
        raise _RefusedError(str(error)) from None
    if options.change is not None and (trouble := _unknown(repository, options.change)):
        raise _RefusedError(trouble)
    store: SessionStore | None = None
    unsaved = ""
    try:
        store = SessionStore.latest(repository.state_dir) if options.resume else None
        if store is None and options.resume:
            raise _RefusedError("there is no session to resume here; `spark-tui` begins one")
        store = store or SessionStore.create(repository.state_dir)
    except OSError as error:
        unsaved = f"this session is not saved: {error}"
    try:
        tape = Tape(options.record) if options.record is not None else None
    except OSError as error:
        raise _RefusedError(f"cannot record to {options.record}: {error.strerror}; name another file") from None
    from spark_tui.app.ui.app import SparkApp

    app = SparkApp(repository, settings, store, tape=tape, review=options.change, first_frame=first_frame)
    code = _show(app, repository, first_frame)
    if unsaved:
        first_frame.close()
        print(f"spark-tui: {unsaved}", file=sys.stderr)  # noqa: T201
    elif code == 0 and store is not None and store.folder.exists():  # an empty one leaves nothing behind
        first_frame.close()
        print("spark-tui: `spark-tui resume` goes on from here")  # noqa: T201
    return code


def _replay(options: argparse.Namespace, settings: Settings, first_frame: FirstFrame) -> int:
    from spark_tui.app.workspace.git import Repository
    from spark_tui.app.workspace.git_errors import GitError
    from spark_tui.protocol.client.recording import read_recording
    from spark_tui.protocol.client.replay import Replay
    from spark_tui.protocol.errors import ProtocolError

    try:
        repository = Repository.discover(options.path)
        recording = Replay(read_recording(options.file), speed=options.speed)
    except (GitError, ProtocolError) as error:
        raise _RefusedError(str(error)) from None
    from spark_tui.app.ui.app import SparkApp

    app = SparkApp(repository, settings, None, replay=recording, first_frame=first_frame)
    return _show(app, repository, first_frame)


def _show(app: SparkApp, repository: Repository, first_frame: FirstFrame) -> int:
    from spark_tui.app.ui import crash

    probe = _probe()
    try:
        if probe is None:
            app.run()
        else:
            probe.run(app.run_async)
    except Exception as error:  # whatever it is, the user gets a line and not a traceback
        first_frame.close()
        print(crash.report(error, repository.state_dir), file=sys.stderr)  # noqa: T201
        return 1
    return app.return_code or 0


def _probe() -> Probe | None:
    """What watches the event loop for the benchmark, where that is asked for."""
    path = os.environ.get(PROBE)
    if not path:
        return None
    from pathlib import Path

    from spark_tui.app.probe import Probe

    try:
        return Probe(Path(path))
    except OSError as error:
        raise _RefusedError(f"cannot write {path}: {error.strerror}; unset {PROBE}, or name another file") from None


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
