"""The commit screen, key by key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from textual import events, on
from textual.containers import Vertical
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from spark_tui.widgets.commit_choice import Chosen
from spark_tui.widgets.commit_form import CommitForm, CommitHunk, FormState, MessageEditor
from spark_tui.widgets.commit_panes import HunkList, HunkPreview
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.rows import DiffRow, RowKind
from spark_tui.widgets.theme import ThemedApp


def hunk(name: str, path: str, *, chosen: bool = False, ours: bool = False, staged: bool = False) -> CommitHunk:
    rows = (
        DiffRow(RowKind.CONTEXT, "same", 7, 7),
        DiffRow(RowKind.REMOVED, "old\x1b[31m", 8, None, ((0, 3),)),
        DiffRow(RowKind.ADDED, "\tnew", None, 8, ((1, 4),)),
    )
    how = Chosen.ALL if staged else Chosen.NONE
    return CommitHunk(name, path, "def f():", rows, chosen=chosen, ours=ours, staged=how)


HUNKS = [hunk("1", "a.py", chosen=True, ours=True), hunk("2", "a.py", staged=True), hunk("3", "b/c.py")]


class Bench(ThemedApp[None]):
    def __init__(self, hunks: Sequence[CommitHunk], message: str) -> None:
        super().__init__()
        self.form = CommitForm(hunks, message, "Last one")
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.event: CommitForm.CommitRequested | None = None
        self.stops = 0
        self.overheard = 0
        self.kept: str | None = None

    def on_mount(self) -> None:
        def keep(message: str | None) -> None:
            self.kept = message

        self.push_screen(self.form, keep)

    def on_commit_form_commit_requested(self, event: CommitForm.CommitRequested) -> None:
        self.asked.append((event.message, event.chosen_ids))
        self.event = event

    def on_commit_form_stop_requested(self) -> None:
        self.stops += 1

    @on(LineView.FollowChanged)
    @on(DiffView.CurrentHunkChanged)
    def overhear(self) -> None:
        self.overheard += 1

    def rows(self, kind: type[HunkList] | type[HunkPreview]) -> list[str]:
        pane = self.form.query_one(kind)
        return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]

    def said(self) -> str:
        return str(self.form.query_one("#said", Static).render())

    def heading(self) -> str:
        return str(self.form.query_one(Vertical).border_title)

    def hint(self) -> str:
        return Content.from_markup(self.form.query_one(MessageEditor).border_subtitle or "").plain


@asynccontextmanager
async def bench(
    message: str = "Fix it", hunks: Sequence[CommitHunk] = HUNKS, size: tuple[int, int] = (100, 24)
) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench(hunks, message)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def test_hunks_stand_under_their_files_with_what_is_known_of_them() -> None:
    async with bench() as (app, _pilot):
        assert [line.split() for line in app.rows(HunkList)[:5]] == [
            ["[-]", "a.py"],
            ["[x]", "8", "def", "f():", "+1", "−1", "✓"],
            ["[", "]", "8", "def", "f():", "staged", "+1", "−1"],
            ["[", "]", "b/c.py"],
            ["[", "]", "8", "def", "f():", "+1", "−1"],
        ]
        assert "1 of 3 hunks in 1 file " in app.heading()


async def test_a_hunk_that_is_in_no_function_is_named_by_its_line() -> None:
    nameless = [replace(hunk("1", "a.py"), header=""), CommitHunk("2", "b.png", "binary file changed", ())]
    async with bench(hunks=nameless) as (app, pilot):
        assert [line.split() for line in app.rows(HunkList)[1:4:2]] == [
            ["[", "]", "line", "8", "+1", "−1"],
            ["[", "]", "binary", "file", "changed"],
        ]
        assert app.rows(HunkPreview)[0].split() == ["a.py", "›", "line", "8", "+1", "−1"]
        await pilot.press("end")
        assert app.rows(HunkPreview)[0].split() == ["b.png", "›", "binary", "file", "changed"]


async def test_space_and_a_choose_and_the_totals_follow() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "space", "end", "space", "up", "a", "a")
        await pilot.press("ctrl+s")
        assert app.asked == [("Fix it", ("3",))]
        assert "1 of 3 hunks in 1 file  +1 −1" in app.heading()


async def test_capital_a_chooses_everything_and_a_click_on_a_box_one() -> None:
    async with bench() as (app, pilot):
        await pilot.press("A")
        await pilot.click(HunkList, offset=(4, 1))
        await pilot.click(HunkList, offset=(14, 2))
        await pilot.click(HunkList, offset=(4, 20))
        await pilot.press("ctrl+s")
        assert app.asked == [("Fix it", ("2", "3"))]


async def test_the_preview_shows_the_hunk_under_the_cursor_or_all_of_the_file() -> None:
    async with bench() as (app, pilot):
        shown = [line.split() for line in app.rows(HunkPreview)]
        assert shown[:2] == [["a.py", "›", "def", "f():", "+1", "−1"], ["┃", "7", "same"]]
        assert "old‹1B›[31m" in shown[2]
        assert "new" in shown[3]
        assert shown[4] == shown[0]
        await pilot.press("down")
        await pilot.pause()
        assert app.rows(HunkPreview)[4] == ""


async def test_ctrl_s_in_the_message_commits_the_trimmed_text() -> None:
    async with bench("") as (app, pilot):
        await pilot.press("tab", *"Hi", "enter", "enter", *"why ", "enter", "ctrl+s")
        assert app.asked == [("Hi\n\nwhy", ("1",))]


async def test_nothing_chosen_or_no_message_is_said_and_not_sent() -> None:
    async with bench("") as (app, pilot):
        await pilot.press("ctrl+s")
        assert app.said().startswith("The message is empty")
        assert isinstance(app.focused, MessageEditor)
        await pilot.press("x", "shift+tab", "A", "A", "ctrl+s")
        assert app.said().startswith("Nothing is chosen")
        assert app.asked == []


async def test_a_failing_hook_is_shown_and_loses_nothing() -> None:
    async with bench() as (app, pilot):
        await pilot.press("ctrl+s", "ctrl+s")
        assert len(app.asked) == 1
        assert app.form.state is FormState.COMMITTING
        await pilot.press("escape")
        assert app.stops == 1
        app.form.show_output("line one\n")
        app.form.show_output("bad \x1b[31m [b]\n")
        app.form.show_failure("the hook\nfailed")
        await pilot.pause()
        output = str(app.form.query_one("#output > Static", Static).render())
        assert output == "line one\nbad ‹1B›[31m [b]"
        assert app.said() == "the hook‹0A›failed"
        assert app.form.message == "Fix it"
        await pilot.press("ctrl+s")
        assert app.asked == [("Fix it", ("1",))] * 2
        assert not app.form.has_class("-told")


async def test_escape_closes_and_returns_the_message() -> None:
    async with bench() as (app, pilot):
        await pilot.press("tab", "X", "escape")
        await pilot.pause()
        assert app.kept == "XFix it"


async def test_the_subject_is_measured() -> None:
    async with bench("") as (app, pilot):
        assert app.hint() == "subject, blank line, body"
        editor = app.form.query_one(MessageEditor)
        for text, hint in (
            ("x" * 50, "subject 50/50"),
            ("x" * 60, "subject 60/50, long"),
            ("x" * 80, "subject 80/72, will be cut off"),
            ("a\nb", "leave line 2 blank"),
        ):
            editor.load_text(text)
            await pilot.pause()
            assert app.hint() == hint


async def test_a_suggestion_never_replaces_what_was_written() -> None:
    async with bench("") as (app, pilot):
        app.form.suggest("Suggested")
        app.form.suggest("Other")
        await pilot.pause()
        assert app.form.message == "Suggested"


async def test_a_paste_into_the_message_hides_nothing() -> None:
    async with bench("") as (app, pilot):
        app.form.query_one(MessageEditor).post_message(events.Paste("a\x1b[2J\r\nb"))
        await pilot.pause()
        assert app.form.message == "a‹1B›[2J\nb"


async def test_no_changes_are_said() -> None:
    async with bench(hunks=[]) as (app, pilot):
        await pilot.press("up", "down", "space", "a", "A", "end", "pagedown")
        assert app.rows(HunkList)[0] == " nothing has changed since HEAD"


async def test_long_lists_and_hunks_scroll() -> None:
    hunks = [hunk(str(number), f"f{number % 40}.py") for number in range(400)]
    async with bench(hunks=hunks, size=(60, 24)) as (app, pilot):
        assert app.form.has_class("-narrow")
        pane, preview = app.form.query_one(HunkList), app.form.query_one(HunkPreview)
        for key in ("end", "pageup", "pagedown", "home"):
            await pilot.press(key)
            assert 0 <= pane.cursor - pane.scroll_offset.y < pane.size.height
        assert preview.visible_lines[0] == 0
        await pilot.press("shift+down")
        await pilot.pause()
        assert preview.visible_lines[0] == 4
        await pilot.press("shift+up")
        await pilot.pause()
        assert preview.visible_lines[0] == 0


async def test_the_preview_keeps_its_own_affairs_from_the_program() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "down", "shift+down", "shift+up")
        app.form.query_one(HunkPreview).follow(True)
        await pilot.pause()
        assert app.overheard == 0


async def test_right_goes_into_the_lines_and_space_chooses_single_ones() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "right", "down", "down", "space", "left", "ctrl+s")
        assert app.event is not None
        assert app.event.chosen_ids == ("1",)
        assert app.event.lines == {"1": frozenset({0})}
        assert app.rows(HunkList)[1].split()[0] == "[-]"
        assert "+0 −1" in app.heading()


async def test_the_hunk_chosen_again_is_whole_and_all_lines_are_the_hunk() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "right", "down", "down", "space", "space", "left")
        await pilot.pause()
        assert app.rows(HunkList)[1].split()[0] == "[x]"
        await pilot.press("right", "home", "down", "down", "space", "left", "space", "space", "ctrl+s")
        assert app.event is not None
        assert app.event.lines == {}


async def test_amend_offers_the_last_message_and_needs_no_hunk() -> None:
    async with bench() as (app, pilot):
        await pilot.press("A", "A", "f2", "f3")
        assert app.form.message == "Last one"
        assert "amend" in app.heading()
        assert "sign off" in app.heading()
        await pilot.press("ctrl+s")
        assert app.event is not None
        assert (app.event.amend, app.event.sign_off, app.event.chosen_ids) == (True, True, ())


async def test_amend_and_back_returns_the_suggestion_but_not_over_what_was_written() -> None:
    async with bench() as (app, pilot):
        await pilot.press("f2", "f2")
        assert app.form.message == "Fix it"
        await pilot.press("tab", "X", "f2")
        assert app.form.message == "XFix it"


async def test_ctrl_n_asks_for_the_next_form() -> None:
    async with bench() as (app, pilot):
        await pilot.press("ctrl+n")
        assert app.event is not None
        assert app.event.again


async def test_a_better_suggestion_replaces_only_the_first_one() -> None:
    async with bench() as (app, pilot):
        app.form.improve("Better")
        assert app.form.message == "Better"
        await pilot.press("tab", "X")
        app.form.improve("Other")
        assert app.form.message == "XBetter"


async def test_a_click_at_the_edge_of_a_line_chooses_it() -> None:
    async with bench() as (app, pilot):
        preview = app.form.query_one(HunkPreview)
        await pilot.click(HunkList, offset=(20, 4))
        await pilot.pause()
        await pilot.click(preview, offset=(2, 3))
        await pilot.pause()
        assert app.focused is preview
        assert "2 of 3 hunks" in app.heading()
        await pilot.press("left")
        assert isinstance(app.focused, HunkList)
