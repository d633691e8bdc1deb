"""The widgets that show the session, and how they share the window."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widget import Widget

from spark_tui.widgets.change_header import ChangeHeader, DiffPane
from spark_tui.widgets.comment_box import CommentBox
from spark_tui.widgets.completion_menu import CompletionMenu
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.prompt import Prompt
from spark_tui.widgets.proposal_bar import ProposalBar
from spark_tui.widgets.queued_messages import QueuedMessages
from spark_tui.widgets.status_line import StatusLine
from spark_tui.widgets.still import Still
from spark_tui.widgets.transcript import Transcript

CSS = """
Screen { layers: base box; }
#panes { layout: horizontal; height: 1fr; }
#work { layout: vertical; width: 1fr; height: 1fr; }
#foot { height: auto; dock: bottom; }
FileTree { width: 30; border-right: solid $rule; }
DiffPane { height: 3fr; width: 1fr; }
Transcript { height: 2fr; width: 1fr; border-top: solid $rule; }

.-narrow FileTree { display: none; width: 100%; border-right: none; }
.-narrow #panes.-browsing FileTree { display: block; }
.-narrow #panes.-browsing #work { display: none; }
.-normal #panes.-bare FileTree, .-wide #panes.-bare FileTree { display: none; }
.-normal #panes.-sides FileTree { display: none; }
.-normal #panes.-sides.-tree FileTree { display: block; }

.-wide FileTree { width: 36; }
.-wide #work { layout: horizontal; }
.-wide DiffPane { height: 1fr; width: 3fr; }
.-wide Transcript { height: 1fr; width: 2fr; border-top: none; border-left: solid $rule; }
.-wide #panes.-sides #work { layout: vertical; }
.-wide #panes.-sides DiffPane { height: 3fr; width: 1fr; }
.-wide #panes.-sides Transcript {
    height: 2fr; width: 1fr; border-top: solid $rule; border-left: none;
}
"""
"""The classes of the screen tell how wide the window is, those of ``#panes`` what the user wants of it.

Old and new side by side take the width of the tree in a window that would be too narrow for both; ``-tree`` is the
wish to see it there all the same.
"""

SPARE_KEYS = ("diff.previous-hunk", "diff.choose", "diff.comment", "diff.undo")
"""What a narrow row of keys leaves out first: what leads out of the diff, such as to the prompt, is needed more."""


class MainScreen(Still, LeanScreen[object]):
    """What shows the session; laid out for a window of ``width`` from its first paint on."""

    AUTO_FOCUS = "Prompt"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012

    def __init__(self, width: int) -> None:
        fitting = max((least, name) for least, name in self.HORIZONTAL_BREAKPOINTS if least <= width)
        super().__init__(id="_default", classes=fitting[1])


class Area(Still, Container):
    """A part of the screen that others divide among them."""


class Foot(Still, Vertical):
    """The lines below the panes."""


def compose_panes() -> ComposeResult:
    """All widgets of the main screen, from the top."""
    menu = CompletionMenu()
    with Area(id="panes"):
        yield FileTree()
        with Area(id="work"):
            yield DiffPane(DiffView())
            yield Transcript()
    with Foot(id="foot"):
        yield NoticeBar()
        yield ProposalBar()
        yield QueuedMessages()
        yield Prompt(menu=menu)
        yield StatusLine()
        yield KeyBar(SPARE_KEYS)
    yield CommentBox()
    yield menu


@dataclass(frozen=True, slots=True)
class Panes:
    """The widgets that show the session, on ``screen``."""

    screen: Screen[object]
    all: Widget
    tree: FileTree
    diff: DiffView
    transcript: Transcript
    notices: NoticeBar
    proposal: ProposalBar
    queued: QueuedMessages
    prompt: Prompt
    status: StatusLine
    header: ChangeHeader

    @classmethod
    def of(cls, screen: Screen[object]) -> Panes:
        """Find them on ``screen``, where all of them must be."""
        return cls(
            screen,
            screen.query_one("#panes"),
            screen.query_one(FileTree),
            screen.query_one(DiffView),
            screen.query_one(Transcript),
            screen.query_one(NoticeBar),
            screen.query_one(ProposalBar),
            screen.query_one(QueuedMessages),
            screen.query_one(Prompt),
            screen.query_one(StatusLine),
            screen.query_one(ChangeHeader),
        )

    def make_room(self, for_sides: bool) -> None:
        """Give the diff the width of the window where it would not have enough for old and new."""
        self.all.set_class(for_sides, "-sides")
        self.all.remove_class("-tree")

    def toggle_tree(self) -> None:
        """Show or hide the file tree; in a narrow window it takes the place of the rest."""
        if self.screen.has_class("-narrow"):
            self.all.toggle_class("-browsing")
            shows = self.all.has_class("-browsing")
        elif self._gives_tree_away:
            self.all.toggle_class("-tree")
            shows = self.all.has_class("-tree")
        else:
            self.all.toggle_class("-bare")
            shows = not self.all.has_class("-bare")
        if shows:
            self.tree.focus()
        else:
            self.prompt.focus()

    @property
    def _gives_tree_away(self) -> bool:
        """Whether the tree is there only if it was asked for."""
        return self.screen.has_class("-normal") and self.all.has_class("-sides")

    def find_file(self) -> None:
        """Let the user type a part of a file's name."""
        if self.screen.has_class("-narrow"):
            self.all.add_class("-browsing")
        self.all.remove_class("-bare")
        self.all.set_class(self._gives_tree_away, "-tree")
        self.tree.focus()
        self.tree.action_filter()

    def reveal(self, path: str) -> bool:
        """Go to the hunks of ``path`` in the diff; whether there are any."""
        if not self.diff.reveal_path(path):
            return False
        self.diff.focus()
        self.all.remove_class("-browsing")
        return True
