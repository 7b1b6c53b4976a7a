"""The wire: a GET DATA beside a bare echo, an SCP03 provisioning beside its cryptography alone.

Run with `python -m benchmarks.wire`. Fob and echo each run in a process of their own, as for a
user. Ratios of one run on one machine: the kinds take turns; of all their times the quiet tenth is
told, which other programs disturb least, and the median.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median, quantiles

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from firmware_model.generators import OtpKind
from firmware_model.wire.apdu import Command, Response
from firmware_model.wire.messages import (
    TOKEN_AID,
    GetData,
    SecurityLevel,
)
from firmware_model.wire.objects import TriesLeft, seed_check_value
from firmware_model.wire.scp03 import CardChannel, HostChannel
from firmware_model.wire.scp03_keys import TEST_KEYS, unwrap_under_dek, wrap_under_dek
from host_tools.client.keys import TEST_KEYS as TEST_FOB_KEYS
from host_tools.client.link import Link
from host_tools.client.ports import Port, open_port
from host_tools.client.session import TokenSession
from host_tools.seeds.record import SeedRecord
from tests.fuzz import device_target, host_target
from tests.token import in_process

ROUNDS = 12
TRIPS = 300
LOADS = 8
FUZZ_SECONDS = 5
KEY = TEST_KEYS.enc
QUESTION = bytes.fromhex("7e a0 0f 02 03 21 10 c9 e1 00 ca df 20 00 fc 8d 7e")
RECORD = SeedRecord(
    serial_number="ZZH600000001",
    credential_id="ZZH600000001",
    seed=b"12345678901234567890",  # RFC 4226 Appendix D
    kind=OtpKind.HOTP,
)


def main() -> None:
    """Measure and print the rows of PERFORMANCE."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_fob(folder) as url,
        echo() as terminal,
        open_port(url) as port,
        open_port(terminal) as echoing,
    ):
        round_trips(port, echoing, terminal)
        provisioning(port)
    fuzzing()


def round_trips(port: Port, echoing: Port, terminal: str) -> None:
    """GET DATA, beside the same bytes that an idle process sends back."""
    session, alone = session_over(port), session_over(in_process.port())
    command = GetData(TriesLeft.TAG).command().encode()
    bare = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    kinds: dict[str, Callable[[], object]] = {
        "echo, through our port": lambda: echo_by(echoing),
        "echo, read and write alone": lambda: echo_bare(bare),
        "GET DATA, through our link": lambda: session.link.transceive(command),
        "GET DATA, through our session": lambda: session.get(TriesLeft),
        "GET DATA, both ends in one process": lambda: alone.link.transceive(command),
    }
    show(in_turns(kinds, ROUNDS, TRIPS), "the echo")
    os.close(bare)


def session_over(port: Port) -> TokenSession:
    session = TokenSession(Link(port, 1))
    session.link.connect()
    session.select()
    return session


def echo_bare(terminal: int) -> None:
    os.write(terminal, QUESTION)
    missing = len(QUESTION)
    while missing:
        missing -= len(os.read(terminal, missing))


def echo_by(port: Port) -> None:
    port.write(QUESTION)
    missing = len(QUESTION)
    while missing:
        missing -= len(port.read(1))


