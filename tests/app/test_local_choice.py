"""Asked once, remembered, and exchanged between turns only."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from spark_tui.app.local_choice import LocalChoice
from spark_tui.app.local_servers import LocalServer
from spark_tui.app.remembered import Remembered

OLLAMA = LocalServer("Ollama", "http://127.0.0.1:11434/v1", ("qwen3-coder",))
VLLM = LocalServer("vLLM", "http://127.0.0.1:8000/v1", ("llama",))


class FakeLink:
    """What is switched."""

    def __init__(self, takes_local: bool = True) -> None:
        self.takes_local = takes_local
        self.local: LocalServer | None = None
        self.endpoint = SimpleNamespace(model="")
        self.switches: list[LocalServer | None] = []

    def use_local(self, server: LocalServer | None) -> None:
        self.local = server
        self.endpoint.model = server.model() if server else "offline"
        self.switches.append(server)


class Bench:
    """A choice, with what it said."""

    def __init__(self, folder: Path, *found: LocalServer, link: FakeLink | None = None) -> None:
        self.link = link or FakeLink()
        self.remembered = Remembered(folder / "remembered.json")
        self.said: list[str] = []

        async def find() -> list[LocalServer]:
            return list(found)

        link_: Any = self.link
        self.choice = LocalChoice(link_, self.remembered, self.said.append, lambda: None, find=find)

    async def look(self) -> None:
        await self.choice.look()
        await self.remembered.settle()


async def test_nothing_found_nothing_said(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.look()
    assert (bench.said, bench.link.switches) == ([], [])


async def test_the_user_is_asked_once_and_the_answer_remembered(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OLLAMA, VLLM)
    await bench.look()
    assert bench.said[0].startswith("Ollama with qwen3-coder runs on this machine. vLLM runs as well. Use it? /local")
    assert bench.link.switches == []
    bench.choice.accept()
    assert bench.link.switches == [OLLAMA]
    assert bench.said[-1] == "Ollama with qwen3-coder answers from now on; /offline goes back"
    await bench.remembered.settle()
    next_time = Bench(tmp_path, OLLAMA, VLLM)
    await next_time.look()
    assert next_time.link.switches == [OLLAMA]
    assert len(next_time.said) == 1


async def test_a_no_is_remembered_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OLLAMA)
    await bench.look()
    bench.choice.decline()
    await bench.remembered.settle()
    next_time = Bench(tmp_path, OLLAMA)
    await next_time.look()
    assert (next_time.said, next_time.link.switches) == ([], [])


async def test_a_turn_that_runs_is_not_given_to_another_model(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OLLAMA)
    bench.choice.busy()
    await bench.look()
    bench.choice.accept()
    assert bench.link.switches == []
    bench.choice.idle()
    bench.choice.idle()
    assert bench.link.switches == [OLLAMA]


async def test_going_back_to_the_built_in_engine(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OLLAMA)
    await bench.look()
    bench.choice.accept()
    bench.choice.decline()
    assert bench.link.switches == [OLLAMA, None]


async def test_a_configured_endpoint_is_not_replaced(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OLLAMA, link=FakeLink(takes_local=False))
    bench.choice.accept()
    bench.choice.decline()
    assert bench.link.switches == []
    assert all("an endpoint is configured" in line for line in bench.said)
