"""How a socket is read."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.client.transport import WebSocketTransport, open_websocket
from spark_tui.protocol.profiles import Profile

LARGE = 4_000_000


async def test_a_backlog_is_read_in_pieces_that_do_not_hold_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[int] = []
    taken = ClientConnection.data_received

    def data_received(self: ClientConnection, data: bytes) -> None:
        pieces.append(len(data))
        taken(self, data)

    async def send_much(peer: ServerConnection) -> None:
        await peer.recv()
        await peer.send("a" * LARGE)
        await peer.wait_closed()

    async with serve(send_much, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        transport = await open_websocket(
            Endpoint(f"http://127.0.0.1:{port}", None, "test-model", Profile()), Timing(open=5)
        )
        assert isinstance(transport, WebSocketTransport)
        monkeypatch.setattr(type(transport._socket), "data_received", data_received)
        await transport.send("go on")
        assert len(await transport.receive()) == LARGE
        transport.abort()
    assert sum(pieces) >= LARGE
    assert max(pieces) <= 65_536
