"""What a model and its server can do, as data: model names change every month, abilities do not.

The table in ``profiles.toml`` ships with the package; the user's configuration extends it by the same fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any


class ToolShape(Enum):
    """How the model is offered the patch tool."""

    CUSTOM = "custom"
    BUILT_IN = "built-in"
    FUNCTION = "function"
    TEXT = "text"


class Steering(Enum):
    """How a running response is redirected; with ``NONE`` it is stopped, and a new one continues."""

    STEER = "steer"
    INTERRUPT = "interrupt"
    NONE = "none"


class Compaction(Enum):
    """How a conversation is made shorter: by the server on request, or by the model's own summary."""

    TRIGGER = "trigger"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Profile:
    """The abilities of one model. The defaults are safe with a server of which nothing is known."""

    context_tokens: int = 128_000
    """How many tokens input and output may have together."""
    tools: ToolShape = ToolShape.CUSTOM
    steering: Steering = Steering.NONE
    interrupt: bool = False
    """Whether ``response.interrupt`` is taken; where not, stopping costs the connection."""
    lanes: bool = True
    """Whether ``stream_id`` may be sent. A server that ignores it is found out by itself."""
    warmup: bool = True
    """Whether ``generate: false`` may be sent."""
    reasoning: bool = False
    """Whether encrypted reasoning is asked for, so that a full resend loses none."""
    compaction: Compaction = Compaction.SUMMARY
    """How room is made when the context is nearly full; a refused ``TRIGGER`` becomes a ``SUMMARY``."""
    service_tier: str | None = None
    """The speed tier to ask for; ``None`` leaves it to the server."""


def profile_for(model: str, extra: Mapping[str, Mapping[str, Any]] | None = None) -> Profile:
    """Return the profile of ``model``: the shipped table, then ``extra`` (name pattern to fields) over it.

    Names are matched without their provider (``openai/gpt-5`` as ``gpt-5``) and without regard to case. Raises
    ``ValueError``, naming pattern and field, for a field that does not exist or has an unusable value, whether
    its pattern matches or not.
    """
    profile = Profile()
    name = model.rpartition("/")[2].lower()
    for pattern, values in [*_shipped(), *(extra or {}).items()]:
        checked = dict(_checked(pattern, values))
        if fnmatchcase(name, pattern.lower()) or fnmatchcase(model.lower(), pattern.lower()):
            profile = replace(profile, **checked)
    return profile


@cache
def _shipped() -> list[tuple[str, Mapping[str, Any]]]:
    text = (files("spark_tui.protocol") / "profiles.toml").read_text(encoding="utf-8")
    return [
        (entry["match"], {name: value for name, value in entry.items() if name != "match"})
        for entry in tomllib.loads(text)["profile"]
    ]


_DEFAULTS = {field.name: field.default for field in fields(Profile)}


def _checked(pattern: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if not isinstance(values, Mapping):
        raise ValueError(f"profile {pattern!r}: must be a table of fields, not {values!r}")
    for name, value in values.items():
        if name not in _DEFAULTS:
            raise ValueError(f"profile {pattern!r}: there is no field {name!r}; known: {', '.join(_DEFAULTS)}")
        default = _DEFAULTS[name]
        if isinstance(default, Enum):
            kinds = [kind.value for kind in type(default)]
            if value not in kinds:
                raise ValueError(f"profile {pattern!r}: {name} must be one of {', '.join(kinds)}")
            yield name, type(default)(value)
            continue
        wanted = str if default is None else type(default)
        usable = type(value) is wanted and (not isinstance(value, int) or isinstance(value, bool) or value > 0)
        if not usable:
            raise ValueError(f"profile {pattern!r}: {name} must be a {_WORDS[wanted]}")
        yield name, value


_WORDS = {str: "text", int: "number above 0", bool: "true or false"}
