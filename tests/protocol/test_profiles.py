from __future__ import annotations

from typing import Any

import pytest

from spark_tui.protocol.profiles import Profile, Steering, ToolShape, profile_for


def test_an_unknown_model_gets_the_safe_defaults() -> None:
    assert profile_for("nobody/knows-me") == Profile()
    assert Profile().context_tokens == 128_000
    assert Profile().steering is Steering.NONE


def test_our_own_engine_steers_and_stops_on_open_connections() -> None:
    profile = profile_for("offline")
    assert (profile.steering, profile.interrupt, profile.lanes, profile.reasoning) == (
        Steering.STEER,
        True,
        True,
        False,
    )


def test_later_entries_go_over_earlier_ones_and_providers_do_not_matter() -> None:
    assert profile_for("openai/GPT-4.1").reasoning is False
    assert profile_for("gpt-5.3-codex-spark").context_tokens == 128_000
    assert profile_for("gpt-6").steering is Steering.STEER
    assert profile_for("grok-code-fast-1").lanes is False


def test_the_configuration_extends_the_table() -> None:
    profile = profile_for("mine-7b", {"mine-*": {"tools": "text", "context_tokens": 8192, "service_tier": "fast"}})
    assert profile == Profile(tools=ToolShape.TEXT, context_tokens=8192, service_tier="fast")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": 1}, "no field 'colour'"),
        ({"steering": "wheel"}, "steering must be one of steer, interrupt, none"),
        ({"lanes": 1}, "lanes must be a true or false"),
        ({"context_tokens": 0}, "context_tokens must be a number above 0"),
        ({"context_tokens": True}, "context_tokens must be a number above 0"),
    ],
)
def test_unusable_entries_are_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        profile_for("mine", {"mine": values})
