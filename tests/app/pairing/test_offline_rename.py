"""The offline engine with the program's own tools, over a repository larger than any one answer of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from spark_tui.app.pairing.tools import ToolBox
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.search import search
from spark_tui.protocol.engines.offline.engine import OfflineEngine
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, EngineRequest, Text
from spark_tui.protocol.patch.apply import apply_patch
from spark_tui.protocol.patch.parser import Dialect
from spark_tui.protocol.profiles import ToolShape
from spark_tui.protocol.wire.updates import Item
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


class Pairing:
    """Answers the engine's calls as the session does: reads through what is staged, stages every patch."""

    def __init__(self, tree: WorkTree) -> None:
        self.staged: dict[str, bytes | None] = {}
        self._root = tree.root
        self._tools = ToolBox(
            read=self._snapshot,
            pending=lambda: self.staged,
            list_files=tree.repository.list_files,
            search=partial(search, tree.repository),
            grammar="start: x",
        )

    def _snapshot(self, path: str) -> FileSnapshot:
        return read_snapshot(self._root, path)

    def _read(self, path: str) -> bytes | None:
        return self.staged[path] if path in self.staged else (self._root / path).read_bytes()

    async def ask(self, text: str) -> str:
        """One turn; the engine's words."""
        chain: list[Item] = [{"type": "message", "role": "user", "content": text}]
        words = ""
        engine = OfflineEngine(rate=0)
        while True:
            calls: list[Item] = []
            request = EngineRequest("resp", chain, "", self._tools.definitions(ToolShape.CUSTOM))
            async for event in engine.respond(request):
                match event:
                    case Text(delta):
                        words += delta
                    case CallOpened(call_id, name, kind):
                        calls.append({"type": kind.value, "call_id": call_id, "name": name, "arguments": ""})
                    case CallInput(delta):
                        calls[-1]["arguments"] += delta
            if not calls:
                return words
            for call in calls:
                output = await self._run(call["name"], call["arguments"])
                chain += [call, {"type": call["type"] + "_output", "call_id": call["call_id"], "output": output}]

    async def _run(self, name: str, arguments: str) -> str:
        if name != "apply_patch":
            return await self._tools.run(name, arguments)
        for path, file in apply_patch(arguments, self._read, Dialect.LENIENT).files.items():
            self.staged[path] = file.data
        return "staged for review: 1 hunk in 1 file"


async def test_thousands_of_places_are_renamed_wholly(make_work_tree: Make) -> None:
    files = {f"src/part_{number:03}.py": f"total = {number}\n\n\nprint(total)\n" * 4 for number in range(260)}
    files["long.py"] = "".join(f"value_{number} = total + {number}  # {'x' * 40}\n" for number in range(3_000))
    files["last.py"] = "print(total)"
    tree = make_work_tree(files)
    pairing = Pairing(tree)
    words = await pairing.ask("rename total to amount")
    assert words.endswith("Done.")
    changed = {path: text.replace("total", "amount").encode() for path, text in files.items()}
    changed["last.py"] += b"\n"
    assert pairing.staged == changed


async def test_files_that_cannot_be_read_are_named(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.py": "total = 1\n", "latin.py": b"total = '\xe9'\n"})
    pairing = Pairing(tree)
    words = await pairing.ask("rename total to amount")
    assert pairing.staged == {"a.py": b"amount = 1\n"}
    assert "The rest is done. I could not read `latin.py` (" in words
    assert words.endswith("), which holds `total` too.")
