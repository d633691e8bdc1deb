"""Whether a model server on this machine answers: it is looked for, the user is asked once, the answer remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from spark_tui.app.local_servers import LocalServer, find_local_servers
from spark_tui.app.model_link import ModelLink
from spark_tui.app.remembered import Remembered

Find = Callable[[], Awaitable[Sequence[LocalServer]]]


class LocalChoice:
    """``say`` puts one line before the user, ``on_changed`` is called after another model took over.

    The model is exchanged between turns only; :meth:`idle` says that no turn runs.
    """

    def __init__(
        self,
        link: ModelLink,
        remembered: Remembered,
        say: Callable[[str], None],
        on_changed: Callable[[], None],
        *,
        find: Find = find_local_servers,
    ) -> None:
        self._link = link
        self._remembered = remembered
        self._say = say
        self._on_changed = on_changed
        self._find = find
        self._found: list[LocalServer] = []
        self._next: LocalServer | None = None
        self._is_idle = True

    async def look(self) -> None:
        """Find what there is; use what the user wanted before, or ask."""
        self._found = list(await self._find())
        answers = {server: self._remembered.local_answer(server.base_url) for server in self._found}
        wanted = next((server for server, answer in answers.items() if answer), None)
        if wanted is not None:
            self._take(wanted)
            return
        unasked = [server for server, answer in answers.items() if answer is None]
        if unasked:
            first = unasked[0]
            self._found.sort(key=lambda server: server is not first)
            others = "".join(f" {server.name} runs as well." for server in unasked[1:])
            self._say(
                f"{_named(first)} runs on this machine.{others} "
                f"Use it? /local lets it answer, /offline stays with the built-in engine; you are asked once."
            )

    def accept(self) -> None:
        """The user wants the local server."""
        if self._link.local is not None:
            self._say(f"{_named(self._link.local)} answers already")
        elif not self._link.takes_local:
            self._say("an endpoint is configured, and answers; start without it to use a server on this machine")
        elif not self._found:
            self._say("no model server was found on this machine; start one, then this program again")
        else:
            self._remembered.set_local_answer(self._found[0].base_url, True)
            self._take(self._found[0])

    def decline(self) -> None:
        """The user wants the built-in engine."""
        if not self._link.takes_local:
            self._say("an endpoint is configured, and answers; `spark-tui --offline` starts the built-in engine")
            return
        for server in self._found:
            self._remembered.set_local_answer(server.base_url, False)
        self._next = None
        if self._link.local is None:
            self._say("the built-in engine answers")
        elif not self._is_idle:
            self._say("a turn is running; stop it first")
        else:
            self._link.use_local(None)
            self._on_changed()
            self._say("the built-in engine answers from now on; /local goes back")

    def busy(self) -> None:
        """A turn runs."""
        self._is_idle = False

    def idle(self) -> None:
        """No turn runs."""
        self._is_idle = True
        if self._next is not None:
            self._take(self._next)

    def _take(self, server: LocalServer) -> None:
        if not self._is_idle:
            self._next = server
            return
        self._next = None
        self._link.use_local(server)
        self._on_changed()
        self._say(f"{_named(server, self._link.endpoint.model)} answers from now on; /offline goes back")


def _named(server: LocalServer, model: str = "") -> str:
    return f"{server.name} with {model or server.model()}"
