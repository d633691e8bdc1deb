"""The official Codex command line, with the gateway and its offline engine in place of a model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.programs import CODEX, TOKEN, gateway

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(CODEX is None, reason="Codex is not there: see .peers/npm.log"),
    pytest.mark.timeout(60),
]

CONFIG = """
model = "gpt-5.5"
model_provider = "gateway"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
analytics = {{ enabled = false }}
[model_providers.gateway]
name = "gateway"
base_url = "{url}"
env_key = "GATEWAY_KEY"
wire_api = "responses"
supports_websockets = true
request_max_retries = 0
stream_max_retries = 0
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with gateway(tmp_path_factory.mktemp("gateway") / "log", "--engine", "offline", "--rate", "0") as url:
        yield url


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def codex(repository: Path, url: str, prompt: str, model: str = "gpt-5.5") -> list[dict[str, object]]:
    """One turn of ``codex exec``; its events. With no retries, a broken stream fails it."""
    assert CODEX is not None
    home = repository.parent / "codex-home"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CONFIG.format(url=url))
    done = subprocess.run(
        [CODEX, "exec", "--json", "--model", model, prompt],
        cwd=repository,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "CODEX_HOME": str(home), "GATEWAY_KEY": TOKEN},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    events: list[dict[str, object]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["type"] == "turn.completed", events
    return events


def test_a_file_is_created(url: str, repository: Path) -> None:
    codex(repository, url, "create notes.md: hello")
    assert (repository / "notes.md").read_text() == "hello\n"


def test_a_name_is_renamed_over_the_repository(url: str, repository: Path) -> None:
    (repository / "a.py").write_text("total = 1\nprint(total)  # total\n")
    (repository / "src").mkdir()
    (repository / "src/it's b.py").write_bytes(b"from a import total\r\n\r\nprint(total)")
    (repository / "ignored").mkdir()
    (repository / "ignored/c.py").write_text("total = 2\n")
    (repository / ".gitignore").write_text("ignored/\n")
    codex(repository, url, "rename total to amount")
    assert (repository / "a.py").read_text() == "amount = 1\nprint(amount)  # total\n"
    # Codex ends every file that it patches with a line break.
    assert (repository / "src/it's b.py").read_bytes() == b"from a import amount\r\n\r\nprint(amount)\r\n"
    assert (repository / "ignored/c.py").read_text() == "total = 2\n"


def test_nothing_is_found_in_what_git_ignores(url: str, repository: Path) -> None:
    (repository / "c.py").write_text("total = 2\n")
    (repository / ".gitignore").write_text("c.py\n")
    events = codex(repository, url, "rename total to amount")
    assert (repository / "c.py").read_text() == "total = 2\n"
    assert "no code uses the name" in json.dumps(events)


def test_a_file_longer_than_codex_shows_at_once_is_renamed_wholly(url: str, repository: Path) -> None:
    """Codex cuts the middle out of long outputs; the engine must see that and read on in pieces."""
    lines = [f"value_{number} = total + {number}  # {'x' * (number % 150)}\n" for number in range(6_000)]
    (repository / "long.py").write_text("total = 1\n" + "".join(lines))
    codex(repository, url, "rename total to amount")
    expected = "amount = 1\n" + "".join(line.replace("total", "amount") for line in lines)
    assert (repository / "long.py").read_text() == expected


def test_hundreds_of_files_are_renamed(url: str, repository: Path) -> None:
    folder = repository / "a_package_with_quite_a_long_name" / "and_a_module_of_many_parts"
    folder.mkdir(parents=True)
    for number in range(300):
        (folder / f"part_number_{number:04}_of_the_whole.py").write_text(f"total = {number}\n")
    codex(repository, url, "rename total to amount")
    assert [path.name for path in folder.iterdir() if "total" in path.read_text()] == []


def test_a_model_without_a_patch_tool_is_told_so(url: str, repository: Path) -> None:
    events = codex(repository, url, "rename total to amount", model="nobody-knows-this")
    assert "no `apply_patch` tool" in json.dumps(events)
