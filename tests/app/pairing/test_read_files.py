"""The model is told when a file that it has read is another by now, and only then."""

from __future__ import annotations

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.pairing.read_files import ReadFiles
from spark_tui.app.workspace.files import FileSnapshot


class Disk:
    def __init__(self, **files: str) -> None:
        self.files = files
        self.changes = ChangeSet()
        self.read_files = ReadFiles(self.changes, self.read)
        for path in files:
            self.read_files.note(self.read(path))

    def read(self, path: str) -> FileSnapshot:
        text = self.files.get(path)
        return FileSnapshot(path, None if text is None else text.encode(), 0o644)


async def test_a_file_that_others_changed_is_told_once() -> None:
    disk = Disk(a="one", b="two", c="three")
    disk.files["a"] = "ONE"
    del disk.files["c"]
    await disk.read_files.look_at()
    assert disk.read_files.take_changed() == {"a", "c"}
    await disk.read_files.look_at()
    assert disk.read_files.take_changed() == set()


async def test_only_the_files_that_are_concerned_are_looked_at() -> None:
    disk = Disk(a="one", b="two")
    disk.files.update(a="ONE", b="TWO")
    await disk.read_files.look_at(lambda path: path == "b")
    assert disk.read_files.take_changed() == {"b"}


async def test_what_the_model_has_read_again_is_no_news() -> None:
    disk = Disk(a="one")
    disk.files["a"] = "ONE"
    await disk.read_files.look_at()
    disk.read_files.note(disk.read("a"))
    assert disk.read_files.take_changed() == set()


async def test_a_file_of_the_change_set_is_told_of_there() -> None:
    disk = Disk(a="one")
    disk.changes.open(disk.read("a"))
    disk.files["a"] = "accepted"
    await disk.read_files.look_at()
    assert disk.read_files.take_changed() == set()
