"""Durable verifications a second for 1 to 16 callers, on SQLite and on PostgreSQL, and over HTTP.

Run with `python -m benchmarks many_callers`. Each row is taken beside its floor in the same minute:
the bare statement of the same database, committed by as many callers, or by groups as large.

KEYFOB_BENCH_POSTGRES: the URL of a database of a running server; each row makes a schema anew.
KEYFOB_BENCH_PRIVACYIDEA: the Python of an environment in which privacyIDEA is installed.
KEYFOB_BENCH_EACH: codes that each caller brings (100).
"""

import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verification import KEY, NOW, PRIVACYIDEA, record, serial_number
from host_tools.vault.key_ring import KeyRing, write_key_file
from host_tools.vault.postgres_address import PostgresAddress, StorePlace, parse_address
from host_tools.verification.group_commit import SharedHost
from host_tools.verification.host import Host

EACH = int(os.environ.get("KEYFOB_BENCH_EACH", "100"))
CALLERS = (1, 2, 4, 8, 16)
Call = Callable[[int, int], object]
"""One durable act of a caller: its number, and how many it did before."""


def main() -> None:
    """Measure and print."""
    print(f"{'durable a second':44} {'host':>8} {'bare':>8}  host / bare")
    for callers in CALLERS:
        beside("SQLite, one process, group commit", callers, host_on_sqlite, bare_groups)
    if url := os.environ.get("KEYFOB_BENCH_POSTGRES"):
        address = parse_address(url)
        for callers in CALLERS:
            beside(
                "PostgreSQL, one process, group commit",
                callers,
                lambda count: host_on_postgres(address, count),
                lambda count: bare_postgres(address, count),
            )
        for callers in CALLERS:
            beside(
                "PostgreSQL, a host for each caller",
                callers,
                lambda count: hosts_on_postgres(address, count),
                lambda count: bare_postgres(address, count),
            )
    else:
        print("PostgreSQL: not measured; KEYFOB_BENCH_POSTGRES names no database")
    over_http()


def beside(name: str, callers: int, ours: Callable[[int], object], bare: object) -> None:
    """Print one row: our rate, the floor's and the ratio; the floor before and after."""
    with bare(callers) as act:  # type: ignore[operator]
        before = rate(callers, act)
    with ours(callers) as act:  # type: ignore[attr-defined]
        mine = rate(callers, act)
    with bare(callers) as act:  # type: ignore[operator]
        floor = (before + rate(callers, act)) / 2
    print(f"{name + f', {callers}':44} {mine:8,.0f} {floor:8,.0f}  {mine / floor:.2f}", flush=True)


def rate(callers: int, act: Call, each: int = EACH) -> float:
    """Return acts a second of so many threads, `each` acts each."""
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for done in range(each):
                act(number, done)
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, callers + 1)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return callers * each / (time.perf_counter() - began)


def fill(place: StorePlace, keys: KeyRing, callers: int) -> None:
    """Make a store in which each caller has a token."""
    with Host.create(place, keys, NOW, "[enrolment]\ncodes = 0") as host:
        host.import_tokens([record(number) for number in range(1, callers + 1)], NOW)
        for number in range(1, callers + 1):
            host.enroll(serial_number(number), f"user {number}", [], NOW)


def accepting(verify: Callable[..., object]) -> Call:
    """Return the act that lets a caller's next code be accepted."""

    def act(number: int, done: int) -> None:
        said = verify([KEY.code(done)], NOW, token=serial_number(number))
        assert said.accepted  # type: ignore[attr-defined]

    return act


@contextmanager
def host_on_sqlite(callers: int) -> Iterator[Call]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("KEYFOB_BENCH_FOLDER")) as name:
        path, (keys, _) = Path(name) / "host.db", KeyRing.generate()
        fill(path, keys, callers)
        with SharedHost(lambda: Host.open(path, keys)) as host:
            yield accepting(host.verify)


