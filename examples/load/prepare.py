"""Puts tokens for a load test on stock: `python prepare.py STORE KEY_FILE COUNT`.

Fobs that begin with the preset `personalised` hold RFC 4226's published test seed, each from
counter 0 on; so do these tokens, whatever their names: LOAD00000001 and so on.
"""

import sys
from dataclasses import replace
from pathlib import Path

import keyfob

SEED = b"12345678901234567890"


def main(store: str, key_file: str, count: str) -> None:
    (one,) = keyfob.generate_seeds("fob-h6")
    names = [f"LOAD{number:08}" for number in range(1, int(count) + 1)]
    records = [replace(one, serial_number=name, credential_id=name, seed=SEED) for name in names]
    with keyfob.Verifier(Path(store), Path(key_file)) as host:
        print(f"{host.import_seeds(records):,} tokens on stock")


if __name__ == "__main__":
    main(*sys.argv[1:])
