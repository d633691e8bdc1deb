"""Patches of one answer are made one on the other, however long the files of the first take to be read."""

from __future__ import annotations

import asyncio

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.wire.updates import CallDelta, CallDone, CallKind, CallStarted

FILES = {"slow.txt": b"one\n", "quick.txt": b"one\n"}


class NoTools:
    async def run(self, name: str, arguments: str) -> str:
        raise AssertionError(name)


class Desk:
    """A call book whose read of ``slow.txt`` waits until it is let go."""

    def __init__(self) -> None:
        self.changes = ChangeSet()
        self.let_go = asyncio.Event()
        self.answered = asyncio.Event()
        self.book = CallBook(
            self.changes,
            NoTools(),
            self.read,
            Transcript(),
            on_answered=self.look,
            on_placed=lambda: None,
            on_staged=lambda: None,
            on_change=lambda: None,
        )

    def look(self) -> None:
        if not self.book.unanswered:
            self.answered.set()

    async def read(self, path: str) -> FileSnapshot:
        if path == "slow.txt":
            await self.let_go.wait()
        return FileSnapshot(path, FILES[path], 0o644)

    def call(self, call_id: str, patch: str) -> None:
        self.book.started(CallStarted(call_id, "apply_patch", CallKind.CUSTOM), 1)
        for line in patch.splitlines(keepends=True):
            self.book.fed(CallDelta(call_id, line))
        self.book.finished(CallDone(call_id, "apply_patch", CallKind.CUSTOM, patch, {}), 1)


def patch_of(path: str, old: str, new: str) -> str:
    return f"*** Begin Patch\n*** Update File: {path}\n@@\n-{old}\n+{new}\n*** End Patch\n"


async def test_a_patch_waits_for_the_one_before_it() -> None:
    desk = Desk()
    desk.call("c1", patch_of("slow.txt", "one", "two"))
    desk.call("c2", patch_of("quick.txt", "one", "two"))
    desk.call("c3", patch_of("slow.txt", "two", "three"))
    await asyncio.sleep(0)
    assert desk.changes.files == []
    desk.let_go.set()
    await desk.answered.wait()
    assert [file.path for file in desk.changes.files] == ["slow.txt", "quick.txt"]
    assert desk.changes.read("slow.txt") == b"three\n"
    outputs = desk.book.take_outputs()
    assert [item["call_id"] for item in outputs] == ["c1", "c2", "c3"]
    assert all("staged for review" in item["output"] for item in outputs)


async def test_what_waits_is_dropped_with_the_answer() -> None:
    desk = Desk()
    desk.call("c1", patch_of("slow.txt", "one", "two"))
    desk.call("c2", patch_of("quick.txt", "one", "two"))
    outputs = desk.book.abandon("stopped by the user", frozenset({"c1", "c2"}))
    assert len(outputs) == 2
    assert list(desk.changes.hunks()) == []


async def test_what_was_cut_in_the_middle_holds_up_nothing() -> None:
    desk = Desk()
    desk.book.started(CallStarted("cut", "apply_patch", CallKind.CUSTOM), 1)
    desk.book.fed(CallDelta("cut", "*** Begin Patch\n*** Update File: slow.txt\n@@\n-one\n+tw"))
    desk.book.drop_unfinished("the answer was cut")
    desk.let_go.set()
    desk.call("whole", patch_of("slow.txt", "one", "two"))
    await desk.answered.wait()
    assert desk.changes.read("slow.txt") == b"two\n"
    assert [item["call_id"] for item in desk.book.take_outputs()] == ["whole"]
