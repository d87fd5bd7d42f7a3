"""The pages of docs that are written from the registries, and that nothing public is left out."""

from __future__ import annotations

import pytest

from graphcomp.registry import implementations
from tests.docs_table import DOCS, entries_of, pages, walked

PAGES = pages()

# What is no function of NumPy's under this name: indexing, and `x.at`.
SYNTAX = {"numpy.ndarray.__getitem__", "numpy.ndarray.at"}
# Not in every Python or NumPy that the tests run on, or without a result of numbers.
ELSEWHERE = {
    "math.sumprod", "numpy.in1d", "numpy.msort", "numpy.isfortran", "numpy.may_share_memory",
    "numpy.min_scalar_type",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_are_current(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert text == PAGES[name], "renew with python -m tests.docs_table"


def test_every_public_function_is_walked() -> None:
    """Each has a form in ``tests/forms``, or is an operation with samples."""
    groups: dict[int, list[str]] = {}
    for path, function in implementations.items():
        groups.setdefault(id(function), []).append(path)
    left_out = [
        paths
        for paths in groups.values()
        if not entries_of(paths)
        and not walked(paths)
        and not paths[0].startswith("scipy.stats.")  # test_stats walks these
        and (SYNTAX | ELSEWHERE).isdisjoint(paths)
    ]
    assert left_out == []
