from __future__ import annotations

import pytest

from spark_tui.protocol.wire.limits import limits_from_event, limits_from_headers, parse_duration, retry_delay
from spark_tui.protocol.wire.updates import Limits


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1.5s", 1.5),
        ("1h2m", 3720),
        ("3", 3),
        ("soon", None),
        ("", None),
        ("1s!", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


def test_limits_of_api_keys() -> None:
    headers = {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "25",
        "x-ratelimit-reset-requests": "1m",
        "x-ratelimit-limit-tokens": "0",
        "x-ratelimit-remaining-tokens": "x",
    }
    assert limits_from_headers(headers, 10.0, 0.0) == [Limits("requests", 0.75, 70.0)]


def test_limits_of_plans_in_headers_and_events() -> None:
    headers = {"x-codex-primary-used-percent": "150", "x-codex-primary-reset-at": "1030"}
    assert limits_from_headers(headers, 10.0, 1000.0) == [Limits("primary", 1.0, 40.0)]
    event = {"primary": {"used_percent": 50}, "secondary": None, "allowed": True}
    assert limits_from_event(event, 10.0, 1000.0) == [Limits("primary", 0.5, None)]


@pytest.mark.parametrize(
    ("headers", "message", "delay"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, "", 1.5),
        ({"retry-after": "2"}, "", 2.0),
        ({"retry-after": "-2"}, "", 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, "", 50.0),
        ({"retry-after": "whenever"}, "Please try again in 1m1.5s.", 61.5),
        ({}, "try later", None),
    ],
)
def test_when_to_ask_again(headers: dict[str, str], message: str, delay: float | None) -> None:
    assert retry_delay(headers, message, 10.0) == delay


def test_limits_of_one_model_are_told_apart_and_called_by_their_length() -> None:
    headers = {
        "x-codex-primary-used-percent": "40",
        "x-codex-primary-window-minutes": "300",
        "x-codex-spark-primary-used-percent": "90",
        "x-codex-spark-primary-window-minutes": "10080",
        "x-codex-spark-limit-name": "gpt-5.3-codex-spark",
        "x-codex-spark-secondary-used-percent": "much",
    }
    assert limits_from_headers(headers, 0.0, 0.0) == [
        Limits("5 h", 0.4, None),
        Limits("week", 0.9, None, "gpt-5.3-codex-spark"),
    ]
    event = {"primary": {"used_percent": 10, "window_minutes": 2880}}
    assert limits_from_event(event, 0.0, 0.0, "gpt-5.3-codex-spark") == [
        Limits("2 d", 0.1, None, "gpt-5.3-codex-spark")
    ]
    assert limits_from_event(event, 0.0, 0.0, "codex") == [Limits("2 d", 0.1, None)]
