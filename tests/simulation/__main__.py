"""`make simulate`: ten thousand power cuts at random places of random lives.

    python -m tests.simulation [--cuts N] [--random-seed N]

The random seed is printed first; the same one gives the same lives again.
"""

# ruff: noqa: T201 - a command prints
import argparse
import secrets
import sys

from firmware_model import catalogue
from tests.firmware_model.fobs import with_part
from tests.simulation.lives import Broken, lives

CUTS = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--cuts", type=int, default=CUTS)
    parser.add_argument("--random-seed", type=int, default=None)
    given = parser.parse_args()
    random_seed = secrets.randbelow(10**9) if given.random_seed is None else given.random_seed
    print(f"random seed {random_seed}, {given.cuts} cuts", flush=True)
    models = [catalogue.load(name) for name in ("fob-h6", "fob-t60", "fob-t30")]
    models.append(with_part("fob-h6", "flash", '"mcu-flash"'))
    cuts = presses = lost = count = 0
    try:
        for _, _, ledger in lives(models, random_seed, given.cuts):
            count += 1
            cuts, presses, lost = cuts + ledger.cuts, presses + ledger.presses, lost + ledger.lost
    except Broken as broken:
        print(f"broken: {broken}", file=sys.stderr)
        print(f"again: python -m tests.simulation --random-seed {random_seed}", file=sys.stderr)
        return 1
    print(f"{count} lives, {cuts} cuts, {presses} presses, {lost} of them lost: the promise holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
