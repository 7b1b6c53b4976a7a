"""All seeds under a new key version, while others work with the store (HOST §5)."""

from functools import partial

from host_tools.vault.audit import AuditEntry
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.tables import Change, GuardedTable
from host_tools.verification.case import HostContext
from host_tools.verification.rows import TokenRow, seed_place
from host_tools.verification.schema import ENROLMENT, SETTING, TALLY, TOKEN
from host_tools.verification.states import Actor

BATCH = 1_000
"""Seeds sealed anew in one transaction: others wait no longer than that takes."""


def rekey(context: HostContext, now_seconds: int, actor: Actor) -> int:
    """Seal every seed and renew every MAC with the newest key; see `Host.rekey`.

    Returns how many seeds were not sealed with it yet. Whatever stops it, each row is whole under
    one of the two versions: do it again.
    """
    store, keys, guarded = context.store, context.keys, context.store.guarded
    version = f"key version {keys.newest}"
    store.commit([AuditEntry(now_seconds, "rekey", "begun", actor=str(actor), detail=version)])
    count = 0
    while batch := guarded.attempt(lambda: _reseal_tokens(context, now_seconds)):
        count += batch
    for table in (ENROLMENT, TALLY, SETTING):
        while guarded.attempt(partial(_renew_rows, context, table, now_seconds)):
            pass
    guarded.renew_identity()
    detail = f"seeds {count}, {version}"
    store.commit([AuditEntry(now_seconds, "rekey", "done", actor=str(actor), detail=detail)])
    guarded.forget_old_pages()
    return count


def is_rekeyed(context: HostContext) -> bool:
    """Return whether every secret and every MAC that is in use has the newest key."""
    guarded = context.store.guarded
    return not (
        guarded.has_outdated_identity()
        or context.store.outdated_tokens(1)
        or any(guarded.outdated(table, 1) for table in (ENROLMENT, TALLY, SETTING))
    )


def reseal(token: TokenRow, keys: KeyRing) -> Change:
    """Return the change that seals the seed of `token` with the newest key."""
    place = seed_place(token.serial_number)
    return Change(TOKEN, token.row, {"seed": keys.seal(keys.open(token.seed, place), place)})


def _reseal_tokens(context: HostContext, at: int) -> int:
    changes = [reseal(token, context.keys) for token in context.store.outdated_tokens(BATCH)]
    if changes:
        context.store.commit([AuditEntry(at, "", "")], changes=changes)
    return len(changes)


def _renew_rows(context: HostContext, table: GuardedTable, at: int) -> int:
    changes = [Change(table, row, {}) for row in context.store.guarded.outdated(table, BATCH)]
    if changes:
        context.store.commit([AuditEntry(at, "", "")], changes=changes)
    return len(changes)
