"""Tables of bad uses, and the check of what their errors say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graphcomp import errors


@dataclass
class Bad:
    """A function that must be refused, and what its error says."""

    function: Callable[..., Any]
    error: type[errors.GraphError]
    fragments: tuple[str, ...]


def enter(table: list[Bad], error: type[errors.GraphError], *fragments: str) -> Any:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        table.append(Bad(function, error, fragments))
        return function

    return decorate


def check(bad: Bad, run: Callable[[], Any]) -> None:
    with pytest.raises(bad.error) as caught:
        run()
    message = str(caught.value)
    here = "tests/" + Path(inspect.getfile(bad.function)).name
    assert type(caught.value) is bad.error, message
    for fragment in bad.fragments:
        assert fragment in message
    assert caught.value.mend and caught.value.mend in message
    place = re.search(re.escape(here) + r":(\d+)", message)
    assert place, message
    lines, first = inspect.getsourcelines(bad.function)
    assert first <= int(place[1]) < first + len(lines), message


def ids(table: list[Bad]) -> Any:
    return pytest.mark.parametrize(
        "bad", table, ids=[b.function.__name__.removeprefix("bad_") for b in table]
    )
