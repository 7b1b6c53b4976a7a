"""The fob under judgement at its serial port: what it tells to anybody who asks (WIRE §5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from firmware_model.errors import NoAnswer
from host_tools.client.bench import BenchClient
from host_tools.client.fob_state import FobState, read_state
from host_tools.client.session import open_session


class ReadingPort(Protocol):
    """Where a fob's open objects are read."""

    def read(self) -> FobState | None:
        """Return what the fob tells; None where it does not answer."""


class BenchReadingPort:
    """The port of a fob on a bench, whose time may stand still: it runs while the fob is read.

    Args:
        url: the port's.
        address: the fob's on that line.
        client: of the bench.
    """

    def __init__(self, url: str, address: int, client: BenchClient) -> None:
        self._url = url
        self._address = address
        self._client = client

    def read(self) -> FobState | None:
        """Return what the fob tells; None where it does not answer."""
        with self._running_time():
            try:
                with open_session(self._url, self._address) as session:
                    return read_state(session)
            except NoAnswer:
                return None

    @contextmanager
    def _running_time(self) -> Iterator[None]:
        scale = self._client.query("TIME:SCALe?")
        if float(scale):
            yield
            return
        self._client.do("TIME:SCALe 1")
        try:
            yield
        finally:
            self._client.do(f"TIME:SCALe {scale}")
