from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.workspace.errors import PathRefused
from spark_tui.app.workspace.guard import check_path, is_git_name, warning_for
from spark_tui.widgets.safe_text import safe_line


@pytest.mark.parametrize(
    ("path", "normalised"),
    [
        ("a", "a"),
        ("./a//b/./c", "a/b/c"),
        ("d/", "d"),
        ("~/x", "~/x"),
        ("%2e%2e/x", "%2e%2e/x"),
        (".../x", ".../x"),
        ("..a/b..c", "..a/b..c"),
        ("file:x", "file:x"),
        ("  a", "  a"),
        ("cafe\u0301.txt", "cafe\u0301.txt"),
        ("n" * 255, "n" * 255),
        (".gitignore", ".gitignore"),
        ("x.git/git/.gitx", "x.git/git/.gitx"),
    ],
)
def test_allowed(path: str, normalised: str) -> None:
    assert check_path(path) == normalised


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "./", "/", "..", "a/..", "a/../b", "/etc/passwd", "//host/share", "C:x", "C:/x", "a\\b"),
        *("a.txt::$DATA", "a.txt:stream", "a.", "a.txt ", "a./b", "a\u00a0", "a\u3000/b"),
        *(
            "a\0",
            "a\n",
            "a\tb",
            "a\x7f",
            "a\x9b",
            "a\u202eb",
            "a\u200db",
            "\ufeffa",
            "a\u2028b",
            "a\ud800b",
            "a\xadb",
        ),
        *("a\u3164b", "n" * 256, "é" * 128, "d/" * 300 + "x", "/".join(["n" * 250] * 17)),
        *(
            ".git",
            ".GIT/config",
            "a/.git/hooks/x",
            ".git./x",
            ".git /x",
            ".git::$INDEX_ALLOCATION/x",
            "git~1",
            "GIT~2/x",
        ),
        *(".g\u200cit/config", ".git\\config"),
    ],
)
def test_refused_with_one_safe_line(path: str) -> None:
    with pytest.raises(PathRefused) as caught:
        check_path(path)
    message = str(caught.value)
    assert message == safe_line(message)
    message.encode()


def test_an_absolute_path_counts_only_inside_the_root() -> None:
    root = Path("/srv/tree")
    assert check_path("/srv/tree/./a/b", root) == "a/b"
    for path in ("/srv/tree", "/srv/treeing/a", "/srv/tree/../x", "//srv/tree/a", "/srv/a"):
        with pytest.raises(PathRefused):
            check_path(path, root)
    with pytest.raises(PathRefused):
        check_path("/srv/tree/a")


@settings(max_examples=200)
@given(st.text(st.sampled_from("./ ~:\\git.~1GIT\u200c\u0301é\x1b\x00a\ud800"), max_size=24))
def test_whatever_is_allowed_stays_inside_and_is_normal(path: str) -> None:
    try:
        allowed = check_path(path)
    except PathRefused:
        return
    parts = allowed.split("/")
    assert check_path(allowed) == allowed
    assert not {"", ".", ".."} & set(parts)
    assert not any(is_git_name(part) for part in parts)
    assert allowed.isprintable() or "\u0301" in allowed


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env",
            "a/.env.local",
            "conftest.py",
            "Makefile",
            ".github/workflows/ci.yml",
            ".husky/pre-commit",
            "uv.lock",
        ),
        *(".gitattributes", "key.pem", ".vscode/tasks.json", "AUX", "a/con.txt", "a<b", " a", "a\u202fb"),
    ],
)
def test_warned_of(path: str) -> None:
    assert warning_for(path)


@pytest.mark.parametrize(
    "path", ["src/main.py", "README.md", "environment.py", "lock.py", "a b.txt", "context/aux_.c"]
)
def test_not_warned_of(path: str) -> None:
    assert warning_for(path) is None
