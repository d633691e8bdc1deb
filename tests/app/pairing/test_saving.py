"""The saver: what is written of a growing answer is what is new of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from spark_tui.app.pairing.saving import Saver
from spark_tui.app.pairing.store import Passage, SessionStore
from spark_tui.app.pairing.transcript import Speaker, Transcript


class Recording(SessionStore):
    """A store that notes what it is given, and can fail."""

    appended: list[list[Passage]]
    full = False

    def append(self, passages: Iterable[Passage]) -> None:
        given = list(passages)
        self.appended.append(given)
        super().append(given)

    def save_state(self, state: dict[str, Any]) -> None:
        if self.full:
            raise OSError("no space left")
        super().save_state(state)


@pytest.fixture
def store(tmp_path: Path) -> Recording:
    made = Recording.create(tmp_path)
    assert isinstance(made, Recording)
    made.appended = []
    return made


def saver(store: SessionStore, transcript: Transcript) -> Saver:
    return Saver(store, dict, transcript)


async def test_only_what_is_new_of_an_answer_is_written(store: Recording) -> None:
    transcript = Transcript()
    saving = saver(store, transcript)
    for number in range(50):
        transcript.append("m", Speaker.MODEL, f"{number:09} ")
        await saving.save()
    written = [passage for passages in store.appended for passage in passages]
    assert [len(passage.text) for passage in written] == [10] * 50
    assert [passage.at for passage in written] == list(range(0, 500, 10))
    assert [entry.text for entry in store.load_entries()] == [transcript.entries[0].text]
    await saving.aclose()


async def test_nothing_new_writes_nothing(store: Recording) -> None:
    transcript = Transcript()
    saving = saver(store, transcript)
    transcript.say(Speaker.USER, "hi")
    await saving.save()
    await saving.save()
    assert [len(passages) for passages in store.appended] == [1, 0]
    await saving.aclose()


async def test_a_note_alone_is_written_without_the_text(store: Recording) -> None:
    transcript = Transcript()
    saving = saver(store, transcript)
    transcript.append("m", Speaker.MODEL, "hello")
    await saving.save()
    transcript.annotate("m", "stopped")
    await saving.save()
    assert store.appended[-1] == [Passage("m", Speaker.MODEL, 5, "", "stopped")]
    assert [(entry.text, entry.note) for entry in store.load_entries()] == [("hello", "stopped")]
    await saving.aclose()


@pytest.mark.parametrize("then", [[], ["more"], ["more", "and more"]])
async def test_a_text_that_was_replaced_is_written_whole(store: Recording, then: list[str]) -> None:
    transcript = Transcript()
    saving = saver(store, transcript)
    transcript.append("m", Speaker.MODEL, "one")
    transcript.append("m", Speaker.MODEL, "two")
    await saving.save()
    transcript.replace("m", "tri")
    for text in then:
        transcript.append("m", Speaker.MODEL, text)
    await saving.save()
    assert [entry.text for entry in store.load_entries()] == ["".join(["tri", *then])]
    await saving.aclose()


async def test_an_answer_goes_on_where_the_last_session_ended(store: Recording) -> None:
    store.append([Passage("m", Speaker.MODEL, 0, "hel"), Passage("m", Speaker.MODEL, 3, "lo")])
    transcript = Transcript(store.load_entries())
    saving = saver(store, transcript)
    transcript.append("m", Speaker.MODEL, " again")
    await saving.save()
    assert store.appended[-1] == [Passage("m", Speaker.MODEL, 5, " again")]
    assert [entry.text for entry in store.load_entries()] == ["hello again"]
    await saving.aclose()


async def test_a_save_that_failed_is_made_up_for(store: Recording) -> None:
    transcript = Transcript()
    saving = saver(store, transcript)
    transcript.append("m", Speaker.MODEL, "one ")
    store.full = True
    with pytest.raises(OSError, match="no space"):
        await saving.save()
    store.full = False
    transcript.append("m", Speaker.MODEL, "two")
    await saving.save()
    assert [entry.text for entry in store.load_entries()] == ["one two"]
    await saving.aclose()
