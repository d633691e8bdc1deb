"""The tool calls of a turn: patches staged while they stream, everything else run when it is complete.

A call's way: started, fed, finished, answered. Reads run side by side; the order of the answers is that of the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile
from typing import Protocol

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.pairing.builtin_patch import closing, diff, envelope, opening
from spark_tui.app.pairing.items import call_output, developer_note
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.wire.json_stream import JsonStringField
from spark_tui.protocol.wire.updates import CallDelta, CallDone, CallKind, CallStarted, Item

PATCH_TOOL = "apply_patch"
PATCH_ARGUMENT = "patch"
SUMMARY_WIDTH = 100
"""Characters of a tool's arguments that the transcript shows."""


class Tools(Protocol):
    """What runs the tools that are not patches."""

    async def run(self, name: str, arguments: str) -> str:
        """Return the tool's output for the model; never raises for what the model asked."""
        ...


class CallState(Enum):
    """Where a call stands."""

    STREAMING = "streaming"
    RUNNING = "running"
    ANSWERED = "answered"


@dataclass(slots=True)
class Call:
    """One tool call; ``output`` is there once it is answered.

    ``opening`` is the header of a built-in patch once it has been fed, ``tail`` the last piece that came behind it.
    ``ahead`` is the patch that a patch has to wait for, and ``backlog`` its text until then.
    """

    call_id: str
    name: str
    kind: CallKind
    entry: str
    state: CallState = CallState.STREAMING
    patch: LivePatch | None = None
    decoder: JsonStringField | None = None
    streamed: bool = False
    opening: str | None = None
    tail: str = ""
    output: str = ""
    failed: bool = False
    supplying: asyncio.Task[None] | None = field(default=None, repr=False)
    ahead: Call | None = field(default=None, repr=False)
    backlog: list[str] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)


