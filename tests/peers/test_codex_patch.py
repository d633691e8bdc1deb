"""Random patches given to Codex and to us: the same outcome, messages and files.

Most are applied by the pure function, some by the command with links, modes and folders in the tree (no pipes: Codex
waits for ever when it adds to one). Left out are the documented differences: a lone carriage return in a file, a move
onto itself, the mode of a moved file, one file under two names, and what a patch leaves behind that fails half-way.
"""

from __future__ import annotations

import io
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from spark_tui.app.commands.apply import run
from spark_tui.protocol.errors import PatchError
from spark_tui.protocol.patch.apply import apply_patch
from tests.peers.programs import CODEX

CASES = 5_000
CASES_PER_SEED = 500
TREES = 600
TREES_PER_SEED = 100
PROCESSES = 20
"""How many of the trees of the first seed are patched by the program itself, in a process of its own."""

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(CODEX is None, reason="Codex is not there: see .peers/npm.log"),
    pytest.mark.timeout(200),
]

WORDS = (
    *("", "a", "b", "c", " a", "a ", "  b", "\t", "“c”", '"c"', "a\u2014b", "a-b", "\xa0a", "é", "\f", "a\r"),
    *("@@", "@@ a", "+", "-", " ", "*** End Patch", "*** End of File", "EOF"),
)
STRAY_LINES = (
    *(
        "*** End Patch",
        "  *** End Patch",
        "\t*** End Patch",
        "*** Begin Patch",
        "*** End of File ",
        "@@",
        "@@ a",
        "@@a",
    ),
    *("*** Environment ID: x", "*** Environment ID:", "*** Move to: q", " *** Move to: q", "*** Update File: a"),
    *("*** Add File: ", " *** Add File: z", "*** Delete File: c  ", "EOF", " EOF", "xEOF", "", " ", "\t", "+x"),
)


