"""The real program on real repositories, driven from a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest

from tests.app.conftest import make_work_tree, repository_template
from tests.app.work_tree import WorkTree
from tests.doubles.conversation import Conversation
from tests.doubles.loop_thread import LoopThread
from tests.doubles.scripted_server import ScriptedServer
from tests.doubles.terminal import Terminal
from tests.stories.model import ScriptedModel
from tests.stories.steps import CODE, OpenProgram

__all__ = ["make_work_tree", "repository_template"]


@pytest.fixture
def work_tree(make_work_tree: Callable[..., WorkTree]) -> WorkTree:
    """A repository with :data:`CODE` in its only commit."""
    return make_work_tree(CODE)


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    """Where the servers of a story run."""
    with LoopThread() as thread:
        yield thread


@pytest.fixture
def model(loop_thread: LoopThread) -> Iterator[ScriptedModel]:
    """A model at the other end of a real socket, that says what the story lets it say."""
    talk = Conversation()
    server = ScriptedServer(talk.script)
    loop_thread.run(server.__aenter__())
    yield ScriptedModel(talk, loop_thread, server.base_url)
    loop_thread.run(server.__aexit__(None, None, None))


@pytest.fixture
def open_program() -> Iterator[OpenProgram]:
    """Open the program in a folder; at the end whatever still runs is ended."""
    opened: list[Terminal] = []

    def open_in(work_tree: WorkTree, *arguments: str, rows: int = 40, columns: int = 120) -> Terminal:
        terminal = Terminal(list(arguments), work_tree.root, os.environ, rows=rows, columns=columns)
        opened.append(terminal)
        return terminal

    yield open_in
    screens = [terminal.text for terminal in opened]
    for terminal in opened:
        terminal.close()
    assert not [screen for screen in screens if re.search("went wrong|Traceback", screen)]
