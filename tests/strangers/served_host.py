"""`keyfob host serve` in a process of its own, as a user starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.vault.key_ring import read_key_file, write_key_file
from host_tools.vault.postgres_address import StorePlace
from host_tools.verification.host import Host
from host_tools.verification.http.access import (
    AccessRole,
    AccessTokens,
    actor_from,
    new_token,
    write_access,
)
from tests.host_tools.verification.hosts import NOON, record

KEY = bytes(range(32)).hex()
SECONDS = 60
POLICY = "[enrolment]\ncodes = 0\n"


@dataclass
class ServedHost:
    """A server that runs: its URL, an access token of all roles, its process."""

    url: str
    secret: str
    process: subprocess.Popen[str]
    log: Path
    place: StorePlace
    key_file: Path
    errors: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}

    def open(self) -> Host:
        return Host.open(self.place, read_key_file(self.key_file))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


def tokens(count: int) -> list[str]:
    return [f"ZZH6{number:08}" for number in range(1, count + 1)]


@contextmanager
def serving(
    folder: Path,
    *arguments: str,
    count: int = 2,
    place: StorePlace | None = None,
    policy: str = POLICY,
) -> Iterator[ServedHost]:
    """Serve a host with `count` tokens in use, whose codes begin with that of counter 0."""
    folder.mkdir(exist_ok=True)
    place, key_file = place or folder / "host.db", folder / "host.key"
    write_key_file(key_file, f"1 {KEY}\n")
    with Host.create(place, read_key_file(key_file), NOON, policy) as host:
        host.import_tokens([record(name) for name in tokens(count)], NOON)
        for number, name in enumerate(tokens(count), 1):
            host.enroll(name, f"user {number}", [], NOON)
    token, secret = new_token("all", AccessRole, actor_from("bank"))
    write_access(folder / "access.toml", AccessTokens([token]))
    words = [sys.executable, "-m", "keyfob", "host", "serve", "--http", "127.0.0.1:0", "--json"]
    words += ["--store", str(place), "--key-file", str(key_file), *arguments]
    words += ["--access-tokens", str(folder / "access.toml")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            announced = json.loads(process.stdout.readline())
            yield ServedHost(announced["url"], secret, process, folder / "log", place, key_file)
        finally:
            process.kill()
            process.wait(SECONDS)
            if process.stdout is not None:
                process.stdout.close()
