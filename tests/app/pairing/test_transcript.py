"""The transcript hands out each change once, however often and however finely it was appended to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.pairing.transcript import Change, Entry, Speaker, Transcript
from spark_tui.protocol.growing_text import GrowingText


def replay(changes: list[Change], shown: dict[str, str]) -> None:
    for change in changes:
        shown[change.key] = change.text if change.whole else shown.get(change.key, "") + change.text


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["append", "replace", "look"]), st.text(max_size=4)))
)
def test_what_was_handed_out_is_what_there_is(steps: list[tuple[str, str, str]]) -> None:
    transcript, shown = Transcript(), dict[str, str]()
    for key, step, text in steps:
        if step == "append":
            transcript.append(key, Speaker.MODEL, text)
        elif step == "replace":
            transcript.replace(key, text)
        else:
            replay(transcript.take_changes(), shown)
    replay(transcript.take_changes(), shown)
    assert shown == {entry.key: entry.text for entry in transcript.entries}
    assert transcript.take_changes() == []


def test_deltas_between_two_looks_are_one_change() -> None:
    transcript = Transcript()
    for word in ("one ", "two ", "three"):
        transcript.append("m", Speaker.MODEL, word)
    assert transcript.take_changes() == [Change("m", Speaker.MODEL, "one two three")]


def test_a_note_alone_is_a_change_without_text() -> None:
    transcript = Transcript()
    key = transcript.say(Speaker.USER, "hello")
    transcript.take_changes()
    transcript.annotate(key, "sent")
    assert transcript.take_changes() == [Change(key, Speaker.USER, "", note="sent")]


def test_replacing_by_the_same_text_is_no_change() -> None:
    transcript = Transcript()
    transcript.append("m", Speaker.MODEL, "a")
    transcript.append("m", Speaker.MODEL, "b")
    transcript.take_changes()
    transcript.replace("m", "ab")
    assert transcript.take_changes() == []


def test_what_was_restored_is_handed_out_once() -> None:
    transcript = Transcript([Entry("user-1", Speaker.USER, GrowingText("hi"), "sent")])
    assert transcript.take_changes() == [Change("user-1", Speaker.USER, "hi", note="sent")]
    assert transcript.fresh_key("user") != "user-1"


def test_tail_is_the_end_of_the_newest_entry() -> None:
    transcript = Transcript()
    transcript.append("m1", Speaker.MODEL, "first")
    transcript.append("m2", Speaker.MODEL, "second")
    transcript.say(Speaker.USER, "mine")
    assert transcript.tail(Speaker.MODEL, 3) == "ond"
    assert transcript.tail(Speaker.ERROR, 3) == ""


def test_a_fresh_key_is_fresh_also_where_some_numbers_were_never_used() -> None:
    before = Transcript()
    before.fresh_key("call")
    before.say(Speaker.USER, "hi")
    restored = Transcript(before.entries)
    restored.say(Speaker.USER, "again")
    assert [entry.text for entry in restored.entries] == ["hi", "again"]
