"""A batch: one customer's order, filled from one delivery of seeds (STATION §7)."""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class BatchState(StrEnum):
    """Where an order stands."""

    OPENED = "opened"
    """Fobs are loaded for it."""
    LOADED = "loaded"
    """As many fobs as were ordered are sealed and receipted."""
    RECONCILED = "reconciled"
    """Ordered, sealed and given-up fobs were compared, and agree or the difference is explained."""
    CLOSED = "closed"
    """Delivered: nothing about it changes any more."""


@unique
class BatchEvent(StrEnum):
    """What can happen to an order."""

    LOAD = "load"
    RECONCILE = "reconcile"
    CLOSE = "close"


# A pair that is absent is refused.
BATCH_TABLE: dict[tuple[BatchState, BatchEvent], BatchState] = {
    (BatchState.OPENED, BatchEvent.LOAD): BatchState.LOADED,
    (BatchState.OPENED, BatchEvent.RECONCILE): BatchState.RECONCILED,  # explained only
    (BatchState.LOADED, BatchEvent.LOAD): BatchState.LOADED,
    (BatchState.LOADED, BatchEvent.RECONCILE): BatchState.RECONCILED,
    (BatchState.RECONCILED, BatchEvent.CLOSE): BatchState.CLOSED,
}

FINISHED = frozenset({BatchState.RECONCILED, BatchState.CLOSED})
"""States in which no fob is loaded any more, and seeds left over are free for another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One order.

    `delivery_file` and `delivery_digest` (SHA-256) name the seed file, which may be gone.
    `models` are the models that may be loaded, empty for any. `shortfall` explains why fewer or
    more fobs were sealed than ordered. `at` is Unix time of its last change.
    """

    name: str
    customer: str
    delivery_file: str
    delivery_digest: bytes
    expected: int
    models: tuple[str, ...] = ()
    state: BatchState = BatchState.OPENED
    shortfall: str = ""
    at: int = 0
