"""One shell command as a child process: its output as it comes, and an end for all of its children."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import re
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

GRACE = 2.0
"""Seconds between asking a command to end and ending it."""

LINGER = 0.3
"""Seconds that output is still read after the shell has ended; what it left behind may hold the pipe for ever."""

_CHUNK = 1 << 16
_QUIET = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
"""What is told to programs that write for a terminal: there is none."""

_SEQUENCE = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
"""Colours and cursor moves of programs that write them all the same; anything else is shown as what it is."""


class CommandError(Exception):
    """The command could not be started; ``str()`` is one line."""


class Process:
    """Runs ``command`` in ``folder`` once; ``environment`` is put over the program's own."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._folder = folder
        self._environment = {**os.environ, **_QUIET, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self, on_output: Callable[[str], None]) -> int:
        """Run to the end and return the exit code, negative where a signal ended it.

        ``on_output`` gets text as it comes, without colours, not made safe otherwise. Raises :exc:`CommandError`.
        """
        # A pipe of our own: asyncio's would have its process wait for whoever holds the other end.
        ours, theirs = os.pipe()
        try:
            process = await self._start(theirs)
        except (OSError, ValueError) as error:
            os.close(ours)
            raise CommandError(f"cannot run that: {error}") from None
        finally:
            os.close(theirs)
        self._process = process
        stream = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(ours, "rb"))
        reading = asyncio.create_task(_read(stream, on_output))
        try:
            code = await process.wait()
            await asyncio.wait([reading], timeout=LINGER)
        finally:
            reading.cancel()
            self._signal(signal.SIGKILL)
            await asyncio.gather(reading, return_exceptions=True)
            pipe.close()
            await process.wait()
        return code

    async def _start(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_shell(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            # A group of its own can be ended with all its children, and cannot write on the program's terminal.
            start_new_session=True,
        )

    async def stop(self) -> None:
        """Ask the command and its children to end, and end them after a while. Nothing happens where none runs."""
        if self._process is None or self._stopping:
            return
        self._stopping = True
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


async def _read(stream: asyncio.StreamReader, on_output: Callable[[str], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    while chunk := await stream.read(_CHUNK):
        text = pending + decoder.decode(chunk)
        # A sequence or a line end that is cut in two waits for its rest.
        cut = max(text.rfind("\x1b"), len(text) - 1 if text.endswith("\r") else -1)
        pending = text[cut:] if cut >= len(text) - 16 and not _SEQUENCE.match(text, cut) and cut >= 0 else ""
        if shown := plain(text[: len(text) - len(pending)]):
            on_output(shown)
    if pending := plain(pending + decoder.decode(b"", final=True)):
        on_output(pending)


def plain(text: str) -> str:
    """``text`` without colours, and with line feeds for every kind of line end, also those that redraw a line."""
    return _SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
