"""The commands of a session: those that the user runs, and those that the model may only propose.

One runs at a time. Its output goes into the transcript as it comes, and the end of it is kept for the model, who is
told when the user asks for it, or when the model itself had proposed the command.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.app.running.process import CommandError, Process
from spark_tui.app.running.scratch import Scratch, ScratchError

SHOWN_LIMIT = 200_000
"""Characters of one command's output that the transcript takes; then only the end is kept."""

TAIL = 6_000
"""Characters at the end of a command's output that the model is told."""

COMMAND_LIMIT = 500
"""Characters of a command that the model may propose: it has to be read before it is run."""

Contents = Mapping[str, bytes | None]


@dataclass(slots=True)
class Run:
    """A command that runs or ran; ``code`` is its exit code, ``None`` before its end. ``where`` is for people.

    ``began`` once it is a process: before that its files are copied.
    """

    command: str
    where: str
    key: str
    began: bool = False
    code: int | None = None
    seconds: float = 0.0
    stopped: bool = False
    tail: str = ""
    shown: int = 0

    @property
    def outcome(self) -> str:
        """How it ended, in a few words."""
        if self.code is None:
            return "not run" if self.stopped else "running" if self.began else "copying the files"
        word = "stopped" if self.stopped else f"exit {self.code}" if self.code >= 0 else f"signal {-self.code}"
        return f"{word} · {self.seconds:.1f} s"

    @property
    def report(self) -> str:
        """What the model is told."""
        end = "stopped by the user" if self.stopped else f"exit code {self.code}"
        cut = "(the end of it) " if self.shown > len(self.tail) else ""
        return f"`{self.command}` in {self.where}: {end}\n{cut}{self.tail.strip() or '(no output)'}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A command that the model would like to be run, and why."""

    command: str
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tests' result on the change: which contents it holds for, by path."""

    passed: bool
    contents: Mapping[str, str] = field(default_factory=dict)

    def holds_for(self, path: str, data: bytes | None) -> bool:
        """Whether ``data`` at ``path`` is what was tested."""
        return self.contents.get(path) == _digest(data)


