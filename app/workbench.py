"""Everything of a running session but the screen: made in one place for the program, for ``run`` and for the tests.

Nothing here waits: connecting, reading the repository and saving go on beside the user.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.changes.decisions import take_decisions
from spark_tui.app.gateway_child import GatewayChild, GatewayError
from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.instructions import GUIDANCE_FILE, default_instructions, guidance
from spark_tui.app.pairing.items import user_message
from spark_tui.app.pairing.review import Review, Severity
from spark_tui.app.pairing.saving import Saver
from spark_tui.app.pairing.session import PairSession
from spark_tui.app.pairing.store import SessionStore
from spark_tui.app.pairing.tools import Pending, ToolBox
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.app.settings import Settings
from spark_tui.app.workspace.errors import WorkspaceError
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.publishing import Outcome
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.recovery import recover
from spark_tui.app.workspace.search import search
from spark_tui.app.workspace.status import StatusSnapshot, read_status
from spark_tui.app.workspace.watcher import FilesChanged, RepositoryMoved, WatchingDegraded, watch
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.patch.grammar import grammar
from spark_tui.protocol.profiles import profile_for
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Item, LinkChanged, LinkState, TurnSettings

LANE = "main"
OFFLINE_MODEL = "offline"


class Audience(Protocol):
    """Who is told what happens; all calls come on the event loop and must be quick."""

    def changed(self) -> None:
        """There is something new to draw."""

    def returned(self, text: str) -> None:
        """``text`` was not applied and goes back to the prompt."""

    def notify_user(self, text: str, severity: Severity) -> None:
        """One line for the user."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The repository as last seen: its files, git's view of them, and why they could not be read, if so."""

    paths: Sequence[str] = ()
    status: StatusSnapshot | None = None
    trouble: str = ""


