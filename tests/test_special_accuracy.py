"""The special functions are as accurate as SciPy's, but for a factor of at most 4."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("scipy", reason="scipy is not installed: no comparison with it was made")

from benchmarks.special_accuracy import FUNCTIONS, LIMIT, Points, Row, measure

CASES = [(key, row, region) for key, row in FUNCTIONS.items() for region in row.points]


def few(points: Points) -> Points:
    """Every third point."""
    return tuple(p[::3] for p in points) if isinstance(points, tuple) else points[::3]


@pytest.mark.parametrize(
    ("key", "row", "region"), CASES, ids=[f"{key}: {region}" for key, _, region in CASES]
)
def test_error_is_at_most_four_times_scipys(key: str, row: Row, region: str, request: Any) -> None:
    points = few(row.points[region])
    ours, theirs, ratio, where = measure(key.partition(",")[0], row, points)
    assert ratio <= LIMIT, f"{ours:.3g} units at {where}, SciPy {theirs:.3g}"
    count = len(points[0]) if isinstance(points, tuple) else len(points)
    request.node.user_properties.append(("count:points held against SciPy", count))
