from __future__ import annotations

from bench.figures import lags, median, percentile

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
