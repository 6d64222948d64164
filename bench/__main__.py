"""`python -m bench [--item a]`: one JSON object a line; exit 1 when a line misses its goal."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from bench.installation import installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.lines import Line

ITEMS = {
    "a": "bench.due_times",
    "b": "bench.on_call",
    "c": "bench.breach_sweep",
    "d": "bench.lineage",
    "e": "bench.pages",
    "f": "bench.alert_path",
    "g": "bench.imports",
    "h": "bench.answers",
}
WITH_DATABASE = {"b", "c", "d", "e", "f", "g", "h"}


def main() -> int:
    """Run the items asked for, each line as soon as it is known."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--item", choices=sorted(ITEMS), action="append", help="one item; may be repeated")
    items = parser.parse_args().item or sorted(ITEMS)
    misses = []
    with ExitStack() as stack:
        if WITH_DATABASE & set(items):
            stack.enter_context(installation())
        for item in items:
            measure: Callable[[], Iterable[Line]] = import_module(ITEMS[item]).measure
            for line in measure():
                print(line.json(), flush=True)
                misses += line.misses()
    for miss in misses:
        print(f"missed: {miss}", file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    raise SystemExit(main())
