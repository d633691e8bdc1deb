"""The real gateway on a free port of loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from spark_tui.protocol.gateway.engine import Engine
from spark_tui.protocol.gateway.server import serve
from spark_tui.protocol.gateway.settings import GatewaySettings


@asynccontextmanager
async def running_gateway(engine: Engine, **settings: Any) -> AsyncIterator[str]:
    """The URL of a gateway that is stopped afterwards."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = {"port": 0, **settings}
    task = asyncio.create_task(serve(GatewaySettings(**settings), engine, on_listening=listening.set_result))
    try:
        yield await listening
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert getattr(engine, "closed", True)
