from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.workspace.paths import from_git, matches_glob, split_nul, to_git, unquote


@given(st.binary(max_size=30))
def test_any_bytes_are_kept(raw: bytes) -> None:
    assert to_git(from_git(raw)) == raw


@given(st.binary(max_size=30))
def test_quoting_is_undone_and_never_raises(raw: bytes) -> None:
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'
    assert unquote(quoted) == from_git(raw)
    unquote(b'"' + raw + b'"')


def test_escapes_of_git() -> None:
    assert unquote(rb'"a\tb\n\"\\\303\274"') == 'a\tb\n"\\ü'
    assert unquote(b"plain name") == "plain name"


def test_records() -> None:
    assert split_nul(b"") == []
    assert split_nul(b"a\0b\nc\0") == [b"a", b"b\nc"]


@pytest.mark.parametrize(
    ("path", "pattern", "matches"),
    [
        ("a/b.py", "*.py", True),
        ("a/b.py", "/*.py", False),
        ("a/b.py", "a/*.py", True),
        ("a/b/c.py", "a/*.py", False),
        ("a/b/c.py", "a/**/*.py", True),
        ("a/c.py", "a/**/*.py", True),
        ("a/b/c.py", "**", True),
        ("a/b/c.py", "a/", True),
        ("a/b/c.py", "./a/b", True),
        ("a/b/c.py", "b", True),
        ("a/b/c.py", "b/c.py", False),
        ("a/b/c.py", "**/c.py", True),
        ("ab", "a[!b]", False),
        ("ab", "A*", False),
        ("anything", "", True),
    ],
)
def test_globs(path: str, pattern: str, matches: bool) -> None:
    assert matches_glob(path, pattern) is matches


def test_a_hostile_glob_takes_no_time() -> None:
    assert not matches_glob("/".join(["a" * 60] * 60), "/".join(["**", "*a*a*a*a*a*a*a*b"] * 30))
