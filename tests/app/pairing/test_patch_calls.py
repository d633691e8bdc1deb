"""Patches in each shape that a tool call can have: staged while they are written, the same when they are whole."""

from __future__ import annotations

import asyncio
import json

import pytest

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.wire.updates import CallDelta, CallDone, CallKind, CallStarted, Item

FILES = {"a.py": b"one\ntwo\nthree\n", "b.py": b"bee\n"}
PATCH = "*** Begin Patch\n*** Update File: a.py\n one\n-two\n+TWO\n three\n*** End Patch\n"
DIFF = "@@\n one\n-two\n+TWO\n three\n"


class NoTools:
    async def run(self, name: str, arguments: str) -> str:
        return f"no tool {name}"


class Calls:
    """A call book over files in memory."""

    def __init__(self) -> None:
        self.changes = ChangeSet()
        self.answered = asyncio.Event()
        self.book = CallBook(
            self.changes,
            NoTools(),
            self.read,
            Transcript(),
            on_answered=self.answered.set,
            on_placed=lambda: None,
            on_staged=lambda: None,
            on_change=lambda: None,
        )

    async def read(self, path: str) -> FileSnapshot:
        return FileSnapshot(path, FILES.get(path), 0o644)

    def hunks(self, *states: HunkState) -> list[tuple[str, list[str], list[str]]]:
        return [(hunk.path, hunk.removed, hunk.added) for hunk in self.changes.hunks(*states)]

    async def outputs(self) -> list[Item]:
        await asyncio.wait_for(self.answered.wait(), 5)
        return self.book.take_outputs()

    async def settle(self) -> None:
        """Let the files that are asked for arrive."""
        for _ in range(5):
            await asyncio.sleep(0)


def item(kind: str, path: str, **more: str) -> Item:
    return {"type": "apply_patch_call", "call_id": "c", "operation": {"type": kind, "path": path, **more}}


TWO = [("a.py", ["two\n"], ["TWO\n"])]


@pytest.mark.parametrize("diff", [DIFF, DIFF.removesuffix("\n")])
async def test_a_built_in_patch_is_staged_while_its_diff_is_written(diff: str) -> None:
    calls = Calls()
    calls.book.started(CallStarted("c", "", CallKind.APPLY_PATCH, item("update_file", "a.py")), turn=1)
    for at in range(0, len(diff), 3):
        calls.book.fed(CallDelta("c", diff[at : at + 3]))
        await calls.settle()
        if "+TWO\n" in diff[: at + 3]:
            assert calls.hunks(HunkState.STREAMING) == TWO
    calls.book.finished(CallDone("c", "", CallKind.APPLY_PATCH, diff, item("update_file", "a.py", diff=diff)), turn=1)
    (output,) = await calls.outputs()
    assert (output["status"], output["output"]) == ("completed", "staged for review: 1 hunk in 1 file")
    assert calls.hunks(HunkState.PENDING) == TWO


async def test_a_built_in_patch_without_deltas_or_beginning_is_the_same() -> None:
    calls = Calls()
    calls.book.finished(CallDone("c", "", CallKind.APPLY_PATCH, DIFF, item("update_file", "a.py", diff=DIFF)), turn=1)
    await calls.outputs()
    assert calls.hunks(HunkState.PENDING) == TWO


@pytest.mark.parametrize("begun", [True, False])
async def test_a_built_in_creation_and_deletion(begun: bool) -> None:
    for kind, path, diff, expected in (
        ("create_file", "new.py", "+new\n", ("new.py", [], ["new\n"])),
        ("delete_file", "b.py", "", ("b.py", ["bee\n"], [])),
    ):
        calls = Calls()
        if begun:
            calls.book.started(CallStarted("c", "", CallKind.APPLY_PATCH, item(kind, path)), turn=1)
        whole = item(kind, path, diff=diff) if diff else item(kind, path)
        calls.book.finished(CallDone("c", "", CallKind.APPLY_PATCH, diff, whole), turn=1)
        await calls.outputs()
        assert calls.hunks(HunkState.PENDING) == [expected]


async def test_a_built_in_patch_that_ends_on_another_file_is_about_that_one() -> None:
    calls = Calls()
    calls.book.started(CallStarted("c", "", CallKind.APPLY_PATCH, item("update_file", "a.py")), turn=1)
    calls.book.fed(CallDelta("c", "@@\n-bee\n+B"))
    await calls.settle()
    done = item("update_file", "b.py", diff="@@\n-bee\n+BEE\n")
    calls.book.finished(CallDone("c", "", CallKind.APPLY_PATCH, "", done), turn=1)
    await calls.outputs()
    assert calls.hunks(HunkState.PENDING) == [("b.py", ["bee\n"], ["BEE\n"])]


@pytest.mark.parametrize(
    "operation",
    [
        {},
        {"operation": None},
        item("rename", "a.py"),
        item("update_file", ""),
        item("delete_file", "x\n*** Delete File: b.py"),
    ],
)
async def test_an_operation_that_means_nothing_is_refused(operation: Item) -> None:
    calls = Calls()
    calls.book.started(CallStarted("c", "", CallKind.APPLY_PATCH, operation), turn=1)
    calls.book.finished(CallDone("c", "", CallKind.APPLY_PATCH, "", operation), turn=1)
    (output,) = await calls.outputs()
    assert output["status"] == "failed"
    assert calls.hunks(HunkState.PENDING) == []


async def test_a_function_s_patch_is_staged_while_its_json_is_written() -> None:
    calls = Calls()
    arguments = json.dumps({"patch": PATCH})
    calls.book.started(CallStarted("c", "apply_patch", CallKind.FUNCTION), turn=1)
    cut = arguments.index(" three")
    calls.book.fed(CallDelta("c", arguments[:cut]))
    await calls.settle()
    assert calls.hunks(HunkState.STREAMING) == TWO
    calls.book.fed(CallDelta("c", arguments[cut:]))
    calls.book.finished(CallDone("c", "apply_patch", CallKind.FUNCTION, arguments, {}), turn=1)
    await calls.outputs()
    assert calls.hunks(HunkState.PENDING) == TWO


@pytest.mark.parametrize(
    ("kind", "text"), [(CallKind.FUNCTION, json.dumps({"patch": PATCH})), (CallKind.CUSTOM, PATCH)]
)
async def test_a_call_that_is_named_at_its_end_only_is_a_patch_too(kind: CallKind, text: str) -> None:
    calls = Calls()
    calls.book.started(CallStarted("c", "", kind), turn=1)
    calls.book.fed(CallDelta("c", text))
    calls.book.finished(CallDone("c", "apply_patch", kind, text, {}), turn=1)
    await calls.outputs()
    assert calls.hunks(HunkState.PENDING) == TWO


async def test_a_patch_whose_file_is_still_being_read_is_shown_also_when_it_is_whole() -> None:
    calls = Calls()
    calls.book.started(CallStarted("c", "apply_patch", CallKind.CUSTOM), turn=1)
    calls.book.finished(CallDone("c", "apply_patch", CallKind.CUSTOM, PATCH, {}), turn=1)
    patch = calls.book.streaming_patch
    assert patch is not None
    assert patch.unplaced is not None
    assert [line.text for line in patch.unplaced.chunks[0].lines] == ["one", "two", "TWO", "three"]
    await calls.outputs()
    assert calls.book.streaming_patch is None
    assert calls.hunks(HunkState.PENDING) == TWO
