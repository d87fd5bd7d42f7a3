"""Write the golden files anew: ``python -m tests.golden.renew``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import codegen
from tests.golden.graphs import CASES

GENERATED = Path(__file__).parent / "generated"


def compiled(name: str) -> Any:
    """The generated function of a golden case."""
    case = CASES[name]()
    outputs = case.outputs if len(case.outputs) > 1 else case.outputs[0]
    return codegen.compile(
        case.inputs,
        outputs,
        name=name,
        doc=case.title,
        regenerate="python -m tests.golden.renew",
    )


def main() -> None:
    """Replace every file in ``generated/``."""
    for name in CASES:
        compiled(name).save(GENERATED / f"{name}.py")


if __name__ == "__main__":
    main()
