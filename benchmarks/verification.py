"""The verification host beside the disk's own commit rate and beside privacyIDEA's library.

Run with `python -m benchmarks verification`. Ratios of one run on one machine; the disk's floor,
SQLite's floor and the host take turns with every operation, so that a busy neighbour hits all.

KEYFOB_BENCH_TOKENS: how many tokens the large store has (100,000); `curves` has a million.
KEYFOB_BENCH_PRIVACYIDEA: the Python of an environment in which privacyIDEA is installed.
"""

import multiprocessing
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from firmware_model.generators import OtpKey, OtpKind
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.host import Host
from host_tools.verification.search import Credential, Progress, Windows, find_run

SEED = b"12345678901234567890"
NOW = 1_800_000_000
TURNS = 2000
PER_ROUND = 300
RESYNC_AHEAD = 1000
SAMPLE = 3000
START_SECONDS, TIGHT_SECONDS = 2, 3
KEY = OtpKey(SEED)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("KEYFOB_BENCH_FOLDER")) as name:
        folder = Path(name)
        with small_host(folder) as host, bare_sqlite(folder / "bare.db") as commit:
            commit_rates(folder, host, commit)
            resync_search()
            beside_privacyidea(folder, host)
            tight_writers(folder)
            large_store(folder, commit)


@contextmanager
def small_host(folder: Path) -> Iterator[Host]:
    """A host with two tokens, the first of them in use."""
    keys, _ = KeyRing.generate()
    with Host.create(folder / "host.db", keys, NOW, "[enrolment]\ncodes = 0") as host:
        host.import_tokens([record(1), record(2)], NOW)
        host.enroll(serial_number(1), "user", [], NOW)
        yield host


def commit_rates(folder: Path, host: Host, commit: Callable[[], object]) -> None:
    """Print durable operations per second, of the disk, of SQLite and of the host in turns."""
    with bare_file(folder / "bare") as disk:
        acts: dict[str, Callable[[], object]] = {
            "bare fdatasync of 64 bytes": disk,
            "bare SQLite commit (WAL, FULL)": commit,
            "host: a right code, durable": lambda: accept_next(host),
            "host: a refused one, durable": lambda: host.verify(
                ["000000"], NOW, token=serial_number(2)
            ),
        }
        times: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(TURNS):
            for name, act in acts.items():
                began = time.perf_counter()
                act()
                times[name].append(time.perf_counter() - began)
    floor = times["bare SQLite commit (WAL, FULL)"]
    print(f"{'':32} {'mean':>8} {'p50':>8} {'p5':>8}   beside the commit's mean, p50, p5")
    for name, took in times.items():
        ours, bare = figures(took), figures(floor)
        ratios = ", ".join(f"{mine / its:.2f}" for mine, its in zip(ours, bare, strict=True))
        print(f"{name:32} {' '.join(f'{value * 1e6:5.0f} µs' for value in ours)}   {ratios} ×")
    began = time.process_time()
    timed(lambda: accept_next(host))
    print(f"  of which the processor's: {(time.process_time() - began) / PER_ROUND * 1e6:.0f} µs")


def figures(took: list[float]) -> tuple[float, float, float]:
    """Return mean, median and quickest twentieth of some durations."""
    return statistics.mean(took), statistics.median(took), statistics.quantiles(took, n=20)[0]


def timed(act: Callable[[], object]) -> float:
    """Return the seconds one call of `act` takes, over PER_ROUND calls."""
    began = time.perf_counter()
    for _ in range(PER_ROUND):
        act()
    return (time.perf_counter() - began) / PER_ROUND


PRESSES = count()


def accept_next(host: Host) -> None:
    """Let the host accept the next code of its first token."""
    accept(host, KEY.code(next(PRESSES)), serial_number(1))


