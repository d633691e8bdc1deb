"""Starting git: every git process of the program is started here, and blocks the calling thread until it ends.

Call from a worker thread (``asyncio.to_thread``), never on the event loop.

A process is started for one of two purposes. A **look** (status, diff, search) must not run anything that the
repository asks for: its file system monitor, hooks, pager, external diffs, signature checks, transports for missing
objects, all of which ``.git/config`` can name. An **act** (a commit that the user asked for) runs what
``git`` would run from the user's own shell.

The settings are given by ``GIT_CONFIG_COUNT`` (git 2.31 and later; ``git help config``, "ENVIRONMENT"), since its
keys may hold any byte, which ``-c key=value`` cannot, and since it reaches the children of git.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

from spark_tui.app.workspace.git_errors import GitFailed, GitTimeout, GitUnavailable

LOOK_CONFIG: tuple[tuple[str, str], ...] = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.bigFileThreshold", "8m"),
    ("color.ui", "false"),
    ("log.showSignature", "false"),
    ("diff.suppressBlankEmpty", "false"),
    ("diff.submodule", "short"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
)
"""What a look overrides, whatever the repository, the user or the system have configured."""

_KEPT_BY_LOOKS = ("GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")

_REPOSITORY_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GLOB_PATHSPECS",
        "GIT_GRAFT_FILE",
        "GIT_ICASE_PATHSPECS",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""Inherited when started from a hook or an alias; they would point git at another repository or index."""

_POLL = 0.1
"""Seconds between looks at the clock while a process is silent."""

_LINGER = 0.3
"""Seconds that output is still waited for after git has ended; a hook's daemon may hold the pipe for ever."""


class Purpose(Enum):
    """Why git is started, which decides what it may run in turn."""

    LOOK = "look"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class GitOutput:
    """What a process wrote on stdout. ``truncated``: it was stopped at the limit that was given."""

    stdout: bytes
    status: int
    truncated: bool = False


def git_environment(
    purpose: Purpose, *, config: Iterable[tuple[str, str]] = (), index_file: Path | None = None
) -> dict[str, str]:
    """The whole environment for a git process; ``config`` is put over what is configured, for looks and acts."""
    inherited = os.environ
    if purpose is Purpose.LOOK:
        environment = {
            name: value
            for name, value in inherited.items()
            if not name.startswith("GIT_") or name.startswith(_KEPT_BY_LOOKS)
        }
        # It outranks GIT_CONFIG_COUNT, so a look must not inherit it.
        environment.pop("GIT_CONFIG_PARAMETERS", None)
        environment.pop("LANGUAGE", None)
        environment |= {
            "LC_ALL": "C.UTF-8",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_PAGER": "cat",
        }
        config = (*LOOK_CONFIG, *config)
    else:
        environment = {name: value for name, value in inherited.items() if name not in _REPOSITORY_VARIABLES}
        # There is no terminal to edit in: it is the program's.
        environment["GIT_EDITOR"] = ":"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    if index_file is not None:
        environment["GIT_INDEX_FILE"] = str(index_file)
    _append_config(environment, config)
    return environment


def _append_config(environment: dict[str, str], config: Iterable[tuple[str, str]]) -> None:
    count = environment.get("GIT_CONFIG_COUNT", "")
    number = int(count) if count.isdecimal() else 0
    for key, value in config:
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
        number += 1
    environment["GIT_CONFIG_COUNT"] = str(number)


