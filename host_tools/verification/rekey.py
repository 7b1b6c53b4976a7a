"""All seeds under a new key version, while others work with the store (HOST §5)."""

from host_tools.vault.audit import AuditEntry
from host_tools.verification.case import HostContext
from host_tools.verification.states import Actor

BATCH = 1_000
"""Seeds sealed anew in one transaction: others wait no longer than that takes."""


def rekey(context: HostContext, now_seconds: int, actor: Actor) -> int:
    """Seal every seed with the newest key, and return how many were not yet; see `Host.rekey`.

    Whatever stops it, each seed is whole under one of the two versions: do it again.
    """
    store, keys = context.store, context.keys
    version = f"key version {keys.newest}"
    store.commit(
        keys, [AuditEntry(now_seconds, "rekey", "begun", actor=str(actor), detail=version)]
    )
    count, after = 0, -1
    while batch := store.seeds_sealed_before(keys.newest, after, BATCH):
        sealed = [
            (keys.seal(keys.open(old, serial_number), serial_number), number, old)
            for number, serial_number, old in batch
        ]
        count += store.replace_seeds(sealed)
        after = batch[-1][0]
    detail = f"seeds {count}, {version}"
    store.commit(keys, [AuditEntry(now_seconds, "rekey", "done", actor=str(actor), detail=detail)])
    store.forget_old_pages()
    return count
