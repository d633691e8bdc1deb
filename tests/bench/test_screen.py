from __future__ import annotations

from bench.screen import Seen, Typed, play


def test_text_is_seen_when_its_chunk_came() -> None:
    seen = Seen(r"zq[a-z]{4}")
    play([(10, b"one zqaaaa"), (20, b"\r\nzqaa"), (30, b"ab")], seen)
    assert seen.at == {"zqaaaa": 10, "zqaaab": 30}
    assert seen.first == 10


def test_nothing_of_a_synchronized_update_is_seen_before_its_end() -> None:
    seen = Seen("word")
    play([(10, b"\x1b[?2026hword"), (20, b"\x1b[?2026l")], seen)
    assert seen.at == {"word": 20}


def test_a_key_counts_once_all_keys_before_it_are_on_the_row() -> None:
    typed = Typed("Q", [(1_000_000, "a"), (2_000_000, "b")])
    play([(3_000_000, b"\x1b[1;1HQa"), (5_000_000, b"b")], typed)
    assert typed.echoes == [2.0, 3.0]


def test_each_of_several_updates_in_one_piece_is_seen() -> None:
    seen = Seen("[a-z]{4}")
    play([(10, b"\x1b[?2026h\x1b[Hword\x1b[?2026l\x1b[?2026h\x1b[Hnext\x1b[?2026l\x1b[?2026h\x1b[Hlast")], seen)
    assert seen.at == {"word": 10, "next": 10}
