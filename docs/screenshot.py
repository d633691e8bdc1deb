"""Makes the picture of the README: the program itself, on a small made-up repository, in the middle of a review.

``python docs/screenshot.py FILE.svg [--theme spark-light] [--size 120x36]``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.settings import Settings
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.workspace.git import Repository

CART = '''\
"""The shopping cart."""

from dataclasses import dataclass, field

from shop.money import Money


@dataclass
class Cart:
    lines: list[tuple[str, int, Money]] = field(default_factory=list)

    def add(self, article: str, count: int, price: Money) -> None:
        """Put ``count`` pieces into the cart."""
        self.lines.append((article, count, price))

    def sum(self) -> Money:
        total = Money(0)
        for _, count, price in self.lines:
            total += price * count
        return total

    def with_discount(self, percent: int) -> Money:
        """What is to be paid after the discount."""
        if not 0 <= percent <= 100:
            raise ValueError("a discount is between 0 and 100 percent")
        total = self.sum()
        return total - total * percent // 100
'''
ORDER = """\
from shop.cart import Cart
from shop.money import Money

SHIPPING = Money(490)
FREE_FROM = Money(5000)


def to_pay(cart: Cart) -> Money:
    total = cart.sum()
    if total < FREE_FROM:
        total += SHIPPING
    return total


def receipt(cart: Cart) -> str:
    rows = [f"{count} x {article}" for article, count, _ in cart.lines]
    total = to_pay(cart)
    return "\\n".join([*rows, f"to pay: {total}"])
"""
CHECK = """\
from shop.cart import Cart
from shop.order import to_pay


def test_shipping_is_free_from_50() -> None:
    cart = Cart()
    total = to_pay(cart)
    assert total == 490
"""
FILES = {
    ".gitignore": "build/\n",
    "README.md": "# A shop\n",
    "shop/cart.py": CART,
    "shop/money.py": "class Money(int):\n    pass\n",
    "shop/order.py": ORDER,
    "tests/test_order.py": CHECK,
}
RATE = 1200.0
LIMIT = 30
"""Seconds until a picture that does not come is a failure."""

FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def make_repository(root: Path) -> Repository:
    """Write and commit :data:`FILES` under ``root``, with nobody's own settings."""
    person = {f"GIT_{who}_{what}": "shop" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environ = {**os.environ, **person, "GIT_CONFIG_GLOBAL": os.devnull}
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for command in (["init", "-qb", "main"], ["add", "--all"], ["commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], cwd=root, env=environ, check=True)
    return Repository.discover(root)


async def review(app: SparkApp, pilot: Pilot[int]) -> None:
    """Ask for a rename, accept its first hunk and reject the second."""

    def count(state: HunkState) -> int:
        return sum(1 for _ in app.bench.changes.hunks(state))

    while app.bench.survey.status is None:
        await pilot.pause(0.02)
    await pilot.press(*"rename total to amount", "enter")
    while app.bench.session.state is not TurnState.DONE:
        await pilot.pause(0.02)
    app.panes.diff.focus()
    app.panes.diff.reveal(next(app.bench.changes.hunks(HunkState.PENDING)).id)
    await pilot.press("a")
    while not count(HunkState.ACCEPTED):
        await pilot.pause(0.02)
    await pilot.press("x")
    while not count(HunkState.REJECTED):
        await pilot.pause(0.02)
    await pilot.pause(0.5)


async def picture(theme: str, size: tuple[int, int]) -> str:
    """The program as SVG, without the fonts that textual would have fetched from elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        app = SparkApp(make_repository(Path(folder)), Settings(theme=theme, rate=RATE), None)
        async with asyncio.timeout(LIMIT), app.run_test(size=size) as pilot:
            await review(app, pilot)
            return FONT_FACE.sub("", app.export_screenshot(title="spark-tui"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--theme", default="spark-dark")
    parser.add_argument("--size", default="120x36")
    options = parser.parse_args()
    columns, rows = options.size.split("x")
    svg = asyncio.run(picture(options.theme, (int(columns), int(rows))))
    options.target.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
