"""``spark-tui run PROMPT``: one turn without a terminal."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.unified import unified_diff
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.transcript import Speaker
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.settings import Settings, SettingsError, load_settings
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.wire.updates import LinkState
from spark_tui.widgets.safe_text import safe

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
"""Exit codes."""


def run(options: argparse.Namespace) -> int:
    """Do the turn; returns its exit code."""
    try:
        settings = load_settings(
            base_url=options.base_url, model=options.model, offline=options.offline, rate=options.rate
        )
        repository = Repository.discover(options.directory)
    except (SettingsError, GitError) as error:
        _complain(str(error))
        return USAGE
    if not options.prompt.strip():
        _complain("the prompt is empty; say what to do")
        return USAGE
    try:
        tape = Tape(options.record) if options.record is not None else None
    except OSError as error:
        _complain(f"cannot record to {options.record}: {error.strerror}; name another file")
        return USAGE
    return asyncio.run(_turn(repository, settings, options, tape))


class _Listener:
    """Wakes the turn when something happened, and puts notices on stderr."""

    def __init__(self) -> None:
        self.news = asyncio.Event()

    def changed(self) -> None:
        self.news.set()

    def returned(self, text: str) -> None:
        _complain(f"not applied: {text}")

    def notify_user(self, text: str, severity: Severity) -> None:
        if severity is not Severity.INFORMATION:
            _complain(text)


async def _turn(repository: Repository, settings: Settings, options: argparse.Namespace, tape: Tape | None) -> int:
    listener = _Listener()
    bench = Workbench(repository, settings, listener, None, tape=tape)
    teller = _JsonTeller(bench) if options.json else _Teller(bench)
    await bench.start()
    try:
        bench.submit(options.prompt)
        while bench.session.working:
            await listener.news.wait()
            listener.news.clear()
            teller.tell()
            if bench.link.state is LinkState.OFFLINE and bench.session.working:
                reason, _, _ = bench.link.detail.partition("; trying again")
                _complain(reason or "the model cannot be reached; check the endpoint")
                return teller.end(FAILED)
        teller.tell()
        code = _outcome(bench)
        diff = unified_diff(bench.changes.files)
        if options.apply and code == DONE and diff and not await bench.review.accept(bench.review.acceptable()):
            code = REFUSED
        teller.show_changes(diff, applied=options.apply)
        return teller.end(code)
    finally:
        await bench.aclose()


def _outcome(bench: Workbench) -> int:
    if bench.session.state is not TurnState.DONE:
        return FAILED
    if bench.session.calls.patch_refused or any(bench.changes.hunks(HunkState.CONFLICTED)):
        return REFUSED
    return DONE


class _Teller:
    """The model's words on stderr as they come, the diff on stdout at the end."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self._open = ""

    def tell(self) -> None:
        """Tell what is new."""
        for change in self.bench.transcript.take_changes():
            if change.speaker in (Speaker.MODEL, Speaker.ERROR) and not change.whole:
                if self._open not in ("", change.key):
                    sys.stderr.write("\n")
                self._open = change.key
                sys.stderr.write(safe(change.text))
                sys.stderr.flush()

    def show_changes(self, diff: str, *, applied: bool) -> None:
        """Tell what the turn changes."""
        self._end_line()
        if applied:
            for line in _summary(self.bench.changes):
                print(line)  # noqa: T201
        elif sys.stdout.isatty():
            sys.stdout.write(safe(diff))
        else:
            sys.stdout.buffer.write(diff.encode())  # as the files are, whatever the locale says
        sys.stdout.flush()

    def end(self, code: int) -> int:
        """Nothing more comes; returns ``code``."""
        self._end_line()
        return code

    def _end_line(self) -> None:
        if self._open:
            sys.stderr.write("\n")
            self._open = ""


class _JsonTeller(_Teller):
    """One JSON object a line on stdout."""

    def tell(self) -> None:
        for change in self.bench.transcript.take_changes():
            kind = "replace" if change.whole else "delta"
            self._say("text", speaker=change.speaker.value, key=change.key, **{kind: change.text})

    def show_changes(self, diff: str, *, applied: bool) -> None:
        for file in self.bench.changes.files:
            state = HunkState.ACCEPTED if applied else HunkState.PENDING
            hunks = [hunk for hunk in file.hunks if hunk.state is state]
            if hunks:
                added, removed = sum(len(h.added) for h in hunks), sum(len(h.removed) for h in hunks)
                self._say("change", path=file.path, state=state.value, added=added, removed=removed)
        self._say("diff", diff=diff)

    def end(self, code: int) -> int:
        usage = self.bench.session.meters.usage
        tokens = {} if usage is None else {"input": usage.input_tokens, "output": usage.output_tokens}
        status = {DONE: "done", FAILED: "failed", REFUSED: "refused"}[code]
        self._say("end", status=status, exit=code, tokens=tokens)
        return code

    def _say(self, kind: str, **fields: Any) -> None:
        print(json.dumps({"type": kind, **fields}), flush=True)  # noqa: T201


def _summary(changes: ChangeSet) -> list[str]:
    """What was written, a line a file."""
    marks = []
    for file in changes.files:
        hunks = [hunk for hunk in file.hunks if hunk.state is HunkState.ACCEPTED]
        if hunks:
            kind = "D" if file.base is None else "A" if any(h.kind.value == "create" for h in hunks) else "M"
            marks.append(f"{kind} {safe(file.path)}")
    return marks


def _complain(line: str) -> None:
    sys.stderr.write(f"spark-tui: {safe(line)}\n")
