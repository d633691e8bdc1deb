"""The terminal, written on the event loop: at once where it takes what is written, later where it does not.

Textual hands what it draws to a thread, which has to wait for the interpreter's lock while the next frame is made:
each frame came later by that wait. Here a frame is in the kernel when the call returns, and a terminal that takes
no more (a slow line, a stopped screen) holds nobody up.

Being in the kernel is not being on the screen: a slow line has buffers of its own, and what is queued there stands
before the echo of the next key. So a question goes out behind each frame that a terminal which understands it
answers when it comes to it, and a terminal whose answer is overdue is behind.
"""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable

QUESTION = "\x1b[?2026$p"
"""Asks whether the terminal knows synchronized updates (DECRQM). What matters is when the answer comes."""

REMINDER = "\x1b[6n"
"""Asks where the cursor is (CPR): every terminal answers, and not in the same words, so that a late answer to the
question is not taken for one to the next."""

PROBED_BYTES = 512
"""What is written without a question: the echo of a key."""

ASK_AFTER = 0.001
"""Seconds from a frame to its question: read together with the frame's end, some terminals overlook it."""

SLACK = 0.006
"""Seconds by which an answer may be later than the quickest one, until the terminal counts as behind: less than a
frame, so that on a slow line one frame is under way, and a key's echo waits for no more than that."""

REMIND_AFTER = 0.03
"""Seconds for which an answer may be overdue until the reminder goes out: it may have been lost."""

SILENCE = 1.0
"""Seconds from there on after which an answer is no longer waited for."""

PATIENCE_MS = 2000
"""How long a terminal that takes nothing is waited for at the end."""


class TerminalWriter:
    """Writes to the terminal behind ``descriptor``, on the running event loop; ``on_ready`` is called when the
    terminal is no longer behind.

    The terminal is opened anew, since not waiting is a property of what was opened: the shell, and the programs that
    are started on this terminal, share the other one. Where it cannot be opened (its name means nothing in here), a
    slow terminal is waited for.
    """

    def __init__(
        self,
        descriptor: int,
        on_ready: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._on_ready = on_ready
        self._unsent = bytearray()
        self._is_full = False
        self._soon: asyncio.Handle | None = None
        self._answers = False
        self._asked_at: float | None = None
        """When the question went out that is not answered yet; there is one at a time."""
        self._reminded = False
        self._next_step: asyncio.Handle | None = None
        """Asking, reminding, or giving up: what comes next of these."""
        self._unasked = 0
        """Bytes since the last question."""
        self._quickest = float("inf")
        try:
            self._descriptor = os.open(
                os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            )
        except OSError:
            self._descriptor = os.dup(descriptor)

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was written before."""
        return self._is_full or (self._asked_at is not None and self._waited > self._quickest + SLACK)

    @property
    def answers(self) -> bool:
        """Whether the terminal is known to answer."""
        return self._answers

    @property
    def awaits_answer(self) -> bool:
        """Whether the terminal is about to write something that is no key."""
        return self._asked_at is not None

    def write(self, text: str) -> None:
        """Take ``text``; it is sent with the next :meth:`flush`, or soon."""
        self._unsent += text.encode("utf-8", "replace")
        self._unasked += len(text)
        if self._soon is None:
            self._soon = self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send as much as the terminal takes now, and the rest when it takes more."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self._answers and self._next_step is None and self._unasked >= PROBED_BYTES:
            self._next_step = self._loop.call_later(ASK_AFTER, self._ask)
        if not self._is_full:
            self._send()

    def answered(self) -> None:
        """The terminal answered the question that is open; or one that was given up, or not asked here."""
        self._answers = True
        if self._asked_at is not None:
            self._quickest = min(self._quickest, self._waited)
            self._end_question()

    def reminded(self) -> None:
        """The terminal answered the reminder: if the question is still open, its answer was lost."""
        if self._reminded:
            self._end_question()

    def ask_no_more(self) -> None:
        """Somebody else reads the terminal from now on, and would take an answer for typing."""
        self._answers = False
        self._on_ready = lambda: None
        self._end_question()

    def close(self) -> None:
        """Send the rest, which may take a moment, and write no more."""
        self.ask_no_more()
        self.flush()
        self._stop_watching()
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        while self._unsent and poll.poll(PATIENCE_MS) and self._send_some():
            pass
        os.close(self._descriptor)

    @property
    def _waited(self) -> float:
        return 0.0 if self._asked_at is None else self._clock() - self._asked_at

    def _ask(self) -> None:
        self._unasked = 0
        self._asked_at = self._clock()
        quickest = 0.0 if self._quickest == float("inf") else self._quickest
        self._next_step = self._loop.call_later(quickest + SLACK + REMIND_AFTER, self._remind)
        self._insert(QUESTION)

    def _remind(self) -> None:
        self._reminded = True
        self._next_step = self._loop.call_later(SILENCE, self._give_up)
        self._insert(REMINDER)

    def _give_up(self) -> None:
        """The terminal no longer answers: another one took its place, or it is stopped."""
        self._answers = False
        self._end_question()

    def _end_question(self) -> None:
        self._asked_at = None
        self._reminded = False
        if self._next_step is not None:
            self._next_step.cancel()
            self._next_step = None
        if not self.is_behind:
            self._on_ready()

    def _insert(self, text: str) -> None:
        self._unsent += text.encode()
        if not self._is_full:
            self._send()

    def _send(self) -> None:
        while self._unsent and self._send_some():
            pass
        if not self._unsent:
            self._stop_watching()
        elif not self._is_full:
            self._is_full = True
            self._loop.add_writer(self._descriptor, self._send_rest)

    def _send_rest(self) -> None:
        self._send()
        if not self.is_behind:
            self._on_ready()

    def _send_some(self) -> bool:
        """Send a piece; false where the terminal takes nothing now."""
        try:
            del self._unsent[: os.write(self._descriptor, self._unsent)]
        except BlockingIOError:
            return False
        except OSError:  # the terminal is gone; the hang-up signal ends the program
            self._unsent.clear()
        return True

    def _stop_watching(self) -> None:
        if self._is_full:
            self._is_full = False
            self._loop.remove_writer(self._descriptor)
