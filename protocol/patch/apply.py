"""A whole patch applied to files in memory: nothing is written, and a patch that fails changes nothing.

Outcomes and messages are those of Codex 0.169.0, apart from the differences listed in ``docs/patch-format.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from spark_tui.protocol.errors import PatchError, PatchSyntaxError
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines
from spark_tui.protocol.patch.events import SectionKind
from spark_tui.protocol.patch.language import (
    BEGIN,
    END,
    HEREDOC_END,
    HEREDOC_OPENERS,
    NO_BEGIN,
    NO_END,
    WHITE_SPACE,
    Dialect,
)
from spark_tui.protocol.patch.matcher import SectionMatcher, line_break_of
from spark_tui.protocol.patch.parser import PatchParser
from spark_tui.protocol.patch.sections import Section, collect

Reader = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class PatchedFile:
    """What the patch makes of one file.

    ``path`` is relative and without ``.`` parts. ``data`` is the new content, ``None`` deletes. ``mode_from`` is the
    file that was moved here and whose mode is to be kept. ``overwrites``: an Add or a Move replaced a file that the
    patch had not removed before. ``recreated``: the patch removed the file and made it again.
    """

    path: str
    data: bytes | None
    mode_from: str | None = None
    overwrites: bool = False
    recreated: bool = False


@dataclass(frozen=True, slots=True)
class PatchResult:
    """``files`` by path, in the order of first touch; ``summary`` is what Codex prints to stdout."""

    files: dict[str, PatchedFile]
    summary: str


def apply_patch(patch: bytes | str, read: Reader, dialect: Dialect = Dialect.CODEX, *, cwd: str = "") -> PatchResult:
    """Apply ``patch`` to what ``read`` returns: a file's bytes, or ``None`` where there is no file.

    Sections are applied in order, each on the result of the ones before. ``read`` gets relative paths without ``.``
    parts and may raise :exc:`PatchError`. ``cwd`` goes before paths in messages, as Codex prints them.

    Raises :exc:`PatchSyntaxError`, :exc:`PatchMatchError` or :exc:`PatchError`; ``str()`` of it is what Codex prints
    to stderr, without the last line break.
    """
    text = patch if isinstance(patch, str) else _decode_patch(patch)
    if dialect is Dialect.CODEX:
        _check_envelope(text)
    parser = PatchParser(dialect)
    sections = collect(parser.feed(text) + parser.finish())
    if not sections:
        raise PatchError("No files were modified.")
    tree = _Tree(read, dialect, cwd)
    for section in sections:
        tree.apply(section)
    return PatchResult(tree.changes(), _summary(sections))


def normalise_path(path: str) -> str:
    """One spelling for one file: without ``.`` parts and doubled slashes; ``..`` is left to be refused.

    >>> normalise_path("./d//a/")
    'd/a'
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ("/" if path.startswith("/") else "") + "/".join(parts)


def update_text(text: str, edits: list[LineEdit], dialect: Dialect) -> str:
    """``text`` with ``edits`` made; in ``CODEX`` the result gets a final line break if it lacks one.

    A lone ``\\r`` at the end is left as it is: a break behind it would turn it into another one.
    """
    source = split_lines(text)
    result = "".join(apply_edits(source, edits))
    if dialect is Dialect.CODEX and result and not result.endswith(("\n", "\r")):
        result += line_break_of(source)
    return result


def section_edits(section: Section, source: list[str], dialect: Dialect, path: str) -> list[LineEdit]:
    """The edits of an Update section's chunks, ascending; those for one place keep the patch's order."""
    matcher = SectionMatcher(source, dialect, path)
    edits = [edit for chunk in section.chunks for edit in matcher.place(chunk).edits]
    return sorted(edits, key=lambda edit: edit.start)


