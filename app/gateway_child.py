"""The gateway as a child process on loopback, for as long as the program runs.

It is started with a token of its own and stops when its standard input closes, so that it cannot outlive the program,
however that ends. When it dies by itself it is started again on the same socket with the same token, and the client's
reconnection finds it there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

QUICK_DEATH = 1.0
"""Seconds: a gateway that lived shorter than this did not come up."""

QUICK_DEATHS = 3
"""How often in a row a gateway may be killed before it came up; then it is not started again."""


class GatewayError(Exception):
    """The gateway could not be started; ``str()`` is one line."""


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """Where the child listens, and what it wants to see: a base URL ending in ``/v1``, and the bearer token."""

    base_url: str
    token: str


class GatewayChild:
    """Starts, watches and ends the child. ``on_death`` gets one line each time it died by itself.

    The listening socket is made here and handed down, so that the address is known at once, a client's connection
    waits in the kernel until the child accepts it, and a child started again is found where the first one was.
    """

    def __init__(self, arguments: list[str], on_death: Callable[[str], None]) -> None:
        self._arguments = arguments
        self._on_death = on_death
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self.address = GatewayAddress(f"ws://127.0.0.1:{port}/v1", secrets.token_urlsafe(24))
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._launched: list[str] = []
        self._replacing = False

    async def start(self) -> None:
        """Start the child. Raises :exc:`GatewayError` where the system does not let us."""
        try:
            await self._launch()
        except OSError as error:
            raise GatewayError(f"the local gateway did not start: {error.strerror}") from None
        self._watch = asyncio.create_task(self._keep_alive())

    def replace(self, arguments: list[str]) -> None:
        """Go on with ``arguments``: what runs is ended, and started anew on the same address."""
        self._arguments = arguments
        self._end_outdated()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return None if self._process is None else self._process.pid

    async def aclose(self) -> None:
        """End the child and wait for it."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        self._socket.close()

    def _end_outdated(self) -> None:
        """End a child that was not started with the arguments of now; what watches it starts another."""
        process = self._process
        if process is not None and self._launched != self._arguments and not self._replacing:
            self._replacing = True
            with contextlib.suppress(ProcessLookupError):
                process.terminate()

    async def _launch(self) -> None:
        self._process = None
        self._launched = arguments = list(self._arguments)
        descriptor = self._socket.fileno()
        command = [sys.executable, "-P", "-m", "spark_tui.app", "serve", "--stop-with-stdin", "--fd", str(descriptor)]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "SPARK_TUI_TOKEN": self.address.token},
            pass_fds=[descriptor],
            start_new_session=True,
        )
        self._end_outdated()  # they may have changed while it was being started

    async def _keep_alive(self) -> None:
        clock = asyncio.get_running_loop().time
        killed_in_a_row = 0
        while True:
            assert self._process is not None
            born = clock()
            code = await self._process.wait()
            killed_in_a_row = killed_in_a_row + 1 if clock() - born < QUICK_DEATH else 0
            if self._replacing:
                self._replacing = False
                killed_in_a_row = 0
            # One that ends by itself at once would do so again; one that was killed so early was only unlucky.
            elif killed_in_a_row and (code >= 0 or killed_in_a_row == QUICK_DEATHS):
                self._on_death(f"the local gateway ended at once (exit {code}); `spark-tui serve` shows why")
                return
            else:
                self._on_death("the local gateway died and is started again")
            try:
                await self._launch()
            except OSError as error:
                self._on_death(f"the local gateway was not started again ({error.strerror}); leave and come back")
                return
