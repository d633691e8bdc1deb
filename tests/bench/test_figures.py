from __future__ import annotations

from bench.figures import caught_up, handed_over, lags, median, percentile

SENT = [("a", 0), ("b", 1_000_000), ("c", 2_000_000)]


def test_text_that_scrolled_past_counts_from_the_first_later_text_that_was_seen() -> None:
    assert lags(SENT, {"b": 5_000_000, "c": 4_000_000}) == [2.0, 3.0, 4.0]


def test_what_was_never_caught_up_with_has_no_lag() -> None:
    assert lags(SENT, {"a": 1_000_000}) == [1.0]
    assert lags(SENT, {}) == []


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(101)]
    assert percentile(values, 95) == 95.0
    assert percentile([3.0], 50) == 3.0
    assert percentile([], 50) is None


def test_the_median_is_of_what_was_measured() -> None:
    assert median([None, 3.0, 1.0, 2.0]) == 2.0
    assert median([None]) is None


def test_it_has_caught_up_with_what_was_sent_a_short_time_ago_or_with_the_end() -> None:
    sent = [("a", 0), ("b", 100), ("c", 200)]
    assert caught_up(sent, {"a": 500, "b": 510, "c": 520}, since=400, within=50) == 520
    assert caught_up(sent, {"a": 10, "b": 140}, since=120, within=50) == 140
    assert caught_up(sent, {"a": 10, "b": 140}, since=150, within=50) is None
    assert caught_up([], {}, since=0, within=50) is None


def test_a_byte_was_handed_over_with_the_piece_that_it_was_in() -> None:
    read = [(100, 5), (200, 5), (300, 5)]
    taken = [(50, 3), (90, 8), (150, 13)]
    assert handed_over([100, 200, 300], read, taken, untold=2) == [50, 90, 150]
    assert handed_over([300], read, taken, untold=0) == []
    assert handed_over([100], read, [(120, 99)], untold=0) == [100], "it cannot have been later than it was read"
