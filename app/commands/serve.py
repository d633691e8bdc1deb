"""``spark-tui serve``: the gateway on the command line.

The program starts this as a child of its own, so nothing is imported that the gateway does not need.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
from pathlib import Path
from typing import TextIO

from spark_tui.protocol.engines import ENGINE_NAMES, EngineOptionError, EngineOptions, make_engine
from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.gateway.engine import Engine
from spark_tui.protocol.gateway.settings import DEFAULT_PORT, GatewaySettings

TOKEN_VARIABLE = "SPARK_TUI_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``spark-tui serve``."""
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="0 picks a free one (default: %(default)s)")
    parser.add_argument(
        "--engine", choices=ENGINE_NAMES, default="offline", help="what answers (default: %(default)s)"
    )
    parser.add_argument(
        "--rate",
        type=_rate,
        metavar="R",
        help="offline: tokens a second (default: 1200); tape: times its own speed (default: 1); 0 does not wait",
    )
    parser.add_argument("--no-token", action="store_true", help="let everybody in who can reach the port")
    parser.add_argument("--upstream", metavar="URL", help="chat, responses: the server's base URL, ending in /v1")
    parser.add_argument("--upstream-key-env", metavar="NAME", help="environment variable with the upstream's key")
    parser.add_argument(
        "--model-map",
        metavar="A=B",
        type=_model_pair,
        action="append",
        default=[],
        help="ask the upstream for B when a client asks for A; * stands for all others; may be repeated",
    )
    parser.add_argument(
        "--plain-patches",
        action="store_true",
        help="chat: the model has no tools; a patch in its text becomes a call of apply_patch",
    )
    parser.add_argument("--tape", type=Path, metavar="FILE", help="tape: the recording to replay")
    parser.add_argument("--fd", type=int, metavar="N", help="listen on this inherited socket instead")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped. Returns the exit code: 0 stopped, 1 could not listen or read, 2 usage."""
    try:
        engine = make_engine(args.engine, _engine_options(args))
    except EngineOptionError as error:
        return _fail(str(error), 2)
    except ProtocolError as error:
        return _fail(str(error), 1)
    given = os.environ.get(TOKEN_VARIABLE)
    token = None if args.no_token else given or secrets.token_urlsafe(32)
    token_line = f"token from {TOKEN_VARIABLE}" if token and given else token
    settings = GatewaySettings(args.host, args.port, token, descriptor=args.fd, stop_with_stdin=args.stop_with_stdin)
    if token is None and not settings.loopback_only:
        _say(f"warning: whoever can reach {args.host} can use this gateway.", sys.stderr)
    try:
        asyncio.run(_serve(settings, engine, token_line))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        return _fail(f"Cannot listen on {args.host} port {args.port}: {reason}; choose another with --port.", 1)
    return 0


async def _serve(settings: GatewaySettings, engine: Engine, token_line: str | None) -> None:
    from spark_tui.protocol.gateway.server import serve

    def announce(url: str) -> None:
        _say(f"listening on {url}")
        if token_line is not None:
            _say(token_line)

    await serve(settings, engine, on_listening=announce)


def _engine_options(args: argparse.Namespace) -> EngineOptions:
    key = None
    if args.upstream_key_env is not None:
        key = os.environ.get(args.upstream_key_env)
        if not key:
            raise EngineOptionError(f"The environment variable {args.upstream_key_env} is not set.")
    return EngineOptions(
        rate=args.rate,
        upstream=args.upstream,
        upstream_key=key,
        model_map=dict(args.model_map),
        plain_patches=args.plain_patches,
        tape=args.tape,
    )


def _say(line: str, stream: TextIO | None = None) -> None:
    print(line, file=stream or sys.stdout, flush=True)


def _fail(line: str, code: int) -> int:
    _say(f"spark-tui serve: {line}", sys.stderr)
    return code


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate < float("inf"):
        raise ValueError
    return rate


def _model_pair(text: str) -> tuple[str, str]:
    asked, separator, real = text.partition("=")
    if not (asked and separator and real):
        raise ValueError
    return asked, real