class CallBook:
    """All calls since the last input, by id.

    ``read`` fetches a file off the event loop; ``on_answered`` is called each time a call gets its answer,
    ``on_placed`` each time hunks came to the change set or a file that they waited for came, ``on_change`` each time
    there is something new to draw, and ``on_staged`` each time the model's text of a file is another than before.
    """

    def __init__(
        self,
        changes: ChangeSet,
        tools: Tools,
        read: Callable[[str], Awaitable[FileSnapshot]],
        transcript: Transcript,
        *,
        on_answered: Callable[[], None],
        on_placed: Callable[[], None],
        on_staged: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._changes = changes
        self._tools = tools
        self._read = read
        self._transcript = transcript
        self._on_answered = on_answered
        self._on_placed = on_placed
        self._on_staged = on_staged
        self._on_change = on_change
        self.patch_refused = False
        """Whether the last patch was not staged whole."""
        self.chunks_closed = 0
        """How many chunks of patches have been read to their end, ever."""
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._calls: dict[str, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def unanswered(self) -> bool:
        """Whether a complete call still waits for its answer."""
        return any(call.state is CallState.RUNNING for call in self._calls.values())

    @property
    def is_placing(self) -> bool:
        """Whether hunks that have been written are not in the change set yet: a file is read, or a patch closed."""
        return any(
            call.patch is not None and (call.supplying is not None or call.state is CallState.RUNNING)
            for call in self._calls.values()
        )

    def freeze(self) -> None:
        """Nothing that is shown changes until :meth:`thaw`, also where a file is still being read."""
        self._flowing.clear()

    def thaw(self) -> None:
        """End :meth:`freeze`."""
        self._flowing.set()

    @property
    def streaming_patch(self) -> LivePatch | None:
        """The patch that is being written or waits for a file, if one does."""
        for call in reversed(self._calls.values()):
            patch = call.patch
            if patch is not None and (call.state is CallState.STREAMING or patch.unplaced is not None):
                return patch
        return None

    def started(self, update: CallStarted, turn: int) -> None:
        """The model began a call; a call is begun once, whatever is repeated."""
        if update.call_id in self._calls:
            return
        entry = self._transcript.fresh_key("call")
        call = Call(update.call_id, update.name, update.kind, entry)
        self._calls[update.call_id] = call
        if self._is_patch(call):
            self._begin_patch(call, turn)
            self._transcript.append(entry, Speaker.TOOL, "patch")
            if update.kind is CallKind.APPLY_PATCH and (header := opening(update.item)) is not None:
                call.opening = header
                self._feed(call, header)
        elif update.name:
            self._transcript.append(entry, Speaker.TOOL, update.name)

    def fed(self, update: CallDelta) -> None:
        """More of a call's input; only patches are looked at before they are complete."""
        call = self._calls.get(update.call_id)
        if call is None or call.patch is None or (call.kind is CallKind.APPLY_PATCH and call.opening is None):
            return
        call.streamed = True
        call.tail = update.text or call.tail
        self._feed(call, update.text)

    def finished(self, update: CallDone, turn: int) -> None:
        """The call is complete: a patch is closed, anything else is run."""
        self.started(CallStarted(update.call_id, update.name, update.kind), turn)
        call = self._calls[update.call_id]
        if call.state is not CallState.STREAMING:
            return
        call.state = CallState.RUNNING
        if call.patch is None and update.name == PATCH_TOOL:
            self._begin_patch(call, turn)
        if call.patch is not None:
            if call.kind is CallKind.APPLY_PATCH:
                self._finish_builtin(call, call.patch, update.item, turn)
            elif not call.streamed:
                self._feed(call, update.arguments)
            self._spawn(self._close_patch(call, call.patch))
        else:
            self._transcript.replace(call.entry, describe(update.name, update.arguments))
            self._spawn(self._run(call, update.name, update.arguments))

    def take_outputs(self) -> list[Item]:
        """Return the answers of all complete calls, in the calls' order, and forget the calls."""
        outputs = [
            call_output(call.call_id, call.kind, call.output, failed=call.failed)
            for call in self._calls.values()
            if call.state is CallState.ANSWERED
        ]
        self._calls.clear()
        return outputs

    def abandon(self, reason: str, answer: frozenset[str]) -> list[Item]:
        """End every call now and forget it; return answers for the calls named in ``answer``.

        Hunks of a patch that were whole stay; what was half written goes. Of a patch that cannot be answered, as it
        is not among ``answer``, a note tells the model what is staged.
        """
        for task in self._tasks:
            task.cancel()
        calls = list(self._calls.values())
        self._calls.clear()
        notes = [note for call in calls if call.call_id not in answer for note in self._end_early(call, reason)]
        outputs = []
        for call in calls:
            if call.call_id in answer:
                self._end_early(call, reason)
                outputs.append(call_output(call.call_id, call.kind, call.output, failed=call.failed))
        return [*outputs, *notes]

    def drop_unfinished(self, reason: str) -> list[Item]:
        """End and forget the calls that are still being written, whose end will never come.

        Hunks of a patch that were whole stay; the notes that are returned tell the model of them.
        """
        unfinished = [call for call in self._calls.values() if call.state is CallState.STREAMING]
        notes: list[Item] = []
        for call in unfinished:
            del self._calls[call.call_id]
            if call.supplying is not None:
                call.supplying.cancel()
            notes += self._end_early(call, reason)
            self._release(call)
        return notes

    def _end_early(self, call: Call, reason: str) -> list[Item]:
        """Give a call that has no answer one that says so; return a note on what stays of a patch half written."""
        before, call.state = call.state, CallState.ANSWERED
        if before is CallState.ANSWERED:
            return []
        call.output, call.failed = f"not run: {reason}", True
        if call.patch is None:
            return []
        report = call.patch.abort(reason)
        call.output = report.text
        self._transcript.annotate(call.entry, reason)
        if before is CallState.STREAMING and report.hunks:
            return [developer_note(f"A patch that you had begun was cut off.\n{report.text}")]
        return []

    def _begin_patch(self, call: Call, turn: int) -> None:
        call.ahead = self._last_open_patch(call)
        call.patch = LivePatch(self._changes, call.call_id, turn)
        if call.kind is CallKind.FUNCTION:
            call.decoder = JsonStringField(PATCH_ARGUMENT)

    def _finish_builtin(self, call: Call, patch: LivePatch, item: Item, turn: int) -> None:
        """Feed what has not come of a built-in patch; one that turns out to be about another file begins anew."""
        if call.opening is None:
            self._feed(call, envelope(item))
        elif opening(item) not in (None, call.opening):
            patch.abort("the model changed its mind about the file")
            call.backlog.clear()
            self._begin_patch(call, turn)
            self._feed(call, envelope(item))
        elif call.streamed:
            self._feed(call, closing(call.tail))
        else:
            text = diff(item).rstrip("\n")
            self._feed(call, text + closing(text))

    def _last_open_patch(self, newest: Call) -> Call | None:
        """The patch that has to be closed before ``newest`` may touch a file: each is made on the ones before it."""
        before = list(takewhile(lambda call: call is not newest, self._calls.values()))
        waiting = (call for call in reversed(before) if call.patch is not None)
        return next((call for call in waiting if call.state is not CallState.ANSWERED), None)

    def _feed(self, call: Call, text: str) -> None:
        assert call.patch is not None
        if call.ahead is not None:
            call.backlog.append(text)
            return
        closed = call.patch.chunks_closed
        call.patch.feed(text if call.decoder is None else call.decoder.feed(text))
        self._count(call.patch, closed)
        if call.patch.wanted is not None and call.supplying is None:
            call.supplying = self._spawn(self._supply(call, call.patch))

    def _count(self, patch: LivePatch, before: int) -> None:
        """Take note of the chunks that ``patch`` closed since it had closed ``before``."""
        if patch.chunks_closed != before:
            self.chunks_closed += patch.chunks_closed - before
            self._on_staged()

    async def _supply(self, call: Call, patch: LivePatch) -> None:
        while (path := patch.wanted) is not None:
            snapshot = await self._read(path)
            await self._flowing.wait()
            closed = patch.chunks_closed
            patch.provide(snapshot)
            self._count(patch, closed)
            self._on_change()
        call.supplying = None
        self._on_placed()

    def _release(self, done: Call) -> None:
        """``done`` is closed: the patch behind it may go on."""
        for call in self._calls.values():
            if call.ahead is done:
                call.ahead = None
                backlog, call.backlog = call.backlog, []
                for text in backlog:
                    self._feed(call, text)
        done.closed.set()

    async def _close_patch(self, call: Call, patch: LivePatch) -> None:
        if call.ahead is not None:
            await call.ahead.closed.wait()
        if call.supplying is not None:
            await call.supplying
        await self._flowing.wait()
        closed = patch.chunks_closed
        report = patch.finish()
        self._count(patch, closed)
        if patch.wanted is not None:
            await self._supply(call, patch)
            report = patch.finish()
        call.output, call.failed = report.text, not report.is_whole
        self.patch_refused = call.failed
        self._transcript.replace(call.entry, f"patch: {report.headline}")
        self._release(call)
        self._answer(call)
        self._on_placed()

    async def _run(self, call: Call, name: str, arguments: str) -> None:
        call.output = await self._tools.run(name, arguments)
        self._answer(call)

    def _answer(self, call: Call) -> None:
        call.state = CallState.ANSWERED
        self._on_change()
        self._on_answered()

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @staticmethod
    def _is_patch(call: Call) -> bool:
        return call.kind is CallKind.APPLY_PATCH or call.name == PATCH_TOOL


def describe(name: str, arguments: str) -> str:
    """One line for the transcript: the tool and what it was asked.

    >>> describe("read_file", '{"path": "a.py"}')
    'read_file a.py'
    """
    import json

    try:
        asked = json.loads(arguments or "{}")
    except ValueError:
        asked = arguments
    if isinstance(asked, dict):
        asked = " ".join(str(value) for value in asked.values() if value not in (None, ""))
    line = f"{name} {asked}".strip().replace("\n", " ")
    return line if len(line) <= SUMMARY_WIDTH else line[: SUMMARY_WIDTH - 1] + "…"
