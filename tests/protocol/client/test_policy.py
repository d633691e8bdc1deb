from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.protocol.client.policy import MAX_ATTEMPTS, ResendBudget, backoff, is_transient
from spark_tui.protocol.errors import ConnectionLost, HandshakeRefused, RequestFailed, WireError
from spark_tui.protocol.wire.frames import Failure
from spark_tui.protocol.wire.lane import Cause


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        *((HandshakeRefused(status, ""), False) for status in (400, 401, 403, 404, 426)),
        *((HandshakeRefused(status, ""), True) for status in (429, 500, 503)),
        *((ConnectionLost("", code), True) for code in (None, 1000, 1001, 1011, 1012, 1013)),
        *((ConnectionLost("", code), False) for code in (1008, 1009)),
        (RequestFailed("", status=429, code="rate_limit_exceeded"), True),
        (RequestFailed("", status=429, code="insufficient_quota"), False),
        (RequestFailed("", code="server_error"), True),
        (RequestFailed("", status=400, code="invalid_prompt"), False),
        (RequestFailed(""), False),
        (WireError(""), False),
    ],
)
def test_what_may_pass_by_itself(error: WireError, transient: bool) -> None:
    assert is_transient(error) is transient


@given(st.floats(0, 1))
def test_the_first_try_is_at_once_and_the_delays_grow_to_a_bound(jitter: float) -> None:
    first, *rest = islice(backoff(jitter=lambda: jitter), 12)
    assert first == 0.0
    assert all(earlier <= later for earlier, later in pairwise(rest))
    assert 0.375 <= rest[0] <= 0.5
    assert 22.5 <= rest[-1] <= 30.0


def test_one_resend_for_each_cause() -> None:
    budget = ResendBudget()
    assert budget.allow_resend(Cause.LOST)
    assert not budget.allow_resend(Cause.LOST)
    assert budget.allow_resend(Cause.EXPIRED)
    assert all(budget.allow_resend(Cause.STOPPED) for _ in range(3))


def test_attempts_are_bounded_and_the_server_says_when() -> None:
    budget = ResendBudget()
    busy = Failure("busy", status=503)
    assert budget.delay_after(Failure("busy", status=503, headers={"retry-after": "7"}), 0.0) == 7.0
    assert all(budget.delay_after(busy, 0.0) is not None for _ in range(MAX_ATTEMPTS - 1))
    assert budget.delay_after(busy, 0.0) is None
    assert budget.used == MAX_ATTEMPTS


def test_what_does_not_pass_is_not_tried_again_and_a_forgotten_conversation_once() -> None:
    budget = ResendBudget()
    assert budget.delay_after(Failure("no", status=400), 0.0) is None
    forgotten = Failure("forgotten", "previous_response_not_found", 400)
    assert [budget.delay_after(forgotten, 0.0) for _ in range(2)] == [0.0, None]
