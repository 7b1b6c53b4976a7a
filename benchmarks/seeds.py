"""Seed files: seeds a second per format, beside python-pskc alone and a bare streaming parse.

Run with `python -m benchmarks.seeds [COUNT]`; COUNT is 10,000 by default. Peak memory is that of
a process of its own that reads COUNT and ten times COUNT keys.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from defusedxml.ElementTree import iterparse
from pskc import PSKC

from firmware_model.catalogue import load
from host_tools.seeds import FORMATS, Secret, read, write
from host_tools.seeds.generation import generate, serial_range
from host_tools.seeds.record import SeedRecord

KEY = Secret(key=bytes(range(16)))
COUNT = 10_000
PACKAGES = re.compile(r"<((?:[\w.-]+:)?KeyPackage)\b.*</\1>", re.DOTALL)
"""From the first key package of a PSKC file to the last, whatever the prefix of its name is."""


def seconds_of(act: Callable[..., int], *arguments: object) -> float:
    """Return how much processor time `act` takes with these arguments: steady beside others."""
    start = time.process_time()
    act(*arguments)
    return time.process_time() - start


def count_of(path: Path, secret: Secret | None = None) -> int:
    """Read `path` with keyfob and count."""
    return sum(1 for _ in read(path, secret))


def python_pskc(path: Path, key: bytes | None) -> int:
    """Read `path` with python-pskc alone, decrypt and check each key, and count."""
    container = PSKC(path)
    container.encryption.key = key
    return sum(1 for key in container.keys if key.secret)


def bare_parse(path: Path) -> int:
    """Stream through `path` and count keys, without looking into them."""
    count, root = 0, None
    with path.open("rb") as file:
        for event, element in iterparse(file, events=("start", "end")):
            root = element if root is None else root
            if event == "end" and element.tag.endswith("}KeyPackage"):
                count += 1
                root.clear()
    return count


def peak_kib(path: Path, program: str) -> int:
    """Return the peak memory of a process that runs `program` on `path`, in KiB.

    Linux counts it from the start of the program; getrusage would count the parent's too.
    """
    script = (
        "import sys\nfrom pathlib import Path\nfrom benchmarks.seeds import *\n"
        f"path = Path(sys.argv[1])\n{program}\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return int(done.stdout)


def table(name: str, records: list[SeedRecord]) -> str:
    """Return `records` in a format that keyfob reads and does not write."""
    line = {
        "multiotp-csv": "{serial};Maker;HOTP;{seed};6;0",
        "yubico-traditional": "OATH-HOTP,01.02.26 09:00,1,cccccccccccd,,{seed}"
        ",,,0,0,0,6,0,0,0,0,0,0",
        "yubico": "{number},,0,{seed},,2026-02-01T09:00:00,",
        "safeword-dat": "dn: sccAuthenticatorId={serial}\nsccAuthenticatorId: {serial}\n"
        "sccTokenData: sccKey={seed};sccMode=E;sccPwLen=6;\n",
        "table": "{serial}\t{seed}",
        "safenet-xml": '<Token serial="{serial}"><ProductName>eToken PASS</ProductName>'
        "<Applications><Application><Seed>{seed}</Seed><MovingFactor>1</MovingFactor></Application>"
        "</Applications></Token>",
    }[name]
    body = "\n".join(
        line.format(serial=record.serial_number, seed=record.seed.hex(), number=number)
        for number, record in enumerate(records, 1)
    )
    if name == "table":
        return f"serial\tseed\n{body}\n"
    return f"<Tokens>{body}</Tokens>" if name == "safenet-xml" else body + "\n"


def new_records(count: int) -> list[SeedRecord]:
    """Return `count` fresh records that every format can hold."""
    model = load("fob-t60")
    return list(generate(model, serial_range(model, count)))


def repeat_packages(path: Path, times: int) -> None:
    """Write all key packages of a PSKC file so many times, which is quicker than `write`.

    Raises:
        ValueError: the file has no whole key package.
    """
    text = path.read_text("utf-8")
    found = PACKAGES.search(text)
    if found is None:
        raise ValueError(f"{path}: no PSKC key package is in it")
    with path.open("w", encoding="utf-8") as file:
        file.write(text[: found.start()])
        for _ in range(times):
            file.write(found[0])
        file.write(text[found.end() :])


def main(count: int = COUNT) -> None:
    """Measure and print two tables."""
    records = new_records(count)
    with tempfile.TemporaryDirectory() as folder:
        plain, locked = Path(folder, "plain.pskcxml"), Path(folder, "locked.pskcxml")
        spent = seconds_of(write, locked, records, KEY)
        print(f"{count:,} keys\n")
        print(f"{'write pskc, encrypted':36} {count / spent:10,.0f} seeds/s")
        write(plain, records, plain=True)
        for title, path, key in (("plain", plain, None), ("encrypted, MAC", locked, KEY.key)):
            alone = seconds_of(python_pskc, path, key)
            ours = seconds_of(count_of, path, Secret(key=key))
            bare = seconds_of(bare_parse, path)
            print(f"{'pskc, ' + title:36} {count / ours:10,.0f} seeds/s", end="")
            print(f"   {ours / alone:.2f} × python-pskc's time,", end="")
            print(f" {ours / bare:.1f} × a bare streaming parse's")
        for name in [entry.name for entry in FORMATS.values() if entry.read is not None]:
            path = Path(folder, name)
            if name in ("pskc", "vip-xml", "authenticator-json", "qr-picture"):
                continue  # measured above; hold few keys
            if FORMATS[name].write is not None:
                write(path, records, format=name, plain=True)
            else:
                path.write_text(table(name, records))
            spent = seconds_of(count_of, path)
            print(f"{FORMATS[name].title[:36]:36} {count / spent:10,.0f} seeds/s")
        big = Path(folder, "big.pskcxml")
        write(big, (record for _ in range(10) for record in records), KEY)
        print("\npeak memory of a process of its own")
        for title, path in ((f"{count:,} keys", locked), (f"{10 * count:,} keys", big)):
            ours_kib = peak_kib(path, "count_of(path, KEY)")
            print(f"{'keyfob, ' + title:36} {ours_kib / 1024:10.1f} MiB")
        alone_kib = peak_kib(locked, "python_pskc(path, KEY.key)")
        print(f"{f'python-pskc alone, {count:,} keys':36} {alone_kib / 1024:10.1f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
