from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.reactive import reactive

from spark_tui.widgets.key_bar import KeyBar, KeyHint, fitting, hint_at


class BarApp(App[None]):
    BINDINGS = [  # noqa: RUF012
        Binding("f1", "help", "Help"),
        Binding("x,ctrl+x", "stop", "Stop"),
        Binding("q", "leave", "Leave", show=False),
    ]
    working: reactive[bool] = reactive(False, bindings=True)
    pressed = 0

    def compose(self) -> ComposeResult:
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.working if action == "stop" else True

    def action_help(self) -> None:
        self.pressed += 1


def shown(app: App[None]) -> list[str]:
    return [hint.description for hint in app.query_one(KeyBar).hints if hint.description in ("Help", "Stop", "Leave")]


async def test_only_what_can_be_done_now_is_shown() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(app) == ["Help"]
        app.working = True
        await pilot.pause()
        assert shown(app) == ["Help", "Stop"]


class SelectiveApp(BarApp):
    has_help: reactive[bool] = reactive(False, bindings=True)

    def offers(self, action: str) -> bool:
        return action != "help" or self.has_help


async def test_what_would_do_nothing_is_not_shown_but_its_key_answers() -> None:
    app = SelectiveApp()
    async with app.run_test() as pilot:
        app.working = True
        await pilot.pause()
        assert shown(app) == ["Stop"]
        await pilot.press("f1")
        assert app.pressed == 1
        app.has_help = True
        await pilot.pause()
        assert shown(app) == ["Help", "Stop"]


async def test_a_click_presses_the_key() -> None:
    app = BarApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        bar = app.query_one(KeyBar)
        at = 0
        for hint in bar.hints:
            if hint.key == "f1":
                break
            at += hint.cells
        await pilot.click(KeyBar, offset=(at + 1, 0))
        await pilot.pause()
        assert app.pressed == 1


def test_a_column_belongs_to_the_hint_that_is_drawn_there() -> None:
    hints = (KeyHint("a", "a", "one"), KeyHint("b", "^b", "two"))
    assert hint_at(hints, 0) is hints[0]
    assert hint_at(hints, hints[0].cells - 1) is hints[0]
    assert hint_at(hints, hints[0].cells) is hints[1]
    assert hint_at(hints, sum(hint.cells for hint in hints)) is None


def test_what_has_no_room_is_left_out_but_the_last() -> None:
    one, two, three = hints = (KeyHint("a", "a", "one"), KeyHint("b", "b", "two"), KeyHint("f1", "f1", "Help"))
    width = sum(hint.cells for hint in hints)
    assert fitting(hints, width) == hints
    assert fitting(hints, width - 1) == (one, three)
    assert fitting(hints, three.cells + one.cells - 1) == (three,)
    assert fitting((), 80) == ()
    assert two not in fitting(hints, 0)


def test_what_is_spare_gives_way_first_in_its_order() -> None:
    hints = tuple(KeyHint(key, key, "word", id=key) for key in "abcd")
    width = sum(hint.cells for hint in hints)
    kept = [
        "".join(hint.key for hint in fitting(hints, width * count // 4, ("c", "gone", "a"))) for count in (4, 3, 2, 1)
    ]
    assert kept == ["abcd", "abd", "bd", "d"]


async def test_a_wider_screen_shows_more() -> None:
    app = BarApp()
    async with app.run_test(size=(9, 5)) as pilot:
        app.working = True
        await pilot.pause()
        bar = app.query_one(KeyBar)
        few = bar.hints
        await pilot.resize_terminal(80, 5)
        await pilot.pause()
        assert set(few) < set(bar.hints)
