"""Hosts, tokens and codes for the tests of this room."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_model.generators import Kind, OtpKey
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KEY_BYTES, KeyRing
from host_tools.verification.host import Host

SEED = b"12345678901234567890"
NOON = 1_800_000_000
KEYS = KeyRing({1: bytes(range(KEY_BYTES))})
PRESSED, TIMED, SPARE = "ZZH600000001", "ZZT600000001", "ZZH600000002"


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


def step(now_seconds: int = NOON) -> int:
    return now_seconds // 60


def record(serial_number: str, **changes: object) -> SeedRecord:
    values: dict[str, object] = {
        "serial_number": serial_number,
        "credential_id": serial_number,
        "seed": SEED,
        "kind": Kind.TOTP if serial_number.startswith("ZZT") else Kind.HOTP,
        "step_seconds": 60,
    }
    return SeedRecord(**{**values, **changes})  # type: ignore[arg-type]


@contextmanager
def new_host(path: Path, policy: str = "") -> Iterator[Host]:
    """A store with PRESSED, TIMED and SPARE on stock."""
    with Host.create(path, KEYS, NOON, policy) as host:
        host.import_tokens(
            [record(PRESSED, credential_id="ZZID00000077"), record(TIMED), record(SPARE)], NOON
        )
        yield host