def resync_search() -> None:
    """Print how long two consecutive codes a thousand presses ahead take to be found."""
    credential = Credential.of_seed(SEED, OtpKind.HOTP)
    windows = Windows(hotp_resync_presses=RESYNC_AHEAD)
    run = [KEY.code(RESYNC_AHEAD), KEY.code(RESYNC_AHEAD + 1)]
    times = []
    for _ in range(50):
        began = time.perf_counter()
        found = find_run(credential, Progress(0), run, NOW, windows)
        times.append(time.perf_counter() - began)
        assert found.factor == RESYNC_AHEAD
    print(f"resync search, {RESYNC_AHEAD:,} ahead: {statistics.median(times) * 1e3:.2f} ms")


def tight_writers(folder: Path) -> None:
    """Print what 1, 2 and 4 processes get done that write as fast as they can, and how evenly."""
    keys, text = KeyRing.generate()
    for writers in (1, 2, 4):
        path = folder / f"tight-{writers}.db"
        tokens = [record(number) for number in range(1, writers + 1)]
        with Host.create(path, keys, NOW, "[enrolment]\ncodes = 0") as host:
            host.import_tokens(tokens, NOW)
            for token in tokens:
                host.enroll(token.serial_number, token.serial_number, [], NOW)
        with ProcessPoolExecutor(writers, multiprocessing.get_context("spawn")) as pool:
            begins = time.time() + START_SECONDS
            runs = [
                pool.submit(write_tightly, path, text, token.serial_number, begins)
                for token in tokens
            ]
            done = [run.result() for run in runs]
        codes, longest = zip(*done, strict=True)
        print(
            f"tight writers, {writers}: {sum(codes) / TIGHT_SECONDS:,.0f}/s together, each"
            f" {min(codes):,} to {max(codes):,} codes, the longest wait {max(longest):.0f} ms"
        )


def write_tightly(path: Path, key: str, token: str, begins: float) -> tuple[int, float]:
    """Return how many codes were accepted in TIGHT_SECONDS, and the longest one's milliseconds."""
    done, longest = 0, 0.0
    with Host.open(path, KeyRing.parse(key, "the benchmark")) as host:
        time.sleep(max(0.0, begins - time.time()))
        now = time.perf_counter()
        ends = now + TIGHT_SECONDS
        while now < ends:
            accept(host, KEY.code(done), token)
            before, now = now, time.perf_counter()
            done, longest = done + 1, max(longest, now - before)
    return done, longest * 1e3


def large_store(folder: Path, commit: Callable[[], object]) -> None:
    """Print import time, file size, and latencies over a large store."""
    tokens = int(os.environ.get("KEYFOB_BENCH_TOKENS", "100000"))
    keys, _ = KeyRing.generate()
    path = folder / "large.db"
    with Host.create(path, keys, NOW, "[enrolment]\ncodes = 0") as host:
        began = time.perf_counter()
        host.import_tokens((record(number) for number in range(1, tokens + 1)), NOW)
        took = time.perf_counter() - began
        sample = random.Random(1).sample(range(1, tokens + 1), min(SAMPLE, tokens))
        for number in sample:
            host.enroll(serial_number(number), f"user {number}", [], NOW)
        times, floor = [], []
        for number in sample:
            began = time.perf_counter()
            accept(host, KEY.code(0), serial_number(number))
            times.append((time.perf_counter() - began) * 1e3)
            began = time.perf_counter()
            commit()
            floor.append((time.perf_counter() - began) * 1e3)
    size = path.stat().st_size
    print(
        f"{tokens:,} tokens: imported in {took:.0f} s ({tokens / took:,.0f}/s),"
        f" file {size / 2**20:.0f} MiB ({size / tokens:.0f} bytes a token)"
    )
    for name, values in (("verification", times), ("bare SQLite commit", floor)):
        cuts = statistics.quantiles(values, n=100)
        print(f"  {name:20} p50 {cuts[49]:6.2f} ms, p99 {cuts[98]:6.2f} ms")


