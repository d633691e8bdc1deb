"""Commands that can be typed into the prompt; the palette offers the same ones by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spark_tui.widgets.completions import Completion


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` is typed behind a slash; ``action`` is the app's, written as in a binding; ``title`` is the palette's,
    ``help`` says everywhere what it does. With ``wants_more`` it is offered with a space behind it."""

    name: str
    action: str
    title: str
    help: str
    wants_more: bool = False


COMMANDS = (
    Command("commit", "commit", "Commit", "Choose hunks since the last commit and commit them"),
    Command("uncommit", "undo_commit", "Take back the last commit", "The commit goes, its changes stay in the files"),
    Command(
        "review", "review_git", "Review the work tree", "What differs from the last commit, to read and comment on"
    ),
    Command("undo", "undo", "Undo the last accept", "Take the last accepted hunks out of the files again"),
    Command("undo-turn", "undo('turn')", "Undo the turn", "Take out all that was accepted of the last turn"),
    Command("undo-session", "undo('session')", "Undo the session", "Take out all that was accepted in this session"),
    Command("undo-earlier", "undo('earlier')", "Undo further back", "Take out the last accept of any session"),
    Command("carry-over", "carry_over", "Carry over", "Bring hunks made on another branch to this one"),
    Command("redo", "redo", "Redo", "Accept again what was undone"),
    Command("stop", "stop", "Stop the model", "End the turn; what was written so far stays"),
    Command("test", "test", "Run the tests", "Find the test command, to look at and run against the pending change"),
    Command("tell", "tell_output", "Tell the model", "Tell the model what the last command printed"),
    Command("files", "toggle_tree", "Show or hide the files", "The file tree"),
    Command("retry", "retry_now", "Retry now", "Do not wait for the connection or a limit any longer"),
    Command("compact", "compact", "Compact the conversation", "Put a summary in its place, to make room"),
    Command("local", "use_local", "Use the local model", "Let the model server found on this machine answer"),
    Command("offline", "use_offline", "Use the built-in engine", "Let the rule-based engine answer, which is no AI"),
    Command("theme", "change_theme", "Theme", "Draw in other colours, also the next time", wants_more=True),
    Command("help", "help", "Keys", "Every key and what it does"),
    Command("quit", "quit", "Quit", "Leave; `spark-tui resume` goes on from here"),
)
_LIKE_A_COMMAND = re.compile(r"/[a-z-]+\s*$")


def completions() -> Iterator[Completion]:
    """What the prompt offers while a command is typed."""
    for command in COMMANDS:
        yield Completion(f"/{command.name}{' ' if command.wants_more else ''}", command.help)


def command_in(text: str) -> str | None:
    """The action that ``text`` asks for; ``None`` where it is no command.

    >>> command_in("/commit ")
    'commit'
    """
    return next((command.action for command in COMMANDS if text.strip() == f"/{command.name}"), None)


def argument_of(name: str, text: str) -> str | None:
    """What stands behind the command ``name`` in ``text``; ``None`` where it is another text, or nothing does.

    >>> argument_of("test", "/test make check")
    'make check'
    """
    found = re.match(rf"/{name}\s+(\S.*)", text.strip(), re.S)
    return found[1] if found else None


def shell_line(text: str) -> str | None:
    """The shell line that the user wants to run, behind an exclamation mark.

    >>> shell_line("!ls -l")
    'ls -l'
    """
    line = text.strip()
    return line[1:].strip() or None if line.startswith("!") else None


def looks_like_command(text: str) -> bool:
    """Whether the user most likely meant a command: a slash and one word, which no request begins with."""
    return _LIKE_A_COMMAND.match(text) is not None


def unknown(text: str) -> str:
    """What to say of a command that does not exist."""
    names = ", ".join(f"/{command.name}" for command in COMMANDS)
    return f"there is no {text.strip()}; f1 tells what each of these does: {names}"
