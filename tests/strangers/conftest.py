"""Servers that several tests share."""

from collections.abc import Iterator

import pytest

from tests.strangers.postgres_server import PostgresServer, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for tests that stop no server: its files need not outlive the machine."""
    with running(fsync="off") as server:
        yield server
