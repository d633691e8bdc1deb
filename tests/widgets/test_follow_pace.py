"""How far ahead a followed view looks."""

from __future__ import annotations

import pytest

from spark_tui.widgets.follow_pace import PERIOD, FollowPace

HEIGHT = 40


def leads(lines_per_second: float, *, frames: int = 60, frame: float = 0.0125) -> list[int]:
    """The leads of a stream that goes on at one speed, frame by frame."""
    now = [0.0]
    pace = FollowPace(clock=lambda: now[0])
    found = []
    for number in range(frames):
        now[0] = number * frame
        found.append(pace.lead(1000 + int(now[0] * lines_per_second), HEIGHT))
    return found


@pytest.mark.parametrize(("speed", "lead"), [(0, 0), (5, 0), (80, 8), (160, 16), (400, HEIGHT // 2)])
def test_it_is_what_comes_in_a_moment_and_never_more_than_half_of_the_view(speed: float, lead: int) -> None:
    assert leads(speed)[-1] == pytest.approx(lead, abs=1)
    assert max(leads(speed)) <= HEIGHT // 2


def test_a_leap_to_another_place_is_no_stream() -> None:
    now = [0.0]
    pace = FollowPace(clock=lambda: now[0])
    pace.lead(10, HEIGHT)
    now[0] = 0.01
    assert pace.lead(900, HEIGHT) == 0
    now[0] = 0.02
    assert pace.lead(30, HEIGHT) == 0


def test_after_a_rest_lines_come_one_by_one_again() -> None:
    now = [0.0]
    pace = FollowPace(clock=lambda: now[0])
    for number in range(30):
        now[0] = number * 0.01
        pace.lead(number * 2, HEIGHT)
    now[0] += 100 * PERIOD
    assert pace.lead(60, HEIGHT) == 0
