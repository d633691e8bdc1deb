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
