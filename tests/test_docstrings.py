"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import spark_tui.app
import spark_tui.protocol
import spark_tui.widgets

MODULES = sorted(
    module.name
    for package in (spark_tui.app, spark_tui.protocol, spark_tui.widgets)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), report=True)
    assert not failed
