"""Each key that steers, pressed in the real program against a server that does what the test tells it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from spark_tui.app.changes.change_set import NOT_STAGED
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.comments import CommentState
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.settings import Settings
from spark_tui.app.ui.app import SparkApp
from spark_tui.widgets.comment_box import CommentBox
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.proposal_bar import ProposalBar
from spark_tui.widgets.queued_messages import QueuedMessages
from spark_tui.widgets.rows import RowKind
from tests.app.work_tree import WorkTree
from tests.doubles.conversation import PATCH, Conversation
from tests.doubles.scripted_server import ScriptedServer


class Running:
    def __init__(self, app: SparkApp, pilot: Pilot[int], model: Conversation) -> None:
        self.app = app
        self.pilot = pilot
        self.model = model

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await self.pilot.pause(0.005)

    async def type(self, text: str, *keys: str) -> None:
        self.app.panes.prompt.insert(text)
        await self.pilot.press(*keys)

    async def changed(self, text: str = PATCH) -> None:
        """Bring one pending hunk about, and end the turn."""
        await self.type("go", "enter")
        await self.model.begin()
        await self.model.patch(text=text)
        await self.model.begin("r2", "Done.")
        await self.model.end("r2")
        await self.until(lambda: self.app.bench.session.state is TurnState.DONE)
        await self.until(lambda: self.app.panes.diff.line_count() > 1)

    @property
    def said(self) -> str:
        return " ".join(entry.text for entry in self.app.bench.transcript.entries)


@pytest.fixture
def program(make_work_tree: Callable[..., WorkTree]) -> Callable[[], Any]:
    @asynccontextmanager
    async def run() -> AsyncIterator[Running]:
        tree = make_work_tree({"a.py": "a = 1\nb = 2\nc = 3\n", "Makefile": "test:\n\tfalse\n"})
        model = Conversation()
        async with ScriptedServer(model.script) as server:
            app = SparkApp(tree.repository, Settings(base_url=server.base_url, model="m"), None)
            async with app.run_test(size=(120, 40)) as pilot:
                yield Running(app, pilot, model)

    return run


LIMIT = 5 * 1024
"""Bytes of the instructions and all tool definitions together, which go out with every request."""


async def test_a_request_carries_few_instructions(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.type("go", "enter")
        asked = await run.model.begin()
        assert {"apply_patch", "propose_command", "read_file"} <= {tool["name"] for tool in asked["tools"]}
        assert asked["instructions"].startswith("You are a pair programmer")
        assert len(json.dumps([asked["tools"], asked["instructions"]]).encode()) < LIMIT


async def test_escape_freezes_full_stop_steps_escape_goes_on(program: Callable[[], Any]) -> None:
    async with program() as run:
        session = run.app.bench.session
        await run.type("go", "enter")
        await run.model.begin()
        await run.until(lambda: "I begin." in run.said)
        await run.pilot.press("escape")
        await run.until(lambda: session.state is TurnState.PAUSED)
        await run.model.peer.delta(" More.", "msg_r1")
        await run.until(lambda: run.app.panes.status.facts.held == 1)
        assert "More." not in run.said
        await run.pilot.press("full_stop")
        await run.model.patch()
        await run.until(lambda: session.state is TurnState.PAUSED)
        assert [hunk.added for hunk in run.app.bench.changes.hunks()] == [["b = 3\n"]]
        assert run.app.panes.prompt.text == ""
        await run.pilot.press("escape")
        await run.model.begin("r2")
        await run.model.end("r2")
        await run.until(lambda: not session.working)


async def test_ctrl_x_while_frozen_cuts(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.type("go", "enter")
        await run.model.begin()
        await run.until(lambda: "I begin." in run.said)
        await run.pilot.press("escape", "ctrl+x")
        await run.until(lambda: run.app.bench.session.state is TurnState.IDLE)


async def test_ctrl_x_in_mid_hunk_keeps_the_half_and_r_brings_it_back(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.type("go", "enter")
        await run.model.begin()
        await run.model.begin_patch(PATCH[: PATCH.index("+b = 3")] + "+b = 3\n+half a li")
        changes = run.app.bench.changes
        await run.until(lambda: any(hunk.added for hunk in changes.hunks()))
        await run.pilot.press("ctrl+x")
        await run.until(lambda: run.app.bench.session.state is TurnState.IDLE)
        await run.until(lambda: "r keeps what came of it" in texts(run))
        assert changes.read("a.py") is NOT_STAGED
        run.app.panes.diff.focus()
        await run.pilot.press("n", "r")
        await run.until(lambda: changes.read("a.py") == b"a = 1\nb = 3\nc = 3\n")
        await run.until(lambda: "it is not whole" in texts(run))


async def test_queued_messages_are_seen_taken_back_and_dropped(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.type("go", "enter")
        await run.model.begin()
        await run.until(lambda: run.app.panes.prompt.working)
        for text in ("one", "two", "three"):
            await run.type(text, "tab")
        shown = run.app.query_one(QueuedMessages)
        await run.until(lambda: shown.texts == ("one", "two", "three"))
        assert shown.display
        await run.pilot.press("up")
        await run.until(lambda: run.app.panes.prompt.text == "three")
        await run.pilot.press("tab")
        await run.until(lambda: shown.texts == ("one", "two", "three"))
        await run.pilot.press("delete")
        await run.until(lambda: shown.texts == ("one", "two"))
        await run.pilot.click(QueuedMessages, offset=(1, 0))
        await run.until(lambda: run.app.panes.prompt.text == "one")
        assert list(run.app.bench.session.queue) == ["two"]


async def test_c_comments_on_the_line_and_the_note_stays(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        diff = run.app.panes.diff
        diff.focus()
        await run.until(lambda: run.app.focused is diff)
        await run.pilot.press("n")
        while diff.current_row.kind is not RowKind.ADDED:
            await run.pilot.press("down")
        await run.pilot.press("c")
        await run.until(lambda: run.app.query_one(CommentBox).has_focus)
        await run.pilot.press(*"why", "enter")
        asked = await run.model.begin("r3")
        assert asked["input"][-1]["content"][0]["text"] == "why\n\nThis is about a.py, line 2:\n> b = 3"
        await run.until(lambda: RowKind.NOTE in kinds(run))
        await run.model.patch("r3", PATCH.replace("-b = 2", "-b = 3").replace("+b = 3", "+b = 4"))
        (comment,) = run.app.bench.comments
        await run.until(lambda: comment.state is CommentState.ANSWERED)
        await run.until(lambda: "(answered)" in texts(run))


async def test_collected_comments_go_together(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n")
        for word in ("one", "two"):
            await run.pilot.press("c", *word, "alt+enter")
        assert len(run.app.bench.comments.collected) == 2
        await run.pilot.press("S")
        asked = await run.model.begin("r3")
        text = asked["input"][-1]["content"][0]["text"]
        assert text.count("This is about a.py, line 2:") == 2


async def test_a_rejection_says_why(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "R", *"magic", "enter")
        await run.until(lambda: "magic" in texts(run))
        assert [hunk.state for hunk in run.app.bench.changes.hunks()] == [HunkState.REJECTED]
        await run.pilot.press("i")
        await run.type("again", "enter")
        asked = await run.model.begin("r3")
        told = [item["content"][0]["text"] for item in asked["input"] if item["role"] == "developer"]
        assert "rejected: a.py:2 `b = 3` (magic)" in told
        run.app.panes.diff.focus()
        await run.pilot.press("R")
        await run.until(lambda: "nothing is left to reject" in notice_of(run))
        await run.pilot.press("x")
        await run.until(lambda: notice_of(run) == "cannot reject a hunk that is rejected; bring it back first (r)")


async def test_a_comment_on_what_is_then_rejected_says_why(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "c", *"magic", "alt+enter", "x")
        await run.until(lambda: not run.app.bench.comments.collected)
        assert [hunk.note for hunk in run.app.bench.changes.hunks()] == ["magic"]


async def test_a_comment_on_what_was_rejected_tells_the_model_so(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "x", "c", *"magic", "enter")
        asked = await run.model.begin("r3")
        text = asked["input"][-1]["content"][0]["text"]
        assert text == "magic\n\nThis is about a.py, line 2, a change of yours that I rejected:\n> b = 3"


async def test_closing_the_box_rejects_nothing(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "R", "escape")
        await run.until(lambda: run.app.focused is run.app.panes.diff)
        assert [hunk.state for hunk in run.app.bench.changes.hunks()] == [HunkState.PENDING]


async def test_chosen_lines_are_commented_on_together(program: Callable[[], Any]) -> None:
    async with program() as run:
        text = PATCH.replace("+b = 3\n", "+b = 3\n+b = 4\n+b = 5\n")
        await run.changed(text)
        diff = run.app.panes.diff
        diff.focus()
        await run.pilot.press("n")
        while diff.current_row.text != "b = 3":
            await run.pilot.press("down")
        await run.pilot.press("space", "down", "space", "c", *"why", "enter")
        asked = await run.model.begin("r3")
        said = asked["input"][-1]["content"][0]["text"]
        assert said == "why\n\nThis is about a.py, lines 2-4:\n> b = 3\n> b = 4\n> b = 5"


async def test_an_empty_comment_is_none(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "c", "enter")
        assert list(run.app.bench.comments) == []
        assert run.app.focused is run.app.panes.diff


@pytest.mark.parametrize(
    ("key", "told"), [("1", "Smaller, please: your change of a.py, line 2 changes"), ("2", "only in a.py")]
)
async def test_s_asks_for_less(program: Callable[[], Any], key: str, told: str) -> None:
    async with program() as run:
        await run.changed()
        run.app.panes.diff.focus()
        await run.pilot.press("n", "s", key)
        asked = await run.model.begin("r3")
        assert told in asked["input"][-1]["content"][0]["text"]


async def test_the_model_is_told_of_an_edit_to_a_file_that_it_read(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.type("go", "enter")
        await run.model.begin()
        await run.model.call("read_file", {"path": "Makefile"})
        await run.model.begin("r2", "Done.")
        await run.model.end("r2")
        await run.until(lambda: run.app.bench.session.state is TurnState.DONE)
        (run.app.bench.repository.root / "Makefile").write_text("test:\n\ttrue\n")
        await run.until(lambda: run.app.bench._read_files._changed)
        await run.type("and now", "enter")
        asked = await run.model.begin("r3")
        told = [item["content"][0]["text"] for item in asked["input"] if item["role"] == "developer"]
        assert told == ["edited by the user, read again before changing: Makefile"]


async def proposed(run: Running, command: str) -> None:
    """Let the model propose ``command``, and end the turn."""
    await run.type("go", "enter")
    await run.model.begin()
    await run.model.call("propose_command", {"command": command, "reason": "to see"})
    asked = await run.model.begin("r2", "Done.")
    assert asked["input"][-1]["output"].startswith("proposed")
    await run.model.end("r2")
    await run.until(lambda: run.app.query_one(ProposalBar).display)
    assert run.app.bench.desk.last is None


async def test_f5_runs_what_the_model_proposes_and_the_model_is_told(program: Callable[[], Any]) -> None:
    async with program() as run:
        await proposed(run, "echo one; exit 3")
        await run.pilot.press("f5")
        await run.until(lambda: run.app.bench.desk.last is not None)
        await run.until(lambda: not run.app.query_one(ProposalBar).display)
        assert "$ echo one; exit 3\none" in run.said
        await run.type("and?", "enter")
        asked = await run.model.begin("r3")
        told = [item["content"][0]["text"] for item in asked["input"] if item["role"] == "developer"]
        assert any("exit code 3\none" in text for text in told)


async def test_f8_declines(program: Callable[[], Any]) -> None:
    async with program() as run:
        await proposed(run, "rm -r .")
        await run.pilot.press("f8")
        await run.until(lambda: not run.app.query_one(ProposalBar).display)
        assert run.app.bench.desk.last is None
        assert "declined" in [entry.note for entry in run.app.bench.transcript.entries]


async def test_f9_runs_the_same_command_from_then_on(program: Callable[[], Any]) -> None:
    async with program() as run:
        await proposed(run, "echo one")
        await run.pilot.press("f9")
        await run.until(lambda: run.app.bench.desk.last is not None)
        await run.type("again", "enter")
        await run.model.begin("r3")
        await run.model.call("propose_command", {"command": "echo one", "reason": ""}, "r3")
        asked = await run.model.begin("r4")
        assert "exit code 0\none" in asked["input"][-1]["output"]


async def test_an_exclamation_mark_runs_the_line_and_ctrl_x_stops_it(program: Callable[[], Any]) -> None:
    async with program() as run:
        desk = run.app.bench.desk
        await run.type("!echo begun; sleep 600", "enter")
        await run.until(lambda: "begun" in run.said.replace("$ echo begun", ""))
        await run.pilot.press("ctrl+x")
        await run.until(lambda: desk.last is not None)
        assert desk.last.outcome.startswith("stopped")
        await run.type("/tell", "enter")
        asked = await run.model.begin("r3")
        assert "stopped by the user\nbegun" in asked["input"][-1]["content"][0]["text"]


async def test_slash_test_shows_the_command_and_runs_it_on_the_pending_change(program: Callable[[], Any]) -> None:
    async with program() as run:
        await run.changed()
        await run.type("/test", "enter")
        await run.until(lambda: run.app.panes.prompt.text == "/test make test")
        run.app.panes.prompt.load_text("")
        await run.type("/test grep -c 'b = 3' a.py", "enter")
        await run.until(lambda: run.app.bench.desk.verdict is not None)
        assert run.app.bench.desk.verdict.passed
        await run.until(lambda: "tests✓" in texts(run))


def notice_of(run: Running) -> str:
    current = run.app.query_one(NoticeBar).current
    return "" if current is None else current.text


def kinds(run: Running) -> set[RowKind]:
    diff = run.app.panes.diff
    return {diff._lines.row(line).kind for line in range(diff.line_count())}


def texts(run: Running) -> str:
    diff = run.app.panes.diff
    return "\n".join(diff._lines.row(line).text for line in range(diff.line_count()))


async def queued(run: Running) -> None:
    await run.type("go", "enter")


async def streaming(run: Running) -> None:
    await queued(run)
    await run.model.begin()


async def waiting_for_a_tool(run: Running) -> None:
    """A command that was allowed for good, and ends only the first time."""
    command = "mkdir ran || sleep 600"
    await proposed(run, command)
    await run.pilot.press("f9")
    await run.until(lambda: run.app.bench.desk.last is not None)
    await run.type("again", "enter")
    await run.model.begin("r3")
    await run.model.call("propose_command", {"command": command, "reason": ""}, "r3")
    await run.until(lambda: run.app.bench.desk.running is not None)


async def done(run: Running) -> None:
    await streaming(run)
    await run.model.end()


async def failed(run: Running) -> None:
    await streaming(run)
    await run.model.fail()


WAYS: dict[TurnState, Callable[[Running], Any]] = {
    TurnState.QUEUED: queued,
    TurnState.STREAMING: streaming,
    TurnState.TOOL: waiting_for_a_tool,
    TurnState.DONE: done,
    TurnState.FAILED: failed,
}
"""How a turn comes to be in a state; it is idle before the first."""


async def bring_to(run: Running, state: TurnState) -> None:
    if state in WAYS:
        await WAYS[state](run)
    await run.until(lambda: run.app.bench.session.state is state)


@pytest.mark.parametrize("state", [TurnState.QUEUED, TurnState.STREAMING, TurnState.TOOL])
async def test_while_the_model_works_escape_freezes_and_thaws_and_ctrl_x_stops(
    program: Callable[[], Any], state: TurnState
) -> None:
    async with program() as run:
        session, diff = run.app.bench.session, run.app.panes.diff
        await bring_to(run, state)
        for pane in (run.app.panes.prompt, diff):
            pane.focus()
            await run.until(lambda: run.app.focused is pane)  # noqa: B023
            await run.pilot.press("full_stop" if pane is diff else "f8")
            assert session.state is state
            await run.pilot.press("escape")
            assert session.state is TurnState.PAUSED
            await run.pilot.press("escape")
            assert session.state is state
            assert run.app.focused is pane
        await run.pilot.press("escape", "full_stop")
        assert session.state is state
        await run.pilot.press("ctrl+x")
        if state is TurnState.TOOL:
            await run.pilot.press("ctrl+x")
        await run.until(lambda: session.state is TurnState.IDLE)


@pytest.mark.parametrize("state", [TurnState.IDLE, TurnState.DONE, TurnState.FAILED])
async def test_while_nothing_runs_escape_goes_to_the_diff_and_back(
    program: Callable[[], Any], state: TurnState
) -> None:
    async with program() as run:
        await bring_to(run, state)
        for _ in range(2):
            await run.pilot.press("escape")
            assert run.app.focused is run.app.panes.diff
            await run.pilot.press("ctrl+x", "full_stop", "f5", "f8", "f9")
            assert run.app.bench.session.state is state
            await run.pilot.press("escape")
            assert run.app.focused is run.app.panes.prompt
        assert run.app.panes.prompt.text == ""


async def test_tab_goes_to_the_diff_while_the_model_works(program: Callable[[], Any]) -> None:
    async with program() as at:
        await at.changed()
        await at.type("go", "enter")
        await at.model.begin("r3", "One ")
        await at.until(lambda: at.app.panes.prompt.working)
        await at.pilot.press("tab")
        await at.until(lambda: at.app.panes.diff.has_focus)
        assert at.app.bench.session.state is TurnState.STREAMING
