"""What is saved is what there was at the end, however the saves fall."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from spark_tui.app.pairing import saving
from spark_tui.app.pairing.saving import Saver
from spark_tui.app.pairing.store import Passage, SessionStore
from spark_tui.app.pairing.transcript import Entry, Speaker, Transcript
from spark_tui.protocol.growing_text import GrowingText
from tests.doubles.lane import once_round


class SlowStore(SessionStore):
    """A store that takes note of its writes, waits with each until it may, and fails on demand."""

    def __init__(self, store: SessionStore) -> None:
        super().__init__(store.folder, store._lock)
        self.appended: list[list[str]] = []
        self.passages: list[Passage] = []
        self.saves = 0
        self.may_write = threading.Event()
        self.may_write.set()
        self.writing = threading.Event()
        self.full = False

    def append(self, passages: Iterable[Passage]) -> None:
        self.writing.set()
        assert self.may_write.wait(5)
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        listed = list(passages)
        self.appended.append([passage.key for passage in listed])
        self.passages += listed
        super().append(listed)

    def save_state(self, state: dict[str, Any]) -> None:
        self.saves += 1
        super().save_state(state)


class Saving:
    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.store = SlowStore(SessionStore.create(tmp_path))
        self.transcript = Transcript()
        self.state: dict[str, Any] = {"draft": ""}
        self.troubles: list[str] = []
        self.saver = Saver(self.store, lambda: dict(self.state), self.transcript, self.troubles.append)

    def say(self, text: str) -> None:
        self.transcript.say(Speaker.USER, text)
        self.saver.save_soon()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await once_round()

    async def until_saved(self, times: int) -> None:
        await self.until(lambda: self.store.saves >= times and self.saver._running is None)

    def found(self) -> tuple[str, list[str]]:
        """What the next program finds."""
        store = SessionStore.latest(self.tmp_path)
        assert store is not None
        try:
            return store.load_state()["draft"], [entry.text for entry in store.load_entries()]
        finally:
            store.close()


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Saving:
    monkeypatch.setattr(saving, "DELAY", 0.0)
    return Saving(tmp_path)


async def test_changes_that_come_together_are_saved_once(at: Saving) -> None:
    for text in ("one", "two"):
        at.say(text)
    await at.until_saved(1)
    assert at.store.appended == [["user-1", "user-2"]]
    await at.saver.aclose()
    assert at.store.saves == 1
    assert at.found() == ("", ["one", "two"])


async def test_only_entries_that_changed_are_appended(at: Saving) -> None:
    at.say("one")
    at.say("two")
    await at.until_saved(1)
    at.transcript.annotate("user-1", "applied")
    at.saver.save_soon()
    await at.until_saved(2)
    at.transcript.replace("user-2", "owt")
    at.saver.save_soon()
    await at.until_saved(3)
    assert at.store.appended[1:] == [["user-1"], ["user-2"]]
    await at.saver.aclose()
    assert at.found()[1] == ["one", "owt"]


async def test_what_changes_during_a_save_is_saved_by_another(at: Saving) -> None:
    at.store.may_write.clear()
    at.say("one")
    await at.until(at.store.writing.is_set)
    at.say("two")
    at.store.may_write.set()
    await at.until_saved(2)
    await at.saver.aclose()
    assert at.store.appended == [["user-1"], ["user-2"]]


@pytest.mark.parametrize("writing", [False, True])
async def test_closing_saves_what_is_left(at: Saving, writing: bool) -> None:
    at.say("one")
    if writing:
        at.store.may_write.clear()
        await at.until(at.store.writing.is_set)
        at.say("two")
        at.state["draft"] = "and"
        closing = asyncio.create_task(at.saver.aclose())
        await once_round()
        at.say("three")
        at.store.may_write.set()
        await closing
        assert at.found() == ("and", ["one", "two", "three"])
    else:
        await at.saver.aclose()
        assert at.found() == ("", ["one"])


async def test_a_change_only_while_closing_waits_is_saved_too(at: Saving) -> None:
    at.store.may_write.clear()
    at.say("one")
    await at.until(at.store.writing.is_set)
    closing = asyncio.create_task(at.saver.aclose())
    await once_round()
    at.say("two")
    at.store.may_write.set()
    await closing
    assert at.found()[1] == ["one", "two"]


async def test_after_closing_nothing_is_saved(at: Saving) -> None:
    at.say("one")
    await at.saver.aclose()
    at.say("two")
    await at.saver.aclose()
    assert at.found()[1] == ["one"]


async def test_a_full_disk_is_told_once_and_loses_nothing_once_there_is_room(at: Saving) -> None:
    at.store.full = True
    for text in ("one", "two"):
        at.say(text)
        await at.until(lambda: at.saver._running is not None)
        await at.until(lambda: at.saver._running is None)
    (line,) = at.troubles
    assert "No space left" in line
    at.store.full = False
    await at.saver.aclose()
    assert at.found()[1] == ["one", "two"]


async def test_without_a_store_nothing_is_done() -> None:
    saver = Saver(None, dict, Transcript(), lambda line: None)
    saver.save_soon()
    await saver.aclose()


async def test_what_was_restored_is_not_saved_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "DELAY", 0.0)
    store = SlowStore(SessionStore.create(tmp_path))
    transcript = Transcript([Entry("user-1", Speaker.USER, GrowingText("hi"), "sent")])
    saver = Saver(store, dict, transcript, lambda line: None)
    transcript.say(Speaker.USER, "again")
    saver.save_soon()
    await saver.aclose()
    assert store.appended == [["user-2"]]


async def test_only_what_is_new_of_an_answer_is_written(at: Saving) -> None:
    for number in range(20):
        at.transcript.append("m", Speaker.MODEL, f"{number:09} ")
        at.saver.save_soon()
        await at.until_saved(number + 1)
    assert [(passage.at, len(passage.text)) for passage in at.store.passages] == [(10 * n, 10) for n in range(20)]
    await at.saver.aclose()
    assert at.found()[1] == [at.transcript.entries[0].text]


@pytest.mark.parametrize("then", [[], ["more"], ["more", "and more"]])
async def test_a_text_that_was_replaced_is_written_whole(at: Saving, then: list[str]) -> None:
    at.transcript.append("m", Speaker.MODEL, "one")
    at.transcript.append("m", Speaker.MODEL, "two")
    at.saver.save_soon()
    await at.until_saved(1)
    at.transcript.replace("m", "tri")
    for text in then:
        at.transcript.append("m", Speaker.MODEL, text)
    at.saver.save_soon()
    await at.saver.aclose()
    assert at.found()[1] == ["".join(["tri", *then])]
