"""Lines in blocks that grow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.block_index import BlockIndex


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=8), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5)), max_size=6))
def test_locating_agrees_with_counting(sizes: list[int], changes: list[tuple[int, int]]) -> None:
    index = BlockIndex()
    index.replace([])
    for size in sizes:
        index.append(size)
    for block, size in changes:
        if block < len(sizes):
            sizes[block] = size
            index.resize(block, size)
            assert index.total == sum(sizes)
    places = [(block, offset) for block, size in enumerate(sizes) for offset in range(size)]
    assert [index.locate(line) for line in range(index.total)] == places
    with pytest.raises(IndexError):
        index.locate(index.total)
