"""``python -m codegen``: the ``graphcomp`` command."""

from codegen.cli import main

raise SystemExit(main())
