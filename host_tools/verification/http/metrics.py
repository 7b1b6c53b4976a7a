"""Counts of requests and verdicts, in Prometheus' form (docs/HTTP.md §3)."""

import os
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several workers count together."""


class Metrics:
    """Counts of requests by route and status, and how long they took; of verdicts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests = Counter(
            "keyfob_http_requests",
            "Requests answered.",
            ["route", "status"],
            registry=self._registry,
        )
        seconds = Histogram(
            "keyfob_http_request_seconds", "Time to the answer.", ["route"], registry=self._registry
        )
        verdicts = Counter(
            "keyfob_verdicts", "Codes decided on.", ["verdict"], registry=self._registry
        )
        # The labels are few, and finding a metric by its labels costs more than counting.
        self._requests = cache(lambda route, status: requests.labels(route, str(status)))
        self._seconds = cache(seconds.labels)
        self._verdicts = cache(verdicts.labels)

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests(route, status).inc()
        self._seconds(route).observe(seconds)

    def count_verdict(self, verdict: str) -> None:
        """Count a code that was decided on."""
        self._verdicts(verdict).inc()

    def text(self) -> bytes:
        """Return what all processes have counted."""
        if METRICS_FOLDER not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
