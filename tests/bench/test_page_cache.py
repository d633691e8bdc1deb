"""Pages are dropped; files stay what they are."""

from __future__ import annotations

from pathlib import Path

from bench.page_cache import evict


def test_it_goes_through_all_files_and_over_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"x" * 5000)
    (tmp_path / "deep" / "er" / "two").write_bytes(b"y" * 300)
    (tmp_path / "link").symlink_to("one")
    (tmp_path / "nowhere").symlink_to("gone")
    assert evict([tmp_path, tmp_path / "missing"]) == 5300
    assert (tmp_path / "one").read_bytes() == b"x" * 5000
