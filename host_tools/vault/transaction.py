"""A transaction of a guarded store: its log and its kept rows go back where it is undone."""

import sys
from contextlib import AbstractContextManager

from host_tools.vault.database import UnknownCommit
from host_tools.vault.kept_rows import KeptRows
from host_tools.vault.log import AuditLog


class StoreTransaction:
    """Holds what the database gives for a block, and knows what is true of it afterwards.

    Args:
        log: of the store.
        kept: its kept rows, refreshed once for the whole block.
        held: the database's own transaction or savepoint.
        lost: raised where the connection was lost in the commit, and the log has no entry of it.
    """

    __slots__ = ("_before", "_held", "_kept", "_log", "_lost", "_was_pinned")

    def __init__(
        self,
        log: AuditLog,
        kept: KeptRows,
        held: AbstractContextManager[None],
        lost: Exception,
    ) -> None:
        self._log = log
        self._kept = kept
        self._held = held
        self._lost = lost
        self._before = log.state
        self._was_pinned = False

    def __enter__(self) -> None:
        self._held.__enter__()
        try:
            self._was_pinned = self._kept.pin()
        except BaseException:
            self._held.__exit__(*sys.exc_info())
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool | None:
        self._kept.unpin(was_pinned=self._was_pinned)
        raised = error
        try:
            self._held.__exit__(kind, error, trace)  # type: ignore[arg-type]
        except BaseException as failure:  # noqa: BLE001 - raised below
            raised = failure
        if raised is None:
            return None
        if isinstance(raised, UnknownCommit):
            if self._log.has_end():
                return True
            raised = self._lost
        self._log.state = self._before
        self._kept.drop()
        if raised is error:
            return None
        raise raised from None