class CommandDesk:
    """Runs commands at ``root``, and tests of a pending change in ``scratch``.

    ``pending`` gives what the change makes of each file, ``list_files`` the files of the work tree (it may block).
    ``tell`` hands a note to the model with the next input, ``notify`` a line to the user.
    """

    def __init__(
        self,
        root: Path,
        scratch: Scratch,
        transcript: Transcript,
        *,
        pending: Callable[[], Contents],
        list_files: Callable[[], Sequence[str]],
        tell: Callable[[str], None],
        notify: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        self.running: Run | None = None
        self.last: Run | None = None
        self.verdict: Verdict | None = None
        self.proposals: deque[Proposal] = deque()
        self.version = 0
        self._root = root
        self._scratch = scratch
        self._transcript = transcript
        self._pending = pending
        self._list_files = list_files
        self._tell = tell
        self._notify = notify
        self._on_change = on_change
        self._always: set[str] = set()
        self._process: Process | None = None
        self._turnstile = asyncio.Lock()

    # -- what the user does ------------------------------------------------------------------------------------

    async def run(self, command: str) -> Run | None:
        """Run the user's own line in the work tree; ``None`` while another one runs."""
        if self._is_busy():
            return None
        async with self._turnstile:
            return await self._run_here(command)

    async def test(self, command: str) -> Run | None:
        """Run tests against the pending change, in the scratch checkout; in the work tree where none is pending."""
        if self._is_busy():
            return None
        pending = dict(self._pending())
        if not pending:
            return await self.run(command)
        async with self._turnstile:
            run = self._begin(command, "the pending change", "    (in the pending change)")
            try:
                with self._scratch.held():
                    files = await asyncio.to_thread(self._list_files)
                    await asyncio.to_thread(self._scratch.prepare, files, pending, lambda: run.stopped)
                    await self._execute(run, self._scratch.tree, self._paths_first())
            except ScratchError as error:
                self._notify(str(error))
                run.stopped = True
                self._end(run)
                return None
        if not run.stopped:
            self.verdict = Verdict(run.code == 0, {path: _digest(data) for path, data in pending.items()})
            self._changed()
        return run

    def stop(self) -> asyncio.Task[None] | None:
        """End the command that runs, and all of its children; ``None`` where none runs.

        One whose files are still copied is not begun.
        """
        if self.running is None:
            return None
        self.running.stopped = True
        return asyncio.ensure_future(self._stop(self._process))

    def report_last(self) -> str | None:
        """What the model is told of the command that ran last; ``None`` where none did."""
        return None if self.last is None else self.last.report

    # -- what the model proposes -------------------------------------------------------------------------------

    async def propose(self, command: str, reason: str) -> str:
        """Put a command before the user and return the answer for the model; one always allowed runs at once."""
        command = command.strip()
        if not command or len(command) > COMMAND_LIMIT or not command.isprintable():
            return f"error: a command is one line of at most {COMMAND_LIMIT} printable characters"
        if command in self._always:
            async with self._turnstile:
                run = await self._run_here(command)
            return "the command could not be started" if run is None else run.report
        if all(proposal.command != command for proposal in self.proposals):
            key = self._transcript.say(Speaker.TOOL, f"proposes to run: {command}")
            self.proposals.append(Proposal(command, " ".join(reason.split()), key))
            self._changed()
        return "proposed: the user decides; if they run it you are told the result with their next message"

    async def allow(self, *, always: bool = False) -> None:
        """Run the proposal that stands first; with ``always`` also whenever the same one comes in this session."""
        if not self.proposals or self._is_busy():
            return
        proposal = self.proposals.popleft()
        self._transcript.annotate(proposal.key, "always allowed" if always else "allowed")
        if always:
            self._always.add(proposal.command)
        run = await self.run(proposal.command)
        if run is not None:
            self._tell(f"You proposed a command, and the user ran it.\n{run.report}")

    def decline(self) -> None:
        """Refuse the proposal that stands first; the model is told."""
        if self.proposals:
            proposal = self.proposals.popleft()
            self._transcript.annotate(proposal.key, "declined")
            self._tell(f"The user declined to run `{proposal.command}`.")
            self._changed()

    # -- inside ------------------------------------------------------------------------------------------------

    def _is_busy(self) -> bool:
        if self._turnstile.locked():
            self._notify("a command runs already; ctrl+x stops it")
            return True
        return False

    def _paths_first(self) -> dict[str, str]:
        """Python packages installed in place lead to the work tree, unless the scratch checkout comes first."""
        tree = self._scratch.tree
        ours = [str(tree / "src"), str(tree)] if (tree / "src").is_dir() else [str(tree)]
        return {"PYTHONPATH": os.pathsep.join([*ours, *filter(None, [os.environ.get("PYTHONPATH")])])}

    async def _run_here(self, command: str) -> Run | None:
        """Run in the work tree; ``None`` where it could not be started."""
        run = self._begin(command, "the work tree")
        await self._execute(run, self._root, {})
        return None if run.code is None else run

    def _begin(self, command: str, where: str, suffix: str = "") -> Run:
        """Show that ``command`` is about to run."""
        key = self._transcript.fresh_key("run")
        self._transcript.append(key, Speaker.OUTPUT, f"$ {command}{suffix}\n")
        run = self.running = Run(command, where, key)
        self._transcript.annotate(key, run.outcome)
        self._changed()
        return run

    async def _execute(self, run: Run, folder: Path, environment: Mapping[str, str]) -> None:
        """Run it to its end, unless it was stopped before its beginning."""
        began = time.monotonic()
        try:
            if not run.stopped:
                run.began = True
                self._process = Process(run.command, folder, environment)
                self._transcript.annotate(run.key, run.outcome)
                self._changed()
                run.code = await self._process.run(lambda text: self._took(run, text))
                self.last = run
        except CommandError as error:
            self._notify(str(error))
            run.stopped = True
        finally:
            run.seconds = time.monotonic() - began
            self._end(run)

    def _end(self, run: Run) -> None:
        if run.shown > SHOWN_LIMIT:
            self._transcript.append(run.key, Speaker.OUTPUT, f"\n… the end of {run.shown:,} characters:\n{run.tail}")
        self._transcript.annotate(run.key, run.outcome)
        self.running = self._process = None
        self._changed()

    @staticmethod
    async def _stop(process: Process | None) -> None:
        if process is not None:
            await process.stop()

    def _took(self, run: Run, text: str) -> None:
        room = SHOWN_LIMIT - run.shown
        run.shown += len(text)
        run.tail = (run.tail + text)[-TAIL:]
        if room > 0:
            self._transcript.append(run.key, Speaker.OUTPUT, text[:room])
            self._on_change()

    def _changed(self) -> None:
        self.version += 1
        self._on_change()


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
