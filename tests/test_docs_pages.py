"""The pages of docs that are written from the registries, and that nothing public is left out."""

from __future__ import annotations

import pytest

from graphcomp.registry import implementations
from tests.docs_table import DOCS, forms_of, pages, walked

PAGES = pages()

# Questions with plain answers and what the tests of tracing call.
UNLISTED: frozenset[str] = frozenset()


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
        if not forms_of(paths) and not walked(paths) and UNLISTED.isdisjoint(paths)
    ]
    assert left_out == []
