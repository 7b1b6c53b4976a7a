"""Submissions under an idempotency key: a second one is answered as the first, and does nothing.

The key is kept in the very commit that the first submission makes, on whatever host.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_model.errors import BadInput
from host_tools.vault.audit import AuditEntry
from host_tools.vault.database import RowRefusal
from host_tools.vault.encoding import encode
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.tables import Change, Row
from host_tools.verification.case import HostContext
from host_tools.verification.schema import SUBMISSION

KEPT_SECONDS = 24 * 3600
"""How long a submission is known again."""

_BATCH = 500

Answer = Mapping[str, Any]
"""What is said to whoever asked, as JSON."""


@dataclass(frozen=True, slots=True)
class Submission:
    """An idempotency key: `name` is who asked and the key, `asked` the whole request in words.

    `asked` may hold a code: only a MAC of it is kept.
    """

    name: str
    asked: str = field(repr=False)

    def digest(self, keys: KeyRing) -> bytes:
        """Return what is kept of the request."""
        return keys.row_mac(self._message())

    def change(self, keys: KeyRing, answer: Answer | None, now_seconds: int) -> Change:
        """Return the change that keeps it; `answer` is None where it is not known yet."""
        text = "" if answer is None else json.dumps(answer)
        values = {
            "name": self.name,
            "digest": self.digest(keys),
            "answer": text,
            "at": now_seconds,
        }
        return Change(SUBMISSION, None, values)

    def kept_answer(self, keys: KeyRing, row: Row) -> Answer:
        """Return the answer that was given to it.

        Raises:
            KeyReused: another request came under that key.
            UnknownOutcome: whoever was at work on it was stopped, or still is.
        """
        if not keys.is_row_mac(row["digest"], self._message()):
            raise KeyReused("the idempotency key was used for another request: choose a new one")
        if not row["answer"]:
            raise UnknownOutcome(
                "the first submission under this key was interrupted or goes on: look at the"
                " token's status, then use a new key"
            )
        found: Answer = json.loads(row["answer"])
        return found

    def _message(self) -> bytes:
        return encode(("submission", self.name, self.asked))


class KeyReused(BadInput):
    """An idempotency key came with another request than before."""


class UnknownOutcome(BadInput):
    """What came of an earlier submission cannot be said."""


def submit(
    context: HostContext, submission: Submission, act: Callable[[], Answer], now_seconds: int
) -> tuple[Answer, bool]:
    """Return the answer of `act`, which commits at least once; and whether it was given before.

    The key becomes durable with the first commit of `act`. Where `act` is denied, that is kept too.

    Raises:
        KeyReused, UnknownOutcome: as `Submission.kept_answer`; or what `act` raises.
    """
    guarded, keys = context.store.guarded, context.keys
    if row := guarded.get(SUBMISSION, submission.name):
        return submission.kept_answer(keys, row), True
    context.store.rider = submission.change(keys, None, now_seconds)
    try:
        answer = act()
    except RowRefusal:
        # Another host was quicker with the same key.
        context.store.rider = None
        return submit(context, submission, act, now_seconds)
    finally:
        unused, context.store.rider = context.store.rider, None
    if unused is None:
        row = guarded.get(SUBMISSION, submission.name)
        values = {"answer": json.dumps(answer)}
        guarded.commit([AuditEntry(now_seconds, "", "")], [Change(SUBMISSION, row, values)])
    return answer, False


def forget_submissions(context: HostContext, now_seconds: int) -> int:
    """Delete the submissions that are older than KEPT_SECONDS; return how many."""
    guarded, count = context.store.guarded, 0

    def once() -> int:
        rows = guarded.select(SUBMISSION, "at < ?", (now_seconds - KEPT_SECONDS,), limit=_BATCH)
        if rows:
            changes = [Change(SUBMISSION, row, None) for row in rows]
            guarded.commit([AuditEntry(now_seconds, "", "")], changes)
        return len(rows)

    while done := guarded.attempt(once):
        count += done
    return count
