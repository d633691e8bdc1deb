"""The least that a terminal program could do with the stream: its figures are the floor of the others'.

Row 1 echoes typed keys; below it scrolls the model's text, written the moment each delta arrives.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tty

from websockets.asyncio.client import connect

TOOLS = [{"type": "custom", "name": "apply_patch"}]


async def main(url: str) -> None:
    """Run until ctrl+c."""
    tty.setraw(0)
    loop = asyncio.get_running_loop()
    keys: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for key in os.read(0, 1024).decode():
            keys.put_nowait(key)

    loop.add_reader(0, read)
    _write("\x1b[2J\x1b[2;40r\x1b[1;1H> \x1b[40;1H")
    typed = ""
    turn: asyncio.Task[None] | None = None
    async with connect(url, max_size=None, compression=None) as socket:

        async def ask(text: str) -> None:
            await socket.send(json.dumps({"type": "response.create", "input": [{"text": text}], "tools": TOOLS}))
            async for message in socket:
                event = json.loads(message)
                if event["type"].endswith(".delta"):
                    _write(event["delta"].replace("\n", "\r\n"))
                elif event["type"] == "response.completed":
                    return

        while (key := await keys.get()) != "\x03":
            if key == "\r":
                turn, typed = asyncio.create_task(ask(typed)), ""
            elif key == "\x1b" and turn is not None:
                turn.cancel()
                socket.transport.abort()  # a polite close would wait behind unread data
                _write("\r\ninterrupted\r\n")
            elif key.isprintable():
                typed += key
            _write(f"\x1b7\x1b[1;1H\x1b[2K> {typed}\x1b8")


def _write(text: str) -> None:
    os.write(1, text.encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
