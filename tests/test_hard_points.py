"""Each hard point of the published table: ours is right, and the others answer what it says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.hard_points import (
    ANSWERS,
    BY_PEER,
    PEERS,
    POINTS,
    HardPoint,
    answers_of,
    installed,
    is_right,
    ours,
    page,
    truth_of,
)

PAGE = Path(__file__).parent.parent / "docs" / "hard_points.md"


# Where ours is wrong, and the page says so.
WRONG = {
    "np.log(scipy.special.erfc(x)) at 30.0": "there is no operation for this logarithm",
    "1 - np.tanh(x) ** 2 at 30.0": "the form of tanh's own derivative, from its value",
    "x / (np.exp(x) - 1) at 800.0": "the quotient by exprel has a derivative inf / inf",
}


@pytest.mark.parametrize("point", POINTS, ids=[point.key for point in POINTS])
def test_ours_is_right_but_where_the_page_says_wrong(point: HardPoint) -> None:
    answer, truth = ours(point), truth_of(point)
    right = all(map(is_right, answer, truth))
    assert right is (point.key not in WRONG), f"{answer}, and the truth is {truth}"


def test_there_are_forty_points_and_no_two_alike() -> None:
    assert len({point.key for point in POINTS}) == len(POINTS) >= 40


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "renew with python -m tests.hard_points"


@pytest.mark.parametrize("peer", PEERS)
def test_the_others_answer_what_the_table_says(peer: str) -> None:
    kept = json.loads(ANSWERS.read_text(encoding="utf-8"))[peer]
    assert set(kept) == {point.key for point in POINTS}
    assert peer in BY_PEER
    if not installed(peer):
        return
    for key, answer in answers_of(peer).items():
        np.testing.assert_allclose(
            np.float64(answer or ()), np.float64(kept[key] or ()), rtol=1e-9, atol=1e-300
        )
