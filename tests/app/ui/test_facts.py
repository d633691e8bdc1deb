"""Which limit is told, and for how long."""

from __future__ import annotations

from spark_tui.app.pairing.meters import Meters, Waiting
from spark_tui.app.ui.facts import held_back_by, near_limits
from spark_tui.protocol.wire.updates import Limits


def meters(*limits: Limits, waiting: Waiting | None = None) -> Meters:
    return Meters(limits={(limit.owner, limit.name): limit for limit in limits}, waiting=waiting)


def test_a_limit_that_is_not_spent_holds_nothing_back() -> None:
    assert held_back_by(meters(Limits("requests", 0.99, 20.0)), 10.0) == ("", None)


def test_a_spent_limit_is_named_until_it_ends() -> None:
    spent = meters(Limits("requests", 1.0, 22.0))
    assert held_back_by(spent, 10.0) == ("requests", 12.0)
    assert held_back_by(spent, 22.0) == ("", None)


def test_a_wait_for_a_limit_counts_down_to_the_retry() -> None:
    waiting = Waiting("too many requests", 0.0, 15.0, limited=True)
    assert held_back_by(meters(waiting=waiting), 10.0) == ("too many requests", 5.0)
    assert held_back_by(meters(Limits("tokens", 1.0, 99.0), waiting=waiting), 10.0) == ("tokens", 5.0)


def test_another_wait_is_no_limit() -> None:
    assert held_back_by(meters(waiting=Waiting("overloaded", 0.0, 15.0)), 10.0) == ("", None)


def test_the_models_own_limit_stands_apart() -> None:
    near = near_limits(
        meters(Limits("5 h", 0.85, 99.0), Limits("week", 0.9, 99.0, "spark"), Limits("x", 0.2, 9.0)), 10.0
    )
    assert near == "spark's own limit, week 90% used, 5 h 85% used"
