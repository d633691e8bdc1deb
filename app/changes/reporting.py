"""What became of one patch, in words for the model."""

from __future__ import annotations

from dataclasses import dataclass, field

from spark_tui.app.changes.hunk import Hunk

LONGEST = 2_000
"""Characters of one message that are told; it quotes lines that the model wrote itself."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that was not staged: chunk number ``chunk`` of ``path`` (from 1; ``None``: the whole section).

    ``line`` is the 1-based line of the patch where it begins.
    """

    path: str
    chunk: int | None
    line: int
    message: str

    def __str__(self) -> str:
        what = self.path if self.chunk is None else f"chunk {self.chunk} of {self.path}"
        message = self.message if len(self.message) <= LONGEST else self.message[:LONGEST] + " …"
        return f"not staged: {what} (patch line {self.line}): {message}"


@dataclass(slots=True)
class PatchReport:
    """The outcome of a patch. ``hunks`` maps the ids of what was staged to their paths."""

    hunks: dict[str, str] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)
    stopped: str | None = None
    """Why the patch ended early, in one line; ``None`` when it did not."""
    _withdrawn: list[str] = field(default_factory=list)
    _unchanged: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all of the patch was staged."""
        return not self.misfits and self.stopped is None

    def note_staged(self, path: str, hunk: Hunk | None) -> None:
        """A hunk of ``path`` was staged; ``None``: the edit took back what was pending."""
        if hunk is None:
            self._withdrawn.append(path)
        else:
            self.hunks[hunk.id] = path

    def note_unchanged(self) -> None:
        """A chunk fitted but changes nothing."""
        self._unchanged += 1

    def stop(self, reason: str) -> None:
        """The patch ended early for ``reason``."""
        self.stopped = reason

    @property
    def headline(self) -> str:
        """The first line of :attr:`text` for the user, who wants to know which file, where it is only one."""
        paths = set(self.hunks.values())
        if len(paths) == 1:
            return f"staged for review: {_count(len(self.hunks), 'hunk')} in {paths.pop()}"
        return self.text.splitlines()[0]

    @property
    def text(self) -> str:
        """The answer to the tool call."""
        lines = []
        if self.hunks:
            files = len(set(self.hunks.values()))
            lines.append(f"staged for review: {_count(len(self.hunks), 'hunk')} in {_count(files, 'file')}")
        if self._withdrawn:
            lines.append(f"taken back: pending changes in {', '.join(dict.fromkeys(self._withdrawn))}")
        if self._unchanged:
            lines.append(f"without effect: {_count(self._unchanged, 'chunk')} that changes nothing")
        lines += [str(misfit) for misfit in self.misfits]
        if self.stopped is not None:
            lines.append(f"the patch stopped: {self.stopped}")
        if not self.hunks and not self._withdrawn:
            lines.insert(0, "nothing was staged")
        if not self.is_whole and self.hunks:
            lines.append("What was staged stays; send only the rest, made on the files as they read now.")
        return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
