"""The speed meter: rolling by the clock it is given, exact by the server's count."""

from __future__ import annotations

import pytest

from spark_tui.app.pairing.speed import SpeedMeter


def test_rolling_rate_forgets_what_is_older_than_its_window() -> None:
    meter = SpeedMeter(sent_at=0.0)
    for tick in range(100):
        meter.wrote(4, 1.0 + tick / 100)
    for tick in range(1000):
        meter.wrote(4, 10.0 + tick / 1000)
    rate = meter.rate(writing=True)
    assert rate is not None
    assert not rate.exact
    assert rate.tokens_per_second == pytest.approx(1000, rel=0.05)


def test_the_servers_count_is_exact_once_nothing_is_written() -> None:
    meter = SpeedMeter(sent_at=0.0)
    meter.response_started(1.0)
    meter.wrote(400, 1.5)
    meter.wrote(400, 3.0)
    meter.counted(500)
    rate = meter.rate(writing=False)
    assert rate is not None
    assert rate.exact
    assert rate.tokens_per_second == pytest.approx(250)


def test_time_to_first_token_is_of_the_first_delta_only() -> None:
    meter = SpeedMeter(sent_at=5.0)
    assert meter.time_to_first_token is None
    meter.wrote(1, 5.25)
    meter.wrote(1, 9.0)
    assert meter.time_to_first_token == pytest.approx(0.25)


def test_nothing_written_is_no_rate() -> None:
    assert SpeedMeter(sent_at=0.0).rate(writing=True) is None