@contextmanager
def bare_groups(callers: int) -> Iterator[Call]:
    """One update a caller, in groups as large as there are callers: SQLite's own group commit."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("KEYFOB_BENCH_FOLDER")) as name:
        path = Path(name) / "bare.db"
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        raw.executemany("INSERT INTO t VALUES (?, 0)", [(n,) for n in range(1, callers + 1)])

        def act(number: int, _: int) -> None:
            if number == 1:  # one thread does the work of all: nobody waits for another
                raw.execute("BEGIN IMMEDIATE")
                for each in range(1, callers + 1):
                    raw.execute("UPDATE t SET n = n + 1 WHERE id = ?", (each,))
                raw.execute("COMMIT")

        yield act
        raw.close()


def emptied(address: PostgresAddress) -> None:
    import psycopg

    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS keyfob_host CASCADE")


@contextmanager
def host_on_postgres(address: PostgresAddress, callers: int) -> Iterator[Call]:
    keys, _ = KeyRing.generate()
    emptied(address)
    fill(address, keys, callers)
    with SharedHost(lambda: Host.open(address, keys)) as host:
        yield accepting(host.verify)


@contextmanager
def hosts_on_postgres(address: PostgresAddress, callers: int) -> Iterator[Call]:
    keys, _ = KeyRing.generate()
    emptied(address)
    fill(address, keys, callers)
    hosts = [Host.open(address, keys) for _ in range(callers)]

    def act(number: int, done: int) -> None:
        accepting(hosts[number - 1].verify)(number, done)

    yield act
    for host in hosts:
        host.close()


@contextmanager
def bare_postgres(address: PostgresAddress, callers: int) -> Iterator[Call]:
    """One update a caller, each over a connection of its own and committed by itself."""
    import psycopg

    with psycopg.connect(address.url, autocommit=True) as first:
        first.execute("DROP TABLE IF EXISTS bare")
        first.execute("CREATE TABLE bare (id int PRIMARY KEY, n int)")
        first.execute("INSERT INTO bare SELECT g, 0 FROM generate_series(1, 64) AS g")
    connections = [psycopg.connect(address.url, autocommit=True) for _ in range(callers)]

    def act(number: int, _: int) -> None:
        connections[number - 1].execute("UPDATE bare SET n = n + 1 WHERE id = %s", (number,))

    yield act
    for connection in connections:
        connection.close()


# HTTP ---------------------------------------------------------------------------------------------


def over_http() -> None:
    """Print checks a second over HTTP, of our server and of privacyIDEA's, in turns.

    Beside them the processor time of the server for one check, which a busy machine changes less.
    """
    python = os.environ.get("KEYFOB_BENCH_PRIVACYIDEA")
    with tempfile.TemporaryDirectory() as name:
        for callers in (1, 4):  # of more, privacyIDEA on SQLite answers some with an error
            with our_server(Path(name) / f"ours {callers}", callers) as (act, process):
                mine, ours = measured(process, callers, act, EACH)
            if python is None:
                print(f"HTTP, {callers} clients: {mine:,.0f}/s; privacyIDEA: not measured")
                continue
            few = max(EACH // 10, 5)
            with their_server(Path(name) / f"theirs {callers}", callers, python) as (act, process):
                theirs, spent = measured(process, callers, act, few)
            print(
                f"HTTP, {callers} clients: {mine:,.0f}/s, {ours * 1e3:.2f} ms of processor time;"
                f" privacyIDEA's HTTP: {theirs:,.1f}/s, {spent * 1e3:.1f} ms;"
                f" {mine / theirs:.0f} × by the clock, {spent / ours:.0f} × in processor time",
                flush=True,
            )


def measured(process: int, callers: int, act: Call, each: int) -> tuple[float, float]:
    """Return acts a second, and the seconds of processor time that a server spends on one."""
    before = processor_seconds(process)
    found = rate(callers, act, each)
    return found, (processor_seconds(process) - before) / (callers * each)


def processor_seconds(process: int) -> float:
    """Return what a process has used, by Linux' own account."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def our_server(folder: Path, callers: int) -> Iterator[tuple[Call, int]]:
    """Serve with one worker; each caller keeps its connection."""
    folder.mkdir()
    keys, text = KeyRing.generate()
    write_key_file(folder / "host.key", text)
    fill(folder / "host.db", keys, callers)
    command = [sys.executable, "-m", "keyfob", "host"]
    access = ("--access-tokens", str(folder / "access.toml"))
    made = subprocess.run(
        [*command, "access", "add", "bench", "--role", "verify", *access],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    store = ("--store", str(folder / "host.db"), "--key-file", str(folder / "host.key"))
    server = subprocess.Popen(
        [*command, "serve", "--http", "127.0.0.1:0", "--rate", "0", "--json", *store, *access],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stdout is not None
    host = json.loads(server.stdout.readline())["url"].removeprefix("http://")
    headers = {
        "Authorization": f"Bearer {made.stdout.strip()}",
        "Content-Type": "application/json",
    }
    lines = [http.client.HTTPConnection(host) for _ in range(callers)]

    def act(number: int, done: int) -> None:
        body = {"token": serial_number(number), "code": KEY.code(done)}
        lines[number - 1].request("POST", "/v1/verify", json.dumps(body), headers)
        assert json.load(lines[number - 1].getresponse())["accepted"]

    yield act, server.pid
    server.terminate()
    server.wait()
    server.stdout.close()


@contextmanager
def their_server(folder: Path, callers: int, python: str) -> Iterator[tuple[Call, int]]:
    """Serve privacyIDEA with threads on SQLite, as its own development server does."""
    folder.mkdir()
    script = PRIVACYIDEA.partition("    with app.test_request_context():")[0] + THEIRS
    server = subprocess.Popen(
        [python, "-W", "ignore", "-c", script, str(folder), KEY_HEX, str(callers)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    assert server.stdout is not None
    port = int(server.stdout.readline())
    lines = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(callers)]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    def act(number: int, done: int) -> None:
        line = lines[number - 1]
        line.request("POST", "/validate/check", f"serial=ZZ{number}&pass={KEY.code(done)}", headers)
        said = json.load(line.getresponse())
        assert said["result"]["value"] is True, said

    yield act, server.pid
    server.kill()
    server.wait()
    server.stdout.close()


KEY_HEX = b"12345678901234567890".hex()
THEIRS = """
    with app.test_request_context():
        for number in range(1, int(sys.argv[3]) + 1):
            init_token({"serial": f"ZZ{number}", "type": "hotp", "otpkey": seed, "genkey": 0})
from werkzeug.serving import WSGIRequestHandler, make_server
WSGIRequestHandler.protocol_version = "HTTP/1.1"
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


if __name__ == "__main__":
    main()
