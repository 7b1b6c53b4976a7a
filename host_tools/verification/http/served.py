"""The host behind the resources: one in each process, with its access tokens and limits."""

import math
import os

from fastapi import Request
from prometheus_client import CollectorRegistry, generate_latest, multiprocess

from host_tools.vault.audit import Head
from host_tools.vault.postgres_address import place_of
from host_tools.verification.group_commit import SharedHost
from host_tools.verification.host import Host
from host_tools.verification.http.access import AccessRole, AccessToken, AccessTokens
from host_tools.verification.http.door import Metrics
from host_tools.verification.http.limits import RateLimit
from host_tools.verification.http.problems import HttpRefusal
from host_tools.verification.http.settings import ServerSettings

FAILED_PER_SECOND, FAILED_BURST = 0.2, 10
"""Requests with a wrong access token that one address may send."""

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


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

    def admitted(self, request: Request, role: AccessRole) -> AccessToken:
        """Return the access token that came with a request, if it has `role`.

        Raises:
            HttpRefusal: it is missing, unknown, or lacks the role; or asks too much.
        """
        address = request.client.host if request.client else ""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        holder = self._access.holder_of(secret.strip()) if kind.lower() == "bearer" else None
        if holder is None:
            self._spend(self._failed, address)
            raise HttpRefusal("unauthorized")
        request.state.access_token = holder.name
        if role not in holder.roles:
            raise HttpRefusal("forbidden", f"{holder.name} needs the role {role}")
        self._spend(self._limit, holder.name)
        return holder

    def metrics_text(self) -> bytes:
        """Return the metrics of all processes."""
        if METRICS_FOLDER not in os.environ:
            return generate_latest(self.metrics.registry)
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    @staticmethod
    def _spend(limit: RateLimit, client: str) -> None:
        if wait := limit.wait_seconds(client):
            raise HttpRefusal("too-many", Retry_After=str(math.ceil(wait)))