class Workbench:
    """One session on one repository. Make it on the event loop it is to run on, then :meth:`start` it.

    ``store`` is where it is saved; with ``resume`` what is there is taken up first. ``None`` saves nothing.
    """

    def __init__(
        self, repository: Repository, settings: Settings, audience: Audience, store: SessionStore | None
    ) -> None:
        saved = store.load_state() if store is not None else {}
        self.repository = repository
        self.settings = settings
        self.link = LinkChanged(LinkState.CONNECTING)
        self.survey = Survey()
        self.changes = ChangeSet.from_json(saved["changes"]) if "changes" in saved else ChangeSet()
        self.transcript = Transcript(store.load_entries() if store is not None else ())
        self.draft = str(saved.get("draft", ""))
        self.sent: list[str] = list(saved.get("sent", ()))
        self.side_by_side = bool(saved.get("side_by_side", False))
        self._audience = audience
        self._gateway = self._make_gateway() if settings.offline else None
        endpoint = self._endpoint()
        self.profile = endpoint.profile
        self._client = Client(endpoint, on_link=self._link_changed)
        self._lane = self._client.lane(LANE, History.from_json(saved["history"]) if "history" in saved else None)
        self._saver = Saver(store, self._state, self.transcript)
        self.review = Review(
            self.changes,
            Writer(repository.root, repository.state_dir),
            self._read,
            git_line_diff,
            notify=audience.notify_user,
            on_change=audience.changed,
            on_decided=self._saver.save_soon,
        )
        self._tools = ToolBox(
            read=self._read,
            pending=self._pending,
            list_files=repository.list_files,
            search=lambda query, pending: search(repository, query, pending),
            grammar=grammar(),
        )
        calls = CallBook(
            self.changes,
            self._tools,
            lambda path: asyncio.to_thread(self._read, path),
            self.transcript,
            on_answered=lambda: self.session.calls_answered(),
            on_change=audience.changed,
        )
        self._settings_of_turns = self._turn_settings()
        self.session = PairSession(
            self._lane,
            calls,
            self.transcript,
            lambda: self._settings_of_turns,
            lambda: take_decisions(self.changes),
            on_change=self._session_changed,
            on_returned=audience.returned,
            turn=int(saved.get("turn", 0)),
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to connect, to read the repository, to watch it and to save."""
        if self._gateway is not None:
            self._spawn(self._run_gateway(self._gateway))
        await self._client.start()
        self._warm()
        self._spawn(self._settle_in())

    async def aclose(self) -> None:
        """End everything that was started, and save."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()
        if self._gateway is not None:
            await self._gateway.aclose()
        await self._saver.aclose()

    # -- what the user does beside the review ------------------------------------------------------------------

    def submit(self, text: str) -> None:
        """Say ``text`` to the model, now."""
        self._remember(text)
        self.session.submit(text)

    def enqueue(self, text: str) -> None:
        """Say ``text`` once the turn is over."""
        self._remember(text)
        self.session.enqueue(text)

    def keep_draft(self, text: str) -> None:
        """What stands in the prompt, unsent."""
        if text != self.draft:
            self.draft = text
            self._saver.save_soon()

    def keep_side_by_side(self, wanted: bool) -> None:
        """Whether the user wants to see old and new side by side."""
        self.side_by_side = wanted
        self._saver.save_soon()

    def retry_now(self) -> None:
        """Try again at once, whatever is waited for."""
        self._client.retry_now()
        self._lane.retry_now()

    def resurvey(self) -> None:
        """Read the repository again, in the background."""
        self._spawn(self._look_around())

    # -- starting ----------------------------------------------------------------------------------------------

    def _make_gateway(self) -> GatewayChild:
        arguments = ["--engine", "offline", "--rate", str(self.settings.rate)]
        return GatewayChild(arguments, lambda line: self._audience.notify_user(line, Severity.WARNING))

    def _endpoint(self) -> Endpoint:
        settings = self.settings
        if self._gateway is not None:
            address = self._gateway.address
            profile = profile_for(OFFLINE_MODEL, settings.profiles)
            return Endpoint(address.base_url, address.token, OFFLINE_MODEL, profile)
        assert settings.base_url is not None
        return Endpoint(
            settings.base_url, settings.api_key, settings.model, profile_for(settings.model, settings.profiles)
        )

    def _turn_settings(self) -> TurnSettings:
        extra: Item = {"parallel_tool_calls": True}
        if self.settings.reasoning_effort is not None:
            extra["reasoning"] = {"effort": self.settings.reasoning_effort, "summary": "auto"}
        tier = self.settings.service_tier or self.profile.service_tier
        if tier is not None:
            extra["service_tier"] = tier
        model = OFFLINE_MODEL if self._gateway is not None else self.settings.model
        tools = tuple(self._tools.definitions(self.profile.tools))
        return TurnSettings(model, default_instructions(), tools, extra)

    async def _run_gateway(self, gateway: GatewayChild) -> None:
        try:
            await gateway.start()
        except GatewayError as error:
            self._audience.notify_user(str(error), Severity.ERROR)

    async def _settle_in(self) -> None:
        """Finish what a crash interrupted, catch up with the disk, then keep watching."""
        await self._recover()
        await self._look_around()
        await self.review.look_at([file.path for file in self.changes.files])
        await self._watch()

    def _warm(self) -> None:
        """Send ahead what every turn needs, before anything that the user says; one small file is read here."""
        words = guidance(self._read(GUIDANCE_FILE)) if not self._lane.history.items else None
        self._lane.warm(self._settings_of_turns, [user_message(words)] if words else [])

    async def _recover(self) -> None:
        try:
            report = await asyncio.to_thread(recover, self.repository.root, self.repository.state_dir)
        except WorkspaceError as error:
            self._audience.notify_user(str(error), Severity.WARNING)
            return
        if report.outcome is not Outcome.CLEAN:
            self._audience.notify_user(
                f"an interrupted write was finished: {report.outcome.value}", Severity.INFORMATION
            )

    # -- the repository ----------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        async with contextlib.aclosing(watch(self.repository)) as events:
            async for event in events:
                match event:
                    case FilesChanged(paths):
                        known = [file.path for file in self.changes.files if _concerns(file.path, paths)]
                        await self.review.look_at(known)
                    case RepositoryMoved(head):
                        if head:
                            await self.review.look_at([file.path for file in self.changes.files])
                    case WatchingDegraded(reason):
                        self._audience.notify_user(reason, Severity.WARNING)
                await self._look_around()

    async def _look_around(self) -> None:
        try:
            paths = await asyncio.to_thread(self.repository.list_files)
            status = await asyncio.to_thread(read_status, self.repository)
        except GitError as error:
            self.survey = Survey(trouble=str(error))
        else:
            self.survey = Survey(paths, status)
        self._audience.changed()

    def _read(self, path: str) -> FileSnapshot:
        return read_snapshot(self.repository.root, path)

    def _pending(self) -> Pending:
        contents = {}
        for file in self.changes.files:
            for path in {file.path, file.target}:
                data = self.changes.read(path)
                if data is not NOT_STAGED:
                    contents[path] = data
        return contents

    # -- telling and saving ------------------------------------------------------------------------------------

    def _link_changed(self, link: LinkChanged) -> None:
        self.link = link
        self._audience.changed()

    def _session_changed(self) -> None:
        self._saver.save_soon()
        self._audience.changed()

    def _remember(self, text: str) -> None:
        if not self.sent or self.sent[-1] != text:
            self.sent.append(text)

    def _state(self) -> dict[str, Any]:
        return {
            "changes": self.changes.to_json(),
            "history": {"items": list(self._lane.history.items)},
            "draft": self.draft,
            "sent": self.sent[-200:],
            "side_by_side": self.side_by_side,
            "turn": self.session.turn,
        }

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._audience.notify_user(f"something went wrong: {error!r}", Severity.ERROR)


def _concerns(path: str, changed: frozenset[str]) -> bool:
    """Whether ``path`` or a folder above it is among ``changed``."""
    if path in changed:
        return True
    return any(path.startswith(folder + "/") for folder in changed if len(folder) < len(path))
