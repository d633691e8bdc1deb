"""The session store: what was saved is there again; a held session is nobody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.pairing import store as module
from spark_tui.app.pairing.item_log import ItemLog
from spark_tui.app.pairing.store import Passage, SessionStore
from spark_tui.app.pairing.transcript import Speaker


def test_state_and_entries_come_back(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    store.save_state({"draft": "half a \ud83d thought"})
    store.append([Passage("user-1", Speaker.USER, 0, "hi"), Passage("m", Speaker.MODEL, 0, "he")])
    store.append([Passage("m", Speaker.MODEL, 2, "llo", "done")])
    store.close()
    again = SessionStore.latest(tmp_path)
    assert again is not None
    assert again.load_state()["draft"] == "half a \ud83d thought"
    assert [(e.key, e.text, e.note) for e in again.load_entries()] == [("user-1", "hi", ""), ("m", "hello", "done")]
    again.close()


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=12,
        ),
        max_size=4,
    )
)
def test_any_state_comes_back_as_it_was(state: dict[str, Any]) -> None:
    assert json.loads("".join(module._in_pieces(state, module.DEPTH))) == state


def test_no_piece_of_a_large_state_is_large(tmp_path: Path) -> None:
    files = [{"path": str(number), "base": "x" * 1000, "hunks": [{"added": ["y"]}] * 9} for number in range(1000)]
    state = {"changes": {"last_id": 1, "files": files}}
    assert max(map(len, module._in_pieces(state, module.DEPTH))) < 2000


def test_a_conversation_is_written_once_and_comes_back(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    items = [{"content": "z" * 1000}]
    store.save_state({"draft": "", "history": {"items": items}})
    items.append({"content": "y"})
    store.save_state({"draft": "more", "history": {"items": items}})
    assert "zz" not in (store.folder / "state.json").read_text(encoding="utf-8")
    store.close()
    again = SessionStore.latest(tmp_path)
    assert again is not None
    state = again.load_state()
    assert state["history"] == {"items": items}
    again.save_state({"history": {"items": [*state["history"]["items"], {"content": "x"}]}})
    assert again.load_state()["history"]["items"] == [*items, {"content": "x"}]
    assert len(list(again.folder.glob("history-*.jsonl"))) == 1
    again.close()


@pytest.mark.parametrize("sudden", ["before the state", "after the state"])
def test_a_kill_around_a_new_conversation_leaves_the_one_that_the_state_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sudden: str
) -> None:
    store = SessionStore.create(tmp_path)
    store.save_state({"draft": "old", "history": {"items": [{"content": "old"}]}})

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if sudden == "before the state":
            patch.setattr(Path, "replace", die)
        else:
            patch.setattr(ItemLog, "drop_older", die)
        with pytest.raises(KeyboardInterrupt):
            store.save_state({"draft": "new", "history": {"items": [{"content": "new"}]}})
    store.close()
    again = SessionStore.latest(tmp_path)
    assert again is not None
    state = again.load_state()
    expected = "old" if sudden == "before the state" else "new"
    assert (state["draft"], state["history"]["items"]) == (expected, [{"content": expected}])
    again.close()


def test_a_session_saved_with_its_conversation_inside_is_read(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    (store.folder / "state.json").write_text(
        '{"format": 1, "history": {"items": [{"content": "a"}]}}', encoding="utf-8"
    )
    assert store.load_state()["history"] == {"items": [{"content": "a"}]}
    store.close()


def test_without_its_conversation_the_rest_is_read(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    store.save_state({"draft": "mine", "history": {"items": [{"content": "a"}]}})
    for path in store.folder.glob("history-*.jsonl"):
        path.unlink()
    assert store.load_state() == {"format": 1, "draft": "mine"}
    store.close()


def test_a_held_session_is_left_alone(tmp_path: Path) -> None:
    held = SessionStore.create(tmp_path)
    held.save_state({"draft": "mine"})
    assert SessionStore.latest(tmp_path) is None
    other = SessionStore.create(tmp_path)
    assert other.folder != held.folder
    held.close()
    other.close()
    taken = SessionStore.latest(tmp_path)
    assert taken is not None
    assert taken.folder == held.folder
    taken.close()


def test_an_empty_session_leaves_nothing(tmp_path: Path) -> None:
    SessionStore.create(tmp_path).close()
    assert list((tmp_path / "sessions").iterdir()) == []
    assert SessionStore.latest(tmp_path) is None


@pytest.mark.parametrize(
    "cut",
    [
        b'{"key": "m", "spea',
        b"\x00\x00",
        b"[]",
        b'{"key": 1}',
        b'{"key":"user-1","speaker":"user","text":1,"note":""}',
    ],
)
def test_a_line_cut_by_a_crash_is_left_out(tmp_path: Path, cut: bytes) -> None:
    store = SessionStore.create(tmp_path)
    store.append([Passage("user-1", Speaker.USER, 0, "hi")])
    with (store.folder / "transcript.jsonl").open("ab") as file:
        file.write(cut)
    assert [entry.text for entry in store.load_entries()] == ["hi"]
    store.close()


def test_what_follows_a_line_cut_by_a_crash_is_not_lost_with_it(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    (store.folder / "transcript.jsonl").write_bytes(b'{"key": "m", "spea')
    store.append([Passage("m", Speaker.MODEL, 0, "one "), Passage("m", Speaker.MODEL, 4, "two")])
    assert [entry.text for entry in store.load_entries()] == ["one two"]
    store.close()


@pytest.mark.parametrize(
    ("at", "text"), [(0, "new"), (2, "henew"), (5, "hellonew"), (9, "hellonew"), (-1, "new")], ids=str
)
def test_a_passage_takes_the_place_of_what_stood_there(tmp_path: Path, at: int, text: str) -> None:
    store = SessionStore.create(tmp_path)
    store.append([Passage("m", Speaker.MODEL, 0, "hello"), Passage("m", Speaker.MODEL, at, "new")])
    assert [entry.text for entry in store.load_entries()] == [text]
    store.close()


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}', "{"])
def test_a_state_that_cannot_be_read_is_empty(tmp_path: Path, text: str) -> None:
    store = SessionStore.create(tmp_path)
    (store.folder / "state.json").write_text(text, encoding="utf-8")
    assert store.load_state() == {}
    store.close()


def test_only_so_many_sessions_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_SESSIONS", 3)
    for number in range(6):
        store = SessionStore.create(tmp_path)
        store.save_state({"draft": str(number), "history": {"items": [{"content": "a"}]}})
        store.close()
    assert len(list((tmp_path / "sessions").iterdir())) == 3
    newest = SessionStore.latest(tmp_path)
    assert newest is not None
    assert newest.load_state()["draft"] == "5"
    newest.close()


def test_a_line_that_was_cut_short_spoils_none_that_follows(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path)
    store.append([Passage("one", Speaker.USER, 0, "one"), Passage("two", Speaker.USER, 0, "two")])
    with (store.folder / module.TRANSCRIPT).open("r+b") as file:
        file.truncate(file.seek(0, 2) - 5)
    store.append([Passage("three", Speaker.USER, 0, "three")])
    assert [entry.key for entry in store.load_entries()] == ["one", "three"]
    store.close()
