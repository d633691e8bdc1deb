"""The list of keys is read off the bindings, so it cannot say what does not work."""

from __future__ import annotations

import pytest

from spark_tui.app.ui import keys
from spark_tui.app.ui.app import SparkApp


def test_every_binding_stands_in_the_list_with_what_it_does() -> None:
    rows = keys.rows(SparkApp)
    told = {(row.section, row.key) for row in rows}
    for section, owner in keys.places(SparkApp):
        for binding in keys.bindings_of(owner):
            assert (section, keys.printed(binding.key)) in told
    assert all(row.description for row in rows)


@pytest.mark.parametrize(
    ("key", "printed"), [("escape", "esc"), ("ctrl+q", "ctrl+q"), ("right_square_bracket", "]"), ("a, b", "a, b")]
)
def test_a_key_is_printed_as_on_the_keyboard(key: str, printed: str) -> None:
    assert keys.printed(key) == printed
