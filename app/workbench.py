"""Everything of a running session but the screen: made in one place for the program, for ``run`` and for the tests.

Nothing here waits: connecting, reading the repository and saving go on beside the user.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from spark_tui.app.assembly import Assembly
from spark_tui.app.audience import Audience
from spark_tui.app.background import Background
from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.decisions import standing, take_decisions
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.commits.message import MESSAGE_INSTRUCTIONS
from spark_tui.app.local_choice import LocalChoice
from spark_tui.app.model_link import OFFLINE_MODEL, ModelLink
from spark_tui.app.pairing.aside import ask_aside
from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.comments import Comment, CommentBook
from spark_tui.app.pairing.compacting import CompactingLane
from spark_tui.app.pairing.instructions import GUIDANCE_FILE, default_instructions, guidance
from spark_tui.app.pairing.items import user_message
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.places import Place, place_of_hunk
from spark_tui.app.pairing.read_files import ReadFiles
from spark_tui.app.pairing.saving import Saver
from spark_tui.app.pairing.session import PairSession
from spark_tui.app.pairing.store import SessionStore
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.app.remembered import Remembered, remembered_path
from spark_tui.app.running.detect import test_command
from spark_tui.app.settings import Settings
from spark_tui.app.surroundings import Surroundings
from spark_tui.app.workspace.errors import WorkspaceError
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.publishing import Outcome
from spark_tui.app.workspace.reading import cut_behind_frame
from spark_tui.app.workspace.recovery import recover
from spark_tui.app.workspace.survey import Survey
from spark_tui.protocol.client.replay import Cue, GoOn, Over, Replay, Say, Stop
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.profiles import Profile
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Item, LinkChanged, LinkState, TurnSettings

LANE = "main"
COMMIT_LANE = "commit"


class Workbench:
    """One session on one repository. Make it on the event loop it is to run on, then :meth:`start` it.

    ``store`` is where it is saved; with ``resume`` what is there is taken up first. ``None`` saves nothing. ``tape``
    records what goes over the wire. A ``replay`` takes the place of the model, and of the user: nothing is written.
    """

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        audience: Audience,
        store: SessionStore | None,
        *,
        tape: Tape | None = None,
        replay: Replay | None = None,
    ) -> None:
        saved = store.load_state() if store is not None else {}
        self.repository = repository
        self.settings = settings
        self.link = LinkChanged(LinkState.CONNECTING)
        self.changes = ChangeSet.from_json(saved["changes"]) if "changes" in saved else ChangeSet()
        self.transcript = Transcript(store.load_entries() if store is not None else ())
        self.comments = CommentBook.from_json(saved.get("comments", ()))
        self.draft = str(saved.get("draft", ""))
        self.sent: list[str] = list(saved.get("sent", ()))
        self.side_by_side = bool(saved.get("side_by_side", False))
        self._audience = audience
        self._replay = replay
        remembered = Remembered(remembered_path())
        self._model = ModelLink(
            settings,
            remembered,
            on_link=self._link_changed,
            notify=audience.notify_user,
            tape=tape,
            replay=replay,
        )
        self._lane = self._model.client.lane(
            LANE, History.from_json(saved["history"]) if "history" in saved else None
        )
        self._saver = Saver(
            store, self._state, self.transcript, lambda line: audience.notify_user(line, Severity.WARNING)
        )
        self._checkpoints = CheckpointStore(repository)
        self._assembly = Assembly(repository, self.changes, audience, writes=replay is None)
        self.review = self._assembly.review(
            self._checkpoints,
            None if store is None else store.folder.name,
            request=lambda: self.session.request,
            on_decided=self._decided,
        )
        self._read_files = ReadFiles(self.changes, self._assembly.read)
        self._surroundings = Surroundings(
            repository,
            self.review,
            self._read_files,
            str(saved.get("branch", "")),
            notify=audience.notify_user,
            on_change=audience.changed,
        )
        self._tools = self._assembly.tools(
            lambda command, reason: self.desk.propose(command, reason), self._read_files.note
        )
        self.local = LocalChoice(self._model, remembered, self._say, self._model_changed)
        self._settings_of_turns = self._turn_settings()
        self._compacting = self._make_compacting()
        self.session = self._make_session(saved)
        self.desk = self._assembly.desk(self.transcript, self.session.tell)
        self._background = Background(self._tell_failure)

    def _make_compacting(self) -> CompactingLane:
        return CompactingLane(
            self._lane,
            self.transcript,
            profile=lambda: self.profile,
            usage=lambda: self.session.meters.usage,
            standing=lambda: standing(self.changes),
            on_change=self._session_changed,
        )

    def _make_session(self, saved: Mapping[str, Any]) -> PairSession:
        calls = CallBook(
            self.changes,
            self._tools,
            lambda path: asyncio.to_thread(lambda: cut_behind_frame(self._assembly.read(path))),
            self.transcript,
            on_answered=lambda: self.session.calls_answered(),
            on_placed=lambda: self.session.hunks_placed(),
            on_staged=lambda: self._follow_comments(by_model=True),
            on_change=self._audience.changed,
        )
        return PairSession(
            self._compacting,
            calls,
            self.transcript,
            lambda: self._settings_of_turns,
            lambda: take_decisions(self.changes, self._read_files.take_changed()),
            on_change=self._session_changed,
            on_returned=self._audience.returned,
            turn=int(saved.get("turn", 0)),
            request=str(saved.get("request", "")),
            queue=[str(text) for text in saved.get("queue", ())],
        )

    async def start(self) -> None:
        """Begin to connect, to read the repository, to watch it and to save."""
        self._background.spawn(self._model.start())
        self._warm()
        self._background.spawn(self._settle_in())
        if self._replay is not None:
            self._replay.on_cue = self._follow_cue

    async def aclose(self) -> None:
        """End everything that was started, and save."""
        await self._background.aclose()
        await self._model.aclose()
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

    def comment(self, place: Place, text: str) -> Comment:
        """Collect a comment on ``place``."""
        file = self.changes.file(place.path)
        comment = self.comments.add(place, text, file.proposed_lines if file is not None else ())
        self._session_changed()
        return comment

    def reject(self, ids: Sequence[str], reason: str = "") -> None:
        """Refuse hunks for ``reason``, which the model is told; without one, for what was said about their lines."""
        reasons: dict[str, list[str]] = {}
        for hunk_id in ids:
            said = reason or self.comments.take_reason(place_of_hunk(self.changes, self.changes.hunk(hunk_id)))
            reasons.setdefault(said, []).append(hunk_id)
        for said, refused in reasons.items():
            self.review.reject(refused, said or "rejected")

    def send_comments(self) -> int:
        """Say all collected comments to the model, now, as one message; returns how many there were."""
        ids = [comment.id for comment in self.comments.collected]
        if ids:
            self.session.submit(self.comments.send(ids))
        return len(ids)

    async def find_test_command(self) -> str | None:
        """What runs this project's tests, configured or found; ``None`` where nothing says so."""
        return self.settings.test_command or await asyncio.to_thread(test_command, self._text_at_root)

    def _text_at_root(self, name: str) -> str | None:
        file = self._assembly.read(name)
        return file.text if file.data is not None and file.refusal is None else None

    def run_command(self, command: str) -> None:
        """Run the user's own shell line in the work tree."""
        self._background.spawn(self._ended(self.desk.run(command)))

    def run_tests(self, command: str) -> None:
        """Run tests against the pending change, or the work tree where none is pending."""
        self._background.spawn(self._ended(self.desk.test(command)))

    def allow_proposal(self, *, always: bool) -> None:
        """Run the command that the model proposed first."""
        self._background.spawn(self._ended(self.desk.allow(always=always)))

    async def _ended(self, work: Awaitable[object]) -> None:
        await work
        self._session_changed()

    def keep_draft(self, text: str) -> None:
        """What stands in the prompt, unsent."""
        if text != self.draft:
            self.draft = text
            self._saver.save_soon()

    def keep_side_by_side(self, wanted: bool) -> None:
        """Whether the user wants to see old and new side by side."""
        self.side_by_side = wanted
        self._saver.save_soon()

    async def suggest_commit_message(self, diff: str) -> str:
        """What the model would call the change ``diff``; empty where no model is there to be asked."""
        endpoint = self._model.endpoint
        if endpoint.model == OFFLINE_MODEL or self.link.state is not LinkState.READY or not diff:
            return ""
        settings = TurnSettings(endpoint.model, MESSAGE_INSTRUCTIONS)
        return (await ask_aside(self._model.client.lane(COMMIT_LANE), settings, diff)).strip()

    def retry_now(self) -> None:
        """Try again at once, whatever is waited for."""
        self._model.client.retry_now()
        self._lane.retry_now()

    def look_again(self) -> None:
        """The user is back: look at the files of the change set, as events may have been missed."""
        self._background.spawn(self.review.look_at_all())

    def compact(self) -> None:
        """Put a summary in the place of the conversation, to make room."""
        if self.session.working:
            self._audience.notify_user("a turn is running: compact once it is over", Severity.WARNING)
        else:
            self._compacting.compact(self._settings_of_turns)

    def look_for_local(self) -> None:
        """Look for a model server on this machine, in the background, where nothing else was configured."""
        if self.settings.asks_local and self._model.takes_local:
            self._background.spawn(self.local.look())

    def resurvey(self) -> None:
        """Read the repository again, in the background."""
        self._surroundings.resurvey()

    @property
    def survey(self) -> Survey:
        """The repository as last seen."""
        return self._surroundings.survey

    @property
    def profile(self) -> Profile:
        """What the model and its server can do."""
        return self._model.endpoint.profile

    @property
    def model(self) -> str:
        """The model's name; empty where the endpoint chooses."""
        return self._model.endpoint.model

    @property
    def is_replay(self) -> bool:
        """Whether a recording is played."""
        return self._replay is not None

    # -- starting ----------------------------------------------------------------------------------------------

    def _turn_settings(self) -> TurnSettings:
        extra: Item = {"parallel_tool_calls": True}
        if self.settings.reasoning_effort is not None:
            extra["reasoning"] = {"effort": self.settings.reasoning_effort, "summary": "auto"}
        tier = self.settings.service_tier or self.profile.service_tier
        if tier is not None:
            extra["service_tier"] = tier
        tools = tuple(self._tools.definitions(self.profile.tools))
        return TurnSettings(self.model, default_instructions(), tools, extra)

    async def _settle_in(self) -> None:
        """Finish what a crash interrupted, catch up with the disk, then keep watching."""
        if self._replay is None:
            await self._recover()
        await self._surroundings.catch_up()
        with contextlib.suppress(GitError):
            await asyncio.to_thread(self._checkpoints.prune, time.time())
        await self._surroundings.watch()

    def _warm(self) -> None:
        """Send ahead what every turn needs, before anything that the user says; one small file is read here."""
        words = guidance(self._assembly.read(GUIDANCE_FILE)) if not self._lane.history.items else None
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

    # -- telling and saving ------------------------------------------------------------------------------------

    def _link_changed(self, link: LinkChanged) -> None:
        self.link = link
        self._audience.changed()

    def _session_changed(self) -> None:
        self._saver.save_soon()
        if self.session.working:
            self.local.busy()
        else:
            self.local.idle()
        self._audience.changed()

    def _say(self, text: str) -> None:
        self.transcript.say(Speaker.NOTICE, text)
        self._session_changed()

    def _model_changed(self) -> None:
        """Another model answers from now on: it has other abilities, and knows nothing yet."""
        self._settings_of_turns = self._turn_settings()
        self._lane.warm(self._settings_of_turns)
        self._audience.changed()

    def _follow_cue(self, cue: Cue) -> None:
        match cue:
            case Say(text):
                self.submit(text)
            case Stop():
                self.session.stop()
            case GoOn():
                self.retry_now()
            case Over():
                self._audience.notify_user("the recording is over; ctrl+q leaves", Severity.INFORMATION)

    def _decided(self) -> None:
        self._follow_comments(by_model=False)
        self._saver.save_soon()

    def _follow_comments(self, *, by_model: bool) -> None:
        for path in self.comments.paths:
            file = self.changes.file(path)
            if file is not None:
                self.comments.follow(path, file.proposed_lines, by_model=by_model)

    def _remember(self, text: str) -> None:
        if not self.sent or self.sent[-1] != text:
            self.sent.append(text)

    def _state(self) -> dict[str, Any]:
        return {
            "changes": self.changes.to_json(),
            "history": {"items": list(self._lane.history.items)},
            "draft": self.draft,
            "sent": self.sent[-200:],
            "request": self.session.request,
            "side_by_side": self.side_by_side,
            "turn": self.session.turn,
            "branch": self.review.disk.held_on or self._surroundings.branch,
            "queue": list(self.session.queue),
            "comments": self.comments.to_json(),
        }

    def _tell_failure(self, error: BaseException) -> None:
        self._audience.notify_user(f"something went wrong: {error!r}", Severity.ERROR)
