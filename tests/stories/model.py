"""A model that does what a story tells it, at the other end of a real socket."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future

from tests.doubles.conversation import Conversation
from tests.doubles.loop_thread import LoopThread
from tests.doubles.scripted_server import Json


class ScriptedModel:
    """``talk`` on ``thread``, reached at ``base_url``; what a method says has been sent when it returns."""

    def __init__(self, talk: Conversation, thread: LoopThread, base_url: str) -> None:
        self._talk = talk
        self._thread = thread
        self._base_url = base_url

    def options(self, model: str = "some-model") -> tuple[str, ...]:
        """What the program is started with, so that it talks with this one under the name ``model``."""
        return "--base-url", self._base_url, "--model", model

    def heard(self) -> Json:
        """The client's next event, warm-ups left out."""
        return self._thread.run(self._talk.asked.get())

    def begin(self, response_id: str, words: str = "I begin.") -> Json:
        """Take what the client asks next and begin to answer it."""
        return self._thread.run(self._talk.begin(response_id, words))

    def flood(self, texts: Iterable[str]) -> Future[None]:
        """Write ``texts`` behind what was begun, one by one as fast as they go out; done once they are sent."""
        return self._thread.start(self._talk.flood(texts))

    def begin_patch(self, response_id: str, text: str) -> None:
        """Write the beginning of a patch."""
        self._thread.run(self._talk.begin_patch(text, response_id))

    def patch(self, response_id: str, text: str) -> None:
        """Write a whole patch, and end the answer."""
        self._thread.run(self._talk.patch(response_id, text))

    def answer(self, response_id: str, words: str) -> None:
        """Begin an answer to what was :meth:`heard`."""
        self._thread.run(self._talk.answer(response_id, words))

    def steered(self, response_id: str, successor_id: str) -> None:
        """Accept a steer of an answer, end that where it is, and begin the one that takes its place."""
        self._thread.run(self._talk.steered(response_id, successor_id, "As you say."))

    def end(self, response_id: str) -> None:
        """End an answer."""
        self._thread.run(self._talk.end(response_id))


def told(request: Json) -> str:
    """All words of a request, of the user's and of the program's notes."""
    items = [item for item in request["input"] if item.get("role") in ("user", "developer")]
    return "\n".join(part["text"] for item in items for part in item["content"])


def update(path: str, *changes: str) -> str:
    """A patch of one file; each of ``changes`` is the lines of one of its places, as they stand in it."""
    places = "".join(f"@@\n{change}" for change in changes)
    return f"*** Begin Patch\n*** Update File: {path}\n{places}*** End Patch\n"
