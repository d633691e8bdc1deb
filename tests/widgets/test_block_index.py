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


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 4), max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.lists(st.integers(0, 4), max_size=3)), max_size=4),
)
def test_splicing_agrees_with_splicing_a_list(sizes: list[int], changes: list[tuple[int, int, list[int]]]) -> None:
    index = BlockIndex()
    index.replace(list(sizes))
    for block, removed, fresh in changes:
        block = min(block, len(sizes))
        removed = min(removed, len(sizes) - block)
        sizes[block : block + removed] = fresh
        index.splice(block, removed, fresh)
        assert [index.start(at) for at in range(len(sizes) + 1)] == [sum(sizes[:at]) for at in range(len(sizes) + 1)]
