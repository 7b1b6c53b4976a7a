"""Fuzz one end, guided by coverage: `python -m tests.fuzz device --seconds 300 [--corpus DIR]`.

Needs atheris (`pip install atheris`; it has wheels for CPython 3.11 to 3.13). Without it the same
targets run under hypothesis in `make test`. A finding is printed in hex: put it into
`vectors/wire/fuzz.json`, then mend what it found.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

INPUT_BYTES_MAX = 600
KNOWN = Path(__file__).parents[2] / "vectors/wire/fuzz.json"
TARGETS = ("device", "host", "card")


def main() -> None:
    """Fuzz until the time is over or something is found, and tell how many inputs were tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what led further")
    chosen = parser.parse_args()
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit("tests.fuzz needs atheris: pip install atheris (CPython 3.11 to 3.13)")
    with atheris.instrument_imports(include=["firmware_model", "host_tools"]):
        from tests.fuzz import card_target, device_target, host_target
    targets = {"device": device_target, "host": host_target, "card": card_target}
    one_input = targets[chosen.target].one_input
    corpus = chosen.corpus or Path(tempfile.mkdtemp(prefix="keyfob-fuzz-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(json.loads(KNOWN.read_text("utf-8"))[chosen.target]):
        (corpus / f"known-{number}").write_bytes(bytes.fromhex(one["bytes"]))
    tried = 0
    started = time.monotonic()

    def counted(data: bytes) -> None:
        nonlocal tried
        tried += 1
        try:
            one_input(data)
        except BaseException:
            sys.stderr.write(f"finding ({chosen.target}): {data.hex()}\n")
            raise
        if time.monotonic() - started >= chosen.seconds:
            seconds = time.monotonic() - started
            sys.stdout.write(f"{chosen.target}: {tried} inputs, {tried / seconds:.0f}/s\n")
            sys.stdout.flush()
            os._exit(0)  # leaving by an exception would count as a finding

    options = [f"-max_len={INPUT_BYTES_MAX}", "-len_control=20", "-verbosity=0"]
    options += [f"-artifact_prefix={corpus}/", str(corpus)]
    atheris.Setup([sys.argv[0], *options], counted)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
