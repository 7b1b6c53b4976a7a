"""The host behind the resources: one in each process, with its access tokens and limits."""

import asyncio
import math
from collections.abc import Callable
from typing import TypeVar

from firmware_model.errors import KeyfobError
from host_tools.vault.audit import Head
from host_tools.vault.postgres_address import place_of
from host_tools.verification.attempts import Attempt, HostAnswer, KeptAnswer
from host_tools.verification.group_commit import SharedHost
from host_tools.verification.host import Host
from host_tools.verification.http.access import AccessRole, AccessToken, AccessTokens
from host_tools.verification.http.limits import RateLimit
from host_tools.verification.http.metrics import Metrics
from host_tools.verification.http.problems import HttpRefusal
from host_tools.verification.http.requests import HttpRequest
from host_tools.verification.http.settings import ServerSettings

_Result = TypeVar("_Result")

FAILED_PER_SECOND, FAILED_BURST = 0.2, 10
"""Requests with a wrong access token that one address may send."""


class ServedHost:
    """What all requests of one process share."""

    def __init__(self, settings: ServerSettings, access: AccessTokens) -> None:
        self._settings = settings
        self._access = access
        self.metrics = Metrics()
        self.host: SharedHost
        self._limit = RateLimit(settings.rate, 2 * settings.rate)
        self._failed = RateLimit(FAILED_PER_SECOND, FAILED_BURST)

    def open(self) -> None:
        """Open the host; raises KeyfobError as `Host.open`."""
        self.host = SharedHost(self._settings.open_host)
        now = self.now_seconds()
        self.host.run(lambda host: host.forget_submissions(now)).result()

    def close(self) -> None:
        """Answer whoever waits, and close the host."""
        self.host.close()

    def now_seconds(self) -> int:
        """Return Unix time by the clock of this server."""
        return self._settings.now_seconds()

    def inspect(self) -> tuple[list[str], Head]:
        """Return what is altered in the store, and the log's head, by a connection of its own."""
        return Host.inspect(place_of(self._settings.store), self._settings.keys())

    async def run(self, act: Callable[[Host], _Result]) -> _Result:
        """Return what `act` returns, which is called with the host in its thread."""
        return await asyncio.wrap_future(self.host.run(act))

    async def decide(self, attempt: Attempt) -> HostAnswer | KeptAnswer:
        """Return what the host says to a code, once that is durable; raises KeyfobError."""
        said = await asyncio.wrap_future(self.host.submit(attempt))
        if isinstance(said, KeyfobError):
            raise said
        return said

    def admit(self, request: HttpRequest, role: AccessRole) -> AccessToken:
        """Find whose access token came with a request, and whether it has `role`.

        Raises:
            HttpRefusal: it is missing, unknown, or lacks the role; or asks too much.
        """
        given = request.headers.get(b"authorization", b"").decode("latin-1")
        kind, _, secret = given.partition(" ")
        holder = self._access.holder_of(secret.strip()) if kind.lower() == "bearer" else None
        if holder is None:
            self._spend(self._failed, request.client)
            raise HttpRefusal("unauthorized")
        request.holder = holder
        if role not in holder.roles:
            raise HttpRefusal("forbidden", f"{holder.name} needs the role {role}")
        self._spend(self._limit, holder.name)
        return holder

    @staticmethod
    def _spend(limit: RateLimit, client: str) -> None:
        if wait := limit.wait_seconds(client):
            raise HttpRefusal("too-many", headers={"Retry-After": str(math.ceil(wait))})