class PatchMaker:
    """Makes files and patches that mostly fit them; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def text(self) -> str:
        choose = self.random.choice
        words = [word for word in WORDS[: choose([4, 12, len(WORDS)])] if "\r" not in word]
        ends = choose([["\n"], ["\n"], ["\r\n"], ["\n", "\r\n"]])
        text = "".join(choose(words) + choose(ends) for _ in range(self.random.randint(0, 8)))
        return text.rstrip("\r\n") if self.chance(0.2) else text

    def chunk(self, source: list[str]) -> list[str]:
        lines: list[str] = []
        position = self.random.randint(0, len(source))
        for _ in range(self.random.randint(1, 5)):
            if self.chance(0.3) or position >= len(source):
                lines.append("+" + self.random.choice(WORDS))
                continue
            line = source[position]
            position += 1
            if self.chance(0.05):
                line = self.random.choice(
                    [line.strip(), line + " ", line.replace("“", '"'), self.random.choice(WORDS)]
                )
            mark = self.random.choice("  -")
            lines.append("" if mark == " " and not line and self.chance(0.5) else mark + line)
        if self.chance(0.12):
            lines.append("*** End of File")
        if self.chance(0.08):
            lines.append("")
        return lines

    def section(self, files: dict[str, str]) -> list[str]:
        path = self.random.choice(["a", "b", "c", "./a", "d//e"])
        kind = self.random.choice(["Add", "Delete", "Update", "Update", "Update", "Update"])
        lines = [f"*** {kind} File: {path}"]
        if kind == "Add":
            lines += ["+" + self.random.choice(WORDS) for _ in range(self.random.randint(0, 3))]
        if kind == "Update":
            if self.chance(0.15):
                lines.append("*** Move to: " + self.random.choice(["m", "n ", "f/g"]))
            source = files.get(path.removeprefix("./"), "").replace("\r\n", "\n").split("\n")
            for number in range(self.random.choice([1, 1, 1, 2, 2, 3])):
                if number or self.chance(0.8):
                    header = f" {self.random.choice(source)}" if self.chance(0.3) else ""
                    lines.append("@@" + header)
                lines += self.chunk(source)
        return lines

    def patch(self, files: dict[str, str]) -> str:
        lines = ["*** Begin Patch"]
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            lines += self.section(files)
        lines.append("*** End Patch")
        while self.chance(0.15):
            at = self.random.randrange(len(lines))
            match self.random.randrange(3):
                case 0:
                    lines.insert(at, self.random.choice(STRAY_LINES))
                case 1:
                    lines[at] = (
                        self.random.choice([" ", "\t", ""]) + lines[at] + self.random.choice(["", " ", "\r\r"])
                    )
                case 2 if len(lines) > 1:
                    del lines[at]
        if self.chance(0.08):
            opener = self.random.choice(["<<EOF", "<<'EOF'", '<<"EOF"', " <<EOF", "<<-EOF"])
            lines = [opener, *lines, self.random.choice(["EOF", "xEOF", " EOF", "", "EOF "])]
        ends = self.random.choice(["\n", "\n", "\r\n"])
        return ends.join(lines) + self.random.choice(["\n", "", "\n\n", " \n\t\n"])


def codex_outcome(program: Path, folder: Path, patch: str, files: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    done = subprocess.run([program], input=patch.encode(), capture_output=True, cwd=folder, check=False)
    after = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return done.stdout.decode(), done.stderr.decode(), after


def our_outcome(folder: Path, patch: str, files: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    after = dict(files)
    data = {name: text.encode() for name, text in files.items()}
    try:
        result = apply_patch(patch, data.get, cwd=str(folder))
    except PatchError as error:
        return "", f"{error}\n", after
    for path, file in result.files.items():
        if file.data is None:
            del after[path]
        else:
            after[path] = file.data.decode()
    return result.summary, "", after


def applied_by(program: Path) -> Path:
    """Codex under the name that makes it ``apply_patch``."""
    assert CODEX is not None
    program.symlink_to(CODEX)
    return program


@pytest.mark.parametrize("seed", range(CASES // CASES_PER_SEED))
def test_random_patches_have_the_outcome_of_codex(seed: int, tmp_path: Path) -> None:
    program = applied_by(tmp_path / "apply_patch")
    maker = PatchMaker(seed)
    applied = 0
    for number in range(CASES_PER_SEED):
        files = {name: maker.text() for name in "abc" if maker.chance(0.8)}
        patch = maker.patch(files) or "\n"
        folder = tmp_path / str(number)
        stdout, stderr, after = codex_outcome(program, folder, patch, files)
        ours = our_outcome(folder, patch, files)
        assert ours[:2] == (stdout, stderr), (patch, files)
        if not stderr:
            applied += 1
            assert ours[2] == after, (patch, files)
    assert applied > CASES_PER_SEED // 10


class TreeMaker(PatchMaker):
    """Makes trees with more than plain files in them."""

    def plant(self, folder: Path) -> dict[str, str]:
        """Fill ``folder``; the texts of its files by every name that leads to them."""
        folder.mkdir()
        texts = {}
        for name in ("a", "b", "d/e"):
            if self.chance(0.8):
                texts[name] = self.text()
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(texts[name].encode())
                (folder / name).chmod(self.random.choice([0o644, 0o644, 0o755, 0o600, 0o444]))
        match self.random.choice(["nothing", "file", "link", "link", "dangling", "folder", "to folder"]):
            case "file":
                texts["c"] = self.text()
                (folder / "c").write_bytes(texts["c"].encode())
            case "link":
                target = self.random.choice(["a", "d/e", "./b"])
                (folder / "c").symlink_to(target)
                if target.removeprefix("./") in texts:
                    texts["c"] = texts[target.removeprefix("./")]
            case "dangling":
                (folder / "c").symlink_to("nowhere/x")
            case "folder":
                (folder / "c").mkdir()
            case "to folder":
                (folder / "d").mkdir(exist_ok=True)
                (folder / "c").symlink_to("d")
        return texts

    def operation(self, texts: dict[str, str]) -> list[str]:
        path = self.random.choice(["a", "c", "c", "d/e", "c/x", "a/x", "new/deep/n", "d"])
        kind = self.random.choice(["Add", "Delete", "Update", "Update"])
        lines = [f"*** {kind} File: {path}"]
        if kind == "Add":
            lines += [f"+{self.random.choice(WORDS[:4])}"]
        if kind == "Update":
            if self.chance(0.3):
                lines.append("*** Move to: " + self.random.choice(["m", "f/g", "d", "a/y"]))
            source = texts.get(path, "").replace("\r\n", "\n").split("\n")
            lines += ["@@", *self.chunk(source)]
        return lines

    def operations(self, texts: dict[str, str]) -> str:
        """A patch; what it makes it does not delete again, which differs by design."""
        lines = self.operation(texts)
        if self.chance(0.3):
            lines += [line for line in self.operation(texts) if not line.startswith("*** Delete")]
        return "\n".join(["*** Begin Patch", *lines, "*** End Patch", ""])


def pictured(folder: Path, *, with_modes: bool) -> dict[str, tuple[str, int]]:
    """Everything below ``folder`` but folders that are empty: what it is or holds, and its mode."""
    picture = {}
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            continue
        status = path.lstat()
        mode = stat.S_IMODE(status.st_mode) if with_modes else 0
        match stat.S_IFMT(status.st_mode):
            case stat.S_IFLNK:
                what, mode = f"link to {path.readlink()}", 0
            case stat.S_IFREG:
                what = f"file: {path.read_bytes()!r}"
            case other:
                what, mode = f"kind {other:o}", 0
        picture[path.relative_to(folder).as_posix()] = (what, mode)
    return picture


def is_refused_by_choice(stderr: str) -> bool:
    """Whether we refuse what Codex does: an edit through a link that could be lost, or hit another file."""
    return "are one file; patch it under one name" in stderr or "is a link; delete it and make" in stderr


def our_run(folder: Path, patch: str, *, as_process: bool) -> tuple[int, str, str]:
    if as_process:
        done = subprocess.run(
            [sys.executable, "-m", "spark_tui.app", "apply", "-"],
            input=patch.encode(),
            capture_output=True,
            cwd=folder,
            check=False,
        )
        code, stdout, stderr = done.returncode, done.stdout.decode(), done.stderr.decode()
    else:
        out, err = io.StringIO(), io.StringIO()
        source = io.BytesIO(patch.encode())
        code = run(None, check=False, recover=False, cwd=folder, stdin=source, stdout=out, stderr=err)
        stdout, stderr = out.getvalue(), err.getvalue()
    return code, stdout, "".join(line for line in stderr.splitlines(True) if not line.startswith("note: "))


@pytest.mark.parametrize("seed", range(TREES // TREES_PER_SEED))
def test_random_trees_have_the_outcome_of_codex(seed: int, tmp_path: Path) -> None:
    program = applied_by(tmp_path / "apply_patch")
    applied = 0
    for number in range(TREES_PER_SEED):
        place = tmp_path / str(number)
        place.mkdir()
        maker, same = TreeMaker(seed * TREES + number), TreeMaker(seed * TREES + number)
        texts = maker.plant(place / "theirs")
        assert same.plant(place / "ours") == texts
        patch = maker.operations(texts)
        before = pictured(place / "ours", with_modes=True)
        theirs = subprocess.run(
            [program], input=patch.encode(), capture_output=True, cwd=place / "theirs", check=False
        )
        code, stdout, stderr = our_run(place / "ours", patch, as_process=seed == 0 and number < PROCESSES)
        if is_refused_by_choice(stderr):
            assert pictured(place / "ours", with_modes=True) == before
            continue
        context = (patch, before, theirs.stderr.decode(), stderr)
        assert (code, stdout) == (theirs.returncode, theirs.stdout.decode()), context
        if code == 0:
            applied += 1
            moved = "*** Move to: " in patch
            assert pictured(place / "ours", with_modes=not moved) == pictured(
                place / "theirs", with_modes=not moved
            ), context
        else:
            assert pictured(place / "ours", with_modes=True) == before, context
    assert applied > TREES_PER_SEED // 5
