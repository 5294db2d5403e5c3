"""`python -m tests.bench NAME` runs one measurement; without a name it says which there are."""

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")
)

match sys.argv[1:]:
    case [name, *_] if name in NAMES:
        import_module(f"tests.bench.{name}").main()
    case _:
        sys.exit(f"python -m tests.bench {{{','.join(NAMES)}}}")
