"""The keys of the program that belong to no pane: what each is called, and what it does."""

from __future__ import annotations

from textual.binding import Binding, BindingType

APP_BINDINGS: list[BindingType] = [
    Binding("escape", "pause", "Pause", id="app.pause", tooltip="Freeze the stream on the spot"),
    Binding("escape", "resume", "Resume", id="app.resume", tooltip="Go on from where it froze"),
    Binding("escape", "review", "Review", id="app.review", tooltip="Nothing runs: from the prompt to the diff"),
    Binding("escape", "focus_prompt", "Prompt", id="app.prompt", tooltip="Nothing runs: back to the prompt"),
    Binding("full_stop", "step", "Next hunk", id="app.step", tooltip="Frozen: go on to the end of the next hunk"),
    Binding("ctrl+x", "stop", "Stop", id="app.stop", tooltip="Stop the model; what was written so far stays"),
    Binding("f5", "allow", "Run it", id="app.allow", tooltip="Run the command that the model proposes"),
    Binding("f9", "allow(True)", "Always", id="app.allow-always", tooltip="Run it, and always in this session"),
    Binding("f8", "decline", "Decline", id="app.decline", tooltip="Do not run what the model proposes"),
    Binding("C,ctrl+g", "commit", "Commit", id="app.commit", tooltip="Choose hunks and commit them"),
    Binding("i", "focus_prompt", "Prompt", show=False, id="app.write", tooltip="Write to the model"),
    Binding("ctrl+b", "toggle_tree", "Files", show=False, id="app.tree", tooltip="Show or hide the file tree"),
    Binding(
        "ctrl+f", "find_file", "Find file", show=False, priority=True, id="app.find-file", tooltip="Go to a file"
    ),
    Binding("ctrl+r", "retry_now", "Retry now", show=False, id="app.retry", tooltip="Do not wait any longer"),
    Binding("f1", "help", "Help", id="app.help", tooltip="Every key"),
    Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit", tooltip="Leave; the session can be resumed"),
]
"""An action is a method of :class:`spark_tui.app.ui.app.SparkApp`; whether it means something now is told by
:mod:`spark_tui.app.ui.availability`."""