def in_turns(
    kinds: dict[str, Callable[[], object]], rounds: int, trips: int
) -> dict[str, tuple[float, float]]:
    """Return the quiet tenth and the median of each kind, in microseconds, measured in turns."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, act in kinds.items():
            for _ in range(trips):
                started = time.perf_counter_ns()
                act()
                times[name].append((time.perf_counter_ns() - started) / 1000)
    return {name: (quantiles(all_, n=10)[0], median(all_)) for name, all_ in times.items()}


def show(times: dict[str, tuple[float, float]], floor_name: str) -> None:
    """Print a row for each kind; the first one is the floor."""
    floor, usual_floor = next(iter(times.values()))
    for name, (quiet, usual) in times.items():
        print(
            f"{name:42} {quiet:8.1f} µs {quiet / floor:6.2f} × {floor_name}"
            f" (median {usual:.1f} µs, {usual / usual_floor:.2f} ×)"
        )


def provisioning(port: Port) -> None:
    """One channel and one seed, beside the cryptography of both ends alone."""
    session, alone = session_over(port), session_over(in_process.port())
    kinds: dict[str, Callable[[], object]] = {
        "SCP03 and a seed, cryptography alone": cryptography_alone,
        "SCP03 and a seed, channels alone": channel_alone,
        "SCP03 and a seed, over the line": lambda: provision(session),
        "SCP03 and a seed, both ends in one process": lambda: provision(alone),
    }
    show(in_turns(kinds, ROUNDS, LOADS), "the cryptography")


def provision(session: TokenSession) -> None:
    session.select()
    session.open_channel(TEST_FOB_KEYS)
    session.load_credential(1, RECORD)


def cryptography_alone() -> None:
    """Call the libraries for what both ends must compute for the same, and do nothing else.

    Each end sets its keys up once: that is the least. What our own ends of the channel add is a
    row of its own.
    """
    for is_fob in (True, False):
        enc, mac = CMAC(AES(KEY)), CMAC(AES(KEY))
        if is_fob:
            cmac(enc)  # its challenge
        cmac(enc)  # S-ENC
        session_mac, session_rmac = CMAC(AES(cmac(mac))), CMAC(AES(cmac(mac)))
        for _ in range(4):  # both cryptograms, EXTERNAL AUTHENTICATE's MAC, STORE DATA's
            cmac(session_mac)
        cmac(session_rmac)  # the answer's
        Cipher(AES(KEY), CBC(KEY)).encryptor().update(bytes(80))  # initial value and command
        if is_fob:
            Cipher(AES(KEY), CBC(KEY)).decryptor().update(bytes(64))
        wrap = Cipher(AES(KEY), CBC(KEY))
        (wrap.decryptor() if is_fob else wrap.encryptor()).update(bytes(32))  # the seed
        hmac.digest(RECORD.seed, b"KCV", hashlib.sha256)


def cmac(key: CMAC) -> bytes:
    state = key.copy()
    state.update(bytes(32))
    return state.finalize()


def channel_alone() -> None:
    """Run both ends of the channel, with no line, no parsing of APDUs, no flash."""
    challenge = os.urandom(8)
    card = CardChannel()
    offer = card.offer(TEST_KEYS, 1, TOKEN_AID, challenge, bytes(10))
    host = HostChannel(TEST_KEYS, challenge, offer, SecurityLevel.ALL)
    assert card.authenticate(host.external_authenticate()) == 0x9000
    wrapped = wrap_under_dek(TEST_KEYS.dek, RECORD.seed)
    check = seed_check_value(RECORD.seed)
    command = Command(0x80, 0xE2, 0xB0, 0x00, wrapped + check + bytes(36))
    plain = card.unwrap(host.wrap(command))
    assert isinstance(plain, Command)
    assert unwrap_under_dek(TEST_KEYS.dek, wrapped) == RECORD.seed
    assert seed_check_value(RECORD.seed) == check
    assert host.unwrap(card.wrap(Response())).is_ok


def fuzzing() -> None:
    """How many inputs each fuzz target takes, without a coverage guide."""
    for name, target in (("device", device_target), ("host", host_target)):
        dice = Random(1)
        tried, started = 0, time.perf_counter()
        while (seconds := time.perf_counter() - started) < FUZZ_SECONDS:
            target.one_input(dice.randbytes(dice.randrange(200)))
            tried += 1
        print(f"{'fuzz target, ' + name:42} {tried / seconds:8.0f} inputs/s ({tried} inputs)")


@contextmanager
def running_fob(folder: str) -> Iterator[str]:
    """Yield the port of a fob that runs as a user would run it."""
    command = [sys.executable, "-m", "keyfob", "run", "--json", "--model", "fob-h6"]
    doors = ["--port", f"pty:{Path(folder) / 'fob'}", "--bench", "tcp:127.0.0.1:0"]
    with subprocess.Popen([*command, *doors], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["port"])
        finally:
            process.terminate()


@contextmanager
def echo() -> Iterator[str]:
    """Yield a terminal behind which another process sends back what comes."""
    master, slave = os.openpty()
    tty.setraw(slave)
    script = f"import os\nwhile True:\n    os.write({master}, os.read({master}, 4096))"
    with subprocess.Popen([sys.executable, "-c", script], pass_fds=[master]) as process:
        try:
            yield os.ttyname(slave)
        finally:
            process.terminate()
            for descriptor in (master, slave):
                os.close(descriptor)


if __name__ == "__main__":
    main()
