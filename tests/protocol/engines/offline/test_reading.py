"""Searching and reading with a client's tools: parts are put together, and a cut in an answer is seen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_tui.protocol.engines.offline.reading import Ask, Listing, NamedTools, ShellTool

SHELL = ShellTool("exec_command", "cmd", as_list=False)
Answer = Callable[[str], str]


def run_in(folder: Path, shorten: Answer = lambda text: text) -> Callable[[Ask], str]:
    """A shell tool as Codex has it, over the real shell."""

    def run(ask: Ask) -> str:
        command = json.loads(ask.arguments)["cmd"]
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, check=False)
        shown = shorten((done.stdout + done.stderr).decode("utf-8", "replace"))
        return f"Wall time: 0.01 seconds\nProcess exited with code {done.returncode}\nOutput:\n{shown}"

    return run


def cut_past(limit: int) -> Answer:
    """Leaves the middle out of a long text, as Codex does."""

    def shorten(text: str) -> str:
        if len(text) <= limit:
            return text
        half = limit // 2
        return f"{text[:half]}…{len(text) - limit} chars truncated…{text[-half:]}"

    return shorten


def read(path: str, run: Callable[[Ask], str]) -> tuple[str, str, int]:
    """The text, the trouble, and how many calls it took."""
    text = ""
    ask: Ask | None = SHELL.read(path)
    calls = 0
    while ask is not None:
        excerpt = SHELL.excerpt_in(ask, run(ask))
        assert excerpt is not None
        assert excerpt.path == path
        calls += 1
        if excerpt.trouble:
            return text, excerpt.trouble, calls
        text = excerpt.text if excerpt.is_first else text + excerpt.text
        ask = excerpt.more
    return text, "", calls


def listed(ask: Ask | None, run: Callable[[Ask], str]) -> tuple[list[str], str]:
    paths: list[str] = []
    while ask is not None:
        listing = SHELL.listing_in(ask, run(ask))
        assert listing is not None
        paths += listing.paths
        if listing.trouble:
            return paths, listing.trouble
        ask = listing.more
    return paths, ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "no break at the end",
        "crlf\r\nand none",
        "\n\n\n",
        "  12\n34\n",
        "x\n" * 499 + "no break",
        "x\n" * 500,
        "x\n" * 500 + "y",
        "é“”漢\n" * 1700,
        "a\r\n" * 1001,
    ],
)
@pytest.mark.parametrize("limit", [100_000, 900])
def test_a_shell_gives_the_file_as_it_is(text: str, limit: int, tmp_path: Path) -> None:
    path = '-it\'s a "file" $HOME < > | head.txt'
    (tmp_path / path).write_bytes(text.encode())
    assert read(path, run_in(tmp_path, cut_past(limit)))[:2] == (text, "")


def test_a_short_file_takes_one_call(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n" * 500)
    assert read("a", run_in(tmp_path)) == ("x\n" * 500, "", 1)


def test_what_the_shell_cannot_show_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9\n" * 20)
    (tmp_path / "long").write_text("short\n" + "x" * 2000 + "\n")
    run = run_in(tmp_path, cut_past(900))
    assert "line 1 does not come through" in read("latin", run)[1]
    assert "line 2 does not come through" in read("long", run)[1]
    assert "No such file" in read("absent", run)[1]


def test_an_answer_without_its_last_break_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\ny\n")
    assert read("a", run_in(tmp_path, lambda text: text.removesuffix("\n")))[:2] == ("x\ny\n", "")


@pytest.mark.parametrize("limit", [100_000, 2_000])
def test_a_shell_names_every_file(limit: int, tmp_path: Path) -> None:
    names = sorted(f"file-{number:03}.txt" for number in range(450))
    for name in names:
        (tmp_path / name).write_text("it's total\n")
    (tmp_path / "other.txt").write_text("none\n")
    run = run_in(tmp_path, cut_past(limit))
    assert sorted(listed(SHELL.search("it's total\nx"), run)[0]) == names
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("file-0*\n")
    assert listed(SHELL.search("it's total"), run) == (names[100:], "")
    assert listed(SHELL.list_files(), run) == ([".gitignore", *names[100:], "other.txt"], "")


def test_a_list_that_never_comes_whole_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert listed(SHELL.list_files(), run_in(tmp_path, lambda _: "…9 tokens truncated…"))[1]


def test_a_search_answer_names_further_files() -> None:
    tools = NamedTools()
    ask = tools.search("x")
    answer = "a b.py:3:x\na b.py:4:also in:\n(the first 2 lines; narrow it)\nalso in:\n(app)/page.tsx\n[id].tsx"
    assert tools.listing_in(ask, answer) == Listing(["a b.py", "(app)/page.tsx", "[id].tsx"])
    cut = tools.listing_in(ask, answer + "\n(the first 2 files; give a path to see others)")
    assert cut == Listing(["a b.py", "(app)/page.tsx", "[id].tsx"], trouble="the list of files was cut short")
    assert tools.listing_in(ask, "no line matches") == Listing([])
    assert tools.listing_in(ask, "error: the pattern is too long") == Listing([], trouble="the pattern is too long")
    assert tools.listing_in(Ask("read_file", "{}"), "") is None


def test_a_named_tool_reads_on_where_it_says() -> None:
    tools = NamedTools()
    ask = tools.read("a: lines 1-2 of 3")
    first = tools.excerpt_in(ask, "a: lines 1-2 of 3: lines 1-1 of 2; read on with start_line 2\nx\n")
    assert first is not None
    assert (first.text, first.is_first) == ("x\n", True)
    assert first.more is not None
    assert json.loads(first.more.arguments) == {"path": "a: lines 1-2 of 3", "start_line": 2}
    last = tools.excerpt_in(first.more, "a: lines 1-2 of 3: lines 2-2 of 2\n\ny")
    assert last is not None
    assert (last.text, last.is_first, last.more) == ("\ny", False, None)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("error: a.bin: is binary", "is binary"),
        ("a.bin: the first 9 of 99 characters of line 1\nxxxxxxxxx", "the first 9 of 99 characters of line 1"),
        ("", "no answer"),
    ],
)
def test_a_refusal_keeps_its_reason(answer: str, trouble: str) -> None:
    excerpt = NamedTools().excerpt_in(NamedTools().read("a.bin"), answer)
    assert excerpt is not None
    assert excerpt.trouble == trouble


def test_an_empty_file_is_read() -> None:
    excerpt = NamedTools().excerpt_in(NamedTools().read("a"), "a is empty\n")
    assert excerpt is not None
    assert (excerpt.text, excerpt.trouble, excerpt.more) == ("", "", None)