def beside_privacyidea(folder: Path, host: Host) -> None:
    """Print the same check by privacyIDEA's library, where it is installed."""
    python = os.environ.get("KEYFOB_BENCH_PRIVACYIDEA")
    if python is None:
        print("privacyIDEA: not measured; KEYFOB_BENCH_PRIVACYIDEA names no Python that has it")
        return
    before = timed(lambda: accept_next(host))
    with tempfile.TemporaryDirectory(dir=folder) as theirs:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", PRIVACYIDEA, theirs, SEED.hex()],
            capture_output=True,
            text=True,
            timeout=600,
            cwd=theirs,
        )
    if done.returncode:
        print("privacyIDEA: its measurement failed:", done.stderr.strip()[-300:], file=sys.stderr)
        return
    seconds = float(done.stdout.split()[-1])
    ours = (before + timed(lambda: accept_next(host))) / 2
    print(
        f"privacyIDEA's library on SQLite: {1 / seconds:,.0f}/s;"
        f" keyfob's host, before and after: {1 / ours:,.0f}/s, {seconds / ours:.0f} ×"
    )


# Its own doing: an app over SQLite, one HOTP token, codes checked one after another by library.
PRIVACYIDEA = """
import hashlib, hmac, struct, sys, time
folder, seed = sys.argv[1], sys.argv[2]
import pathlib
pathlib.Path(folder, "enckey").write_bytes(bytes(range(96)))
pathlib.Path(folder, "pi.cfg").write_text(f'''
SECRET_KEY = "benchmark"
PI_PEPPER = "benchmark"
PI_ENCFILE = "{folder}/enckey"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/pi.db"
PI_AUDIT_NO_SIGN = True
PI_LOGLEVEL = 40
''')
import os
os.environ["PRIVACYIDEA_CONFIGFILE"] = folder + "/pi.cfg"
from privacyidea.app import create_app
app = create_app(config_name="production", config_file=folder + "/pi.cfg", silent=True)
from privacyidea.models import db
from privacyidea.lib.token import check_serial_pass, init_token
def code(counter):
    mac = hmac.digest(bytes.fromhex(seed), struct.pack(">Q", counter), "sha1")
    offset = mac[-1] & 15
    return str((struct.unpack(">I", mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 10**6).zfill(6)
with app.app_context():
    db.create_all()
    with app.test_request_context():
        init_token({"serial": "ZZ1", "type": "hotp", "otpkey": seed, "genkey": 0})
        for counter in range(20):
            assert check_serial_pass("ZZ1", code(counter))[0]
        began, checks = time.perf_counter(), 300
        for counter in range(20, 20 + checks):
            assert check_serial_pass("ZZ1", code(counter))[0], counter
        print((time.perf_counter() - began) / checks)
"""


def accept(host: Host, code: str, token: str) -> None:
    assert host.verify([code], NOW, token=token).accepted


def serial_number(number: int) -> str:
    return f"ZZH6{number:08}"


def record(number: int) -> SeedRecord:
    name = serial_number(number)
    return SeedRecord(
        serial_number=name, credential_id=name, seed=SEED, kind=OtpKind.HOTP, model="fob-h6"
    )


@contextmanager
def bare_file(path: Path) -> Iterator[Callable[[], object]]:
    """A file whose 64 bytes are written anew and brought to the disk."""
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.write(file, bytes(4096))
    os.fsync(file)

    def write() -> None:
        os.pwrite(file, os.urandom(64), 0)
        os.fdatasync(file)

    yield write
    os.close(file)


@contextmanager
def bare_sqlite(path: Path) -> Iterator[Callable[[], object]]:
    """A row that is updated and committed."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
    connection.execute("INSERT INTO t VALUES (1, 0)")
    yield lambda: connection.execute("UPDATE t SET n = n + 1 WHERE id = 1")
    connection.close()


if __name__ == "__main__":
    main()
