"""`python -m tests.chaos [--leg F3] [--seed 7] [--short]` (or LEG, SEED): prints the figures, exits 1 if one breaks."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.chaos.driving import FULL, SHORT
from tests.chaos.legs import LEGS, SHORT_LEGS
from tests.chaos.world import build


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("--leg", default=os.environ.get("LEG", ""), choices=["", *LEGS, "F12"])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")))
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    size = SHORT if options.short else FULL
    names = (
        ["F2" if options.leg == "F12" else options.leg] if options.leg else list(SHORT_LEGS if options.short else LEGS)
    )
    broken: list[str] = []
    world = build(warm=options.short)
    try:
        for name in names:
            started = time.monotonic()
            world.clear()
            for report in LEGS[name](world, size, options.seed):
                report.seconds = round(time.monotonic() - started, 1)
                report.write()
                broken += [f"{report.leg}:{figure}" for figure in report.broken]
                broken += [f"{report.leg}:{report.note}"] if not options.short and "over" in report.note else []
            for program in list(world.programs):
                if program not in ("valkey", "provider"):
                    world.drop(program)
    finally:
        world.close()
    print(f"seed {options.seed}: " + ("all figures hold" if not broken else "BROKEN " + ", ".join(broken)))  # noqa: T201
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