def run_git(
    folder: Path,
    arguments: Sequence[str],
    *,
    purpose: Purpose = Purpose.LOOK,
    config: Iterable[tuple[str, str]] = (),
    index_file: Path | None = None,
    stdin: bytes | None = None,
    accept: Sequence[int] = (0,),
    timeout: float = 60.0,
    limit: int | None = None,
    on_output: Callable[[bytes], object] | None = None,
) -> GitOutput:
    """Run ``git`` in ``folder`` and return its stdout, or give it to ``on_output`` in pieces as it comes.

    ``timeout`` is in seconds. ``limit`` is in bytes: what comes after is not read and git is stopped. Raises
    :exc:`GitFailed` when it ends with a status that is not in ``accept``, :exc:`GitTimeout`, :exc:`GitUnavailable`.
    """
    environment = git_environment(purpose, config=config, index_file=index_file)
    # Files for stdin and stderr leave one pipe to attend to, so none can fill up and block.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as complaints:
        if stdin:
            given.write(stdin)
            given.seek(0)
        with _started(folder, arguments, environment, stdin=given, stderr=complaints) as process:
            chunks: list[bytes] = []
            keep = on_output or chunks.append
            size = 0
            deadline = time.monotonic() + timeout
            try:
                for chunk in _output(process):
                    keep(chunk)
                    size += len(chunk)
                    if limit is not None and size > limit:
                        return GitOutput(b"".join(chunks)[:limit], 0, truncated=True)
                    if time.monotonic() > deadline:
                        raise GitTimeout(f"git {arguments[0]} did not end within {timeout:g} s and was stopped")
            finally:
                status = _end(process)
        if status not in accept:
            complaints.seek(0)
            output = complaints.read(1 << 20).decode("utf-8", "replace")
            raise GitFailed(_first_complaint(output, arguments[0], status), status=status, output=output)
        return GitOutput(b"".join(chunks), status)


def stream_git(
    folder: Path,
    arguments: Sequence[str],
    *,
    on_output: Callable[[str], None],
    index_file: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Run ``git`` as an act of the user and return its exit status, negative where a signal ended it.

    ``on_output`` is called in this thread with each line of stdout and stderr, in order, without its line break and
    not made safe. There is no time limit, since hooks may run whole test suites; ``stopped`` is asked ten times a
    second, and git and its hooks are ended once it says yes.
    """
    environment = git_environment(Purpose.ACT, index_file=index_file)
    with _started(folder, arguments, environment, stdin=None, stderr=None) as process:
        pending = b""
        try:
            for chunk in _output(process):
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    on_output(line.removesuffix(b"\r").decode("utf-8", "replace"))
                if stopped():
                    break
        finally:
            status = _end(process)
        if pending:
            on_output(pending.decode("utf-8", "replace"))
        return status


def _started(
    folder: Path,
    arguments: Sequence[str],
    environment: dict[str, str],
    *,
    stdin: IO[bytes] | None,
    stderr: IO[bytes] | None,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["git", "--no-pager", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if stderr is None else stderr,
            # A group of its own can be ended with all its children, and cannot write on the program's terminal.
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise GitUnavailable(f"{folder} is gone; start again in a folder that exists") from error
        raise GitUnavailable("git is not installed, or not on PATH; install git 2.31 or later") from error
    except OSError as error:
        raise GitUnavailable(f"git cannot be started: {error.strerror}") from error


def _output(process: subprocess.Popen[bytes]) -> Iterable[bytes]:
    """Yield what the process writes; an empty chunk whenever it was silent for a while."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    ended_at: float | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if selector.select(_POLL):
                chunk = os.read(descriptor, 1 << 16)
                if not chunk:
                    return
                yield chunk
                continue
            if process.poll() is not None:
                ended_at = ended_at or time.monotonic()
                if time.monotonic() - ended_at > _LINGER:
                    return
            yield b""


def _end(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process whose output has been read; stop it and its group when it does not end by itself."""
    with suppress(subprocess.TimeoutExpired):
        # It closed its output, so it is about to end; a stopped one gets the short time only.
        return process.wait(_LINGER)
    for stop in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, stop)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(2.0)
    return process.wait()


def _first_complaint(output: str, command: str, status: int) -> str:
    """The line of ``output`` that says most: the first fatal one, else the first error, else the first at all."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    return lines[0] if lines else f"git {command} ended with status {status}"
