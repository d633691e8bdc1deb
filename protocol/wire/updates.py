"""What a lane tells the program: the few things that matter of the protocol's many events.

The wire's core (``session.py``) turns raw frames into these. They are plain and small, since there may be
20,000 a second of them. Times are ``time.monotonic()`` seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Item = dict[str, Any]
"""An input or output item, as JSON; kept as it was received, unknown fields included."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one response. ``input_tokens`` counts the whole chain, ``cached_tokens`` is part of it."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0


class CallKind(Enum):
    """The tool shapes whose input streams as text; the value is the item's ``type``."""

    FUNCTION = "function_call"
    CUSTOM = "custom_tool_call"
    APPLY_PATCH = "apply_patch_call"


@dataclass(frozen=True, slots=True)
class Started:
    """The response exists; from here on it can be steered, stopped and continued under this id.

    A second one within a turn begins another response of it: a steer was applied, or the answer goes on after a
    cut. Calls that were not done by then are void.
    """

    response_id: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The response waits for its turn: ``reason`` says why, the server's own queue where it is empty."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The model's words; ``item_id`` tells messages of one response apart."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The model's reasoning, as summary or raw, where the server shows it."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The model began a tool call. ``name`` may be empty where a server tells it only at the end.

    ``item`` is the item as it began, where that matters: a built-in ``apply_patch`` names its file in it.
    """

    call_id: str
    name: str
    kind: CallKind
    item: Item = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallDelta:
    """More of a call's input: JSON text for a function, plain text for a custom tool, a diff for a built-in."""

    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CallDone:
    """The call is complete; ``arguments`` is the whole input and replaces what the deltas built.

    ``item`` is the item as received; for the built-in ``apply_patch`` its ``operation`` names path and kind.
    """

    call_id: str
    name: str
    kind: CallKind
    arguments: str
    item: Item


@dataclass(frozen=True, slots=True)
class MessageDone:
    """A message is complete; ``text`` replaces what the deltas built."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The response is over.

    ``status`` is ``completed``, ``incomplete`` or ``failed``. ``reason`` says why it is not ``completed``: the
    protocol's ``incomplete_details.reason`` (``max_output_tokens``, ``steered``, ``interrupted`` ...), the error's
    message, or one of our own: ``stopped`` (the user did it), ``cut`` (the connection went and could not be
    mended). ``open_calls`` are those that the turn made and nobody has answered; when the connection goes after a
    call was done, the response counts as ``completed``, and the turn goes on with the results.
    """

    response_id: str
    status: Literal["completed", "incomplete", "failed"]
    reason: str | None
    code: str | None
    usage: Usage | None
    open_calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SteerChanged:
    """What became of a redirecting message, by the caller's own ``tag``.

    ``sent``, then ``accepted`` (owned by the server), then ``applied`` (the successor response began: committed)
    or ``failed`` (never applied; ``text`` goes back to the prompt). ``note`` went before ``text``, if not empty.
    """

    tag: str
    state: Literal["sent", "accepted", "applied", "failed"]
    text: str
    reason: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Retrying:
    """A request will be tried again by itself at ``at`` (monotonic seconds); ``reason`` is one line.

    ``limited``: what is waited for is a rate limit's end.
    """

    reason: str
    at: float
    attempt: int
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """A rate limit as the server reports it: its name, how much is used (0.0 to 1.0) and when it ends."""

    name: str
    used: float | None
    resets_at: float | None
    owner: str = ""
    """The model whose own limit it is; empty for one that models share."""


class LinkState(Enum):
    """The connection's state, as the status line shows it."""

    CONNECTING = "connecting"
    WARMING = "warming"
    READY = "ready"
    RECONNECTING = "reconnecting"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The connection changed state; ``detail`` is one line for a person, empty when there is nothing to say."""

    state: LinkState
    detail: str = ""


Update = (
    Started
    | Queued
    | TextDelta
    | ReasoningDelta
    | CallStarted
    | CallDelta
    | CallDone
    | MessageDone
    | Ended
    | SteerChanged
    | Retrying
    | Limits
)
"""What arrives on a lane, in order. :class:`LinkChanged` concerns the connection and comes apart."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Everything of a ``response.create`` that is neither its input nor its lane.

    Input is sent incrementally only while these do not change (protocol.md 5.7).
    """

    model: str
    instructions: str
    tools: tuple[Item, ...] = ()
    extra: Item = field(default_factory=dict)
    """Further fields as they go on the wire: ``reasoning``, ``service_tier``, ``prompt_cache_key`` ..."""
