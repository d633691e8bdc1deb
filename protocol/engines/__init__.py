"""What can stand behind the gateway, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.gateway.engine import Engine

ENGINE_NAMES = ("offline", "chat", "responses", "tape")
OFFLINE_RATE = 1200.0


class EngineOptionError(ProtocolError):
    """The options do not fit the engine; one line that says what is missing."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What the engines can be told; each takes what concerns it."""

    rate: float | None = None
    """``offline``: tokens a second; ``tape``: times its own speed. 0 does not wait; ``None`` is the default."""

    upstream: str | None = None
    """``chat``, ``responses``: the server's base URL, ending in ``/v1`` for most."""

    upstream_key: str | None = field(default=None, repr=False)
    """The key shown to the upstream, if it wants one."""

    model_map: Mapping[str, str] = field(default_factory=dict)
    """Names as clients ask for them -> names of the upstream; ``*`` stands for all others."""

    plain_patches: bool = False
    """``chat``: the model has no tools; a patch in its text becomes a call of ``apply_patch``."""

    tape: Path | None = None
    """``tape``: the recording."""


def make_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of that name; its module is imported only now.

    Raises :class:`EngineOptionError` for an unknown name or a missing option, and :class:`ProtocolError` for a tape
    that cannot be read.
    """
    match name:
        case "offline":
            from spark_tui.protocol.engines.offline.engine import OfflineEngine

            return OfflineEngine(OFFLINE_RATE if options.rate is None else options.rate)
        case "chat":
            from spark_tui.protocol.engines.chat import ChatEngine

            return ChatEngine(
                _upstream(name, options),
                key=options.upstream_key,
                model_map=options.model_map,
                plain_patches=options.plain_patches,
            )
        case "responses":
            from spark_tui.protocol.engines.responses import ResponsesEngine

            return ResponsesEngine(_upstream(name, options), key=options.upstream_key, model_map=options.model_map)
        case "tape":
            from spark_tui.protocol.engines.tape import TapeEngine

            if options.tape is None:
                raise EngineOptionError("The engine tape needs a recording: --tape FILE.")
            return TapeEngine.open(options.tape, speed=1.0 if options.rate is None else options.rate)
    raise EngineOptionError(f"There is no engine {name!r}; choose one of {', '.join(ENGINE_NAMES)}.")


def _upstream(name: str, options: EngineOptions) -> str:
    if not options.upstream:
        raise EngineOptionError(f"The engine {name} needs a server: --upstream URL.")
    if not options.upstream.startswith(("http://", "https://")):
        raise EngineOptionError("--upstream must begin with http:// or https://.")
    return options.upstream
