from __future__ import annotations

import re
from xml.etree import ElementTree

from bench.plot import lag_plot


def runs(*lags: float) -> dict[str, list[dict[str, float]]]:
    return {f"prose/{rate}": [{"lag_p95_ms": lag}] for rate, lag in zip((1000, 2000, 5000), lags, strict=True)}


def test_each_program_is_a_line_with_its_name_and_its_figures() -> None:
    plot = lag_plot({"runs": {"floor": runs(1.0, 2.0, 4.0), "ours": runs(20.0, 21.0, 23.0)}})
    texts = [element.text for element in ElementTree.fromstring(plot).iter() if element.text and element.text.strip()]
    assert {"floor", "ours", "1,000", "20,000", "tokens a second", "4.0", "23"} <= set(texts)
    assert plot.count("<polyline") == 2


def test_a_tenth_is_as_far_anywhere_on_the_axis() -> None:
    plot = lag_plot({"runs": {"one": runs(1.0, 10.0, 100.0)}})
    line = re.search(r'points="([^"]*)"', plot)
    assert line is not None
    heights = [float(point.partition(",")[2]) for point in line[1].split()]
    assert abs((heights[0] - heights[1]) - (heights[1] - heights[2])) < 0.2


def test_names_of_lines_that_end_together_do_not_cover_each_other() -> None:
    plot = lag_plot({"runs": {"one": runs(1.0, 2.0, 20.0), "two": runs(1.0, 2.0, 20.5)}})
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>(?:one|two)<', plot)]
    assert abs(heights[0] - heights[1]) >= 14


def test_what_was_not_measured_is_no_line() -> None:
    assert "<polyline" not in lag_plot({"runs": {"one": {"keys/idle": [{}]}}})