class _Tree:
    """The files as the sections so far have left them, over those that ``read`` knows."""

    def __init__(self, read: Reader, dialect: Dialect, cwd: str) -> None:
        self._read = read
        self._dialect = dialect
        self._cwd = cwd
        self._on_disk: dict[str, bytes | None] = {}
        self._files: dict[str, PatchedFile] = {}

    def apply(self, section: Section) -> None:
        path = normalise_path(section.path)
        match section.kind:
            case SectionKind.ADD:
                self._add(path, section)
            case SectionKind.DELETE:
                if self._current(path).data is None:
                    raise PatchError(f"Failed to delete file {self._shown(path)}")
                self._files[path] = PatchedFile(path, None)
            case SectionKind.UPDATE:
                self._update(path, section)

    def changes(self) -> dict[str, PatchedFile]:
        """The touched files, without those that neither were nor are."""
        return {
            path: file
            for path, file in self._files.items()
            if file.data is not None or self._on_disk[path] is not None
        }

    def _shown(self, path: str) -> str:
        return f"{self._cwd}/{path}" if self._cwd and not path.startswith("/") else path

    def _current(self, path: str) -> PatchedFile:
        file = self._files.get(path)
        if file is None:
            if path not in self._on_disk:
                self._on_disk[path] = self._read(path)
            return PatchedFile(path, self._on_disk[path])
        return file

    def _add(self, path: str, section: Section) -> None:
        current = self._current(path)
        text = "".join([line.text + "\n" for chunk in section.chunks for line in chunk.lines])
        self._files[path] = replace(
            current, data=_encode(text), overwrites=self._overwrites(current), recreated=self._recreates(current)
        )

    def _update(self, path: str, section: Section) -> None:
        current = self._current(path)
        shown = self._shown(path)
        text = _decode_file(current.data, shown)
        edits = section_edits(section, split_lines(text), self._dialect, shown)
        updated = replace(current, data=_encode(update_text(text, edits, self._dialect)))
        target = path if section.move_to is None else normalise_path(section.move_to)
        if target == path:
            self._files[path] = updated
            return
        replaced = self._current(target)
        came_from = current.mode_from or (path if self._on_disk.get(path) is not None else None)
        self._files[target] = replace(
            updated,
            path=target,
            mode_from=came_from,
            overwrites=self._overwrites(replaced),
            recreated=self._recreates(replaced),
        )
        self._files[path] = PatchedFile(path, None)

    def _overwrites(self, current: PatchedFile) -> bool:
        """Whether writing over ``current`` loses a file of the user's; one of the patch's own is no loss."""
        return current.overwrites or (current.data is not None and self._on_disk[current.path] is not None)

    def _recreates(self, current: PatchedFile) -> bool:
        """Whether a file that was there, and that the patch removed, is there again."""
        return current.recreated or (current.data is None and self._on_disk[current.path] is not None)


def _check_envelope(text: str) -> None:
    """Codex looks at the first and the last line before it reads what is between."""
    lines = text.strip(WHITE_SPACE).split("\n")
    if lines == [""]:
        raise PatchSyntaxError(NO_END)
    opener = lines[0].removesuffix("\r")
    if opener in HEREDOC_OPENERS and lines[-1].endswith(HEREDOC_END) and len(lines) >= 4:
        lines = lines[1:-1]
    if lines[0].strip(WHITE_SPACE) != BEGIN:
        raise PatchSyntaxError(NO_BEGIN)
    if lines[-1].strip(WHITE_SPACE) != END:
        raise PatchSyntaxError(NO_END)


def _summary(sections: list[Section]) -> str:
    lines = ["Success. Updated the following files:\n"]
    for mark, kind in (("A", SectionKind.ADD), ("M", SectionKind.UPDATE), ("D", SectionKind.DELETE)):
        lines += [f"{mark} {section.move_to or section.path}\n" for section in sections if section.kind is kind]
    return "".join(lines)


def _encode(text: str) -> bytes:
    """``text`` as UTF-8; half a surrogate pair, which no file can hold, becomes U+FFFD."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def _decode_patch(patch: bytes) -> str:
    try:
        return patch.decode("utf-8")
    except UnicodeDecodeError:
        raise PatchError("Error: Failed to read PATCH from stdin.\nstream did not contain valid UTF-8") from None


def _decode_file(data: bytes | None, shown: str) -> str:
    if data is None:
        raise PatchError(f"Failed to read file to update {shown}: No such file or directory (os error 2)")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            detail = f"incomplete utf-8 byte sequence from index {error.start}"
        else:
            detail = f"invalid utf-8 sequence of {error.end - error.start} bytes from index {error.start}"
        raise PatchError(f"Failed to read file to update {shown}: {detail}") from None
