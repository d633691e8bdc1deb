"""Commands that can be typed into the prompt; the palette offers the same ones by name."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` is typed behind a slash; ``action`` is the app's; ``title`` and ``help`` are for the palette."""

    name: str
    action: str
    title: str
    help: str


COMMANDS = (
    Command("commit", "commit", "Commit", "Choose hunks since the last commit and commit them"),
    Command(
        "review", "review_git", "Review the work tree", "What differs from the last commit, to read and comment on"
    ),
    Command("undo", "undo", "Undo the last accept", "Take the last accepted hunks out of the files again"),
    Command("redo", "redo", "Redo", "Accept again what was undone"),
    Command("stop", "stop", "Stop the model", "End the turn; what was written so far stays"),
    Command("files", "toggle_tree", "Show or hide the files", "The file tree"),
    Command("retry", "retry_now", "Retry now", "Do not wait for the connection or a limit any longer"),
    Command("help", "help", "Keys", "Every key and what it does"),
    Command("quit", "quit", "Quit", "Leave; `spark-tui resume` goes on from here"),
)
_LIKE_A_COMMAND = re.compile(r"/[a-z]+\s*$")


def command_in(text: str) -> str | None:
    """The action that ``text`` asks for; ``None`` where it is no command.

    >>> command_in("/commit ")
    'commit'
    """
    return next((command.action for command in COMMANDS if text.strip() == f"/{command.name}"), None)


def looks_like_command(text: str) -> bool:
    """Whether the user most likely meant a command: a slash and one word, which no request begins with."""
    return _LIKE_A_COMMAND.match(text) is not None


def unknown(text: str) -> str:
    """What to say of a command that does not exist."""
    return f"there is no {text.strip()}; there are {', '.join('/' + command.name for command in COMMANDS)}"
