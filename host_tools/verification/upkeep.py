"""What is seldom done to a store: making, opening, filling, copying and restoring it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds import SeedRecord
from host_tools.vault import sqlite
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import postgres_opening
from host_tools.vault.postgres_address import PostgresAddress, StorePlace
from host_tools.vault.tables import Change, Row
from host_tools.verification.case import HostContext
from host_tools.verification.intake import day_of, start_of
from host_tools.verification.kept_factor import factor_from, kept_factor
from host_tools.verification.lookup import USABLE
from host_tools.verification.policy import Policy, load_policy
from host_tools.verification.rows import DECOY_ID, seed_place
from host_tools.verification.schema import SETTING, TOKEN
from host_tools.verification.states import Actor, TokenState
from host_tools.verification.store import SCHEMA, HostStore, RefusedRowError

BATCH = 5_000
"""Tokens imported with one statement; all batches of an import are one transaction."""

_DECOY_SEED_BYTES = 20
_BACKUP = "backup_taken_at"


def create(
    path: StorePlace, keys: KeyRing, policy_text: str, name: str, now_seconds: int
) -> HostStore:
    """Make a store at `path`, with its policy, its decoy and the first audit entry.

    Raises:
        BadInput: there is something at `path`, or it cannot be written there.
    """
    decoy = SeedRecord(
        serial_number="-", credential_id="-", seed=os.urandom(_DECOY_SEED_BYTES), kind=OtpKind.HOTP
    )
    row = {
        **_row(decoy, keys, now_seconds),
        "id": DECOY_ID,
        "serial_number": "",
        "seed": keys.seal(decoy.seed, seed_place("")),
        "state": TokenState.ACTIVE,
    }
    entries = [AuditEntry(now_seconds, "init", "done", detail=name)]
    changes = [
        Change(TOKEN, None, row),
        Change(SETTING, None, {"name": "policy", "value": policy_text}),
    ]
    if isinstance(path, PostgresAddress):
        postgres_opening().create_in_postgres(path, SCHEMA, keys, entries, changes)
    else:
        with sqlite.new_file(path) as part, closing(HostStore(part, keys, create=True)) as store:
            store.commit(entries, changes=changes)
    return HostStore(path, keys)


def open_store(
    path: StorePlace, keys: KeyRing, anchor: Anchor | None = None
) -> tuple[HostStore, Policy]:
    """Open the store at `path`, whether it serves or is a backup.

    Raises:
        BadInput: it is none, or `keys` are not its keys, or it was altered or damaged.
    """
    store = HostStore(path, keys, anchor=anchor)
    try:
        row = store.setting("policy")
        if row is None:
            raise BadInput(f"{path}: its making was interrupted; remove it and make it anew")
        return store, load_policy(row["value"], f"{path}: policy")
    except BaseException:
        store.abandon()
        raise


def inspect(path: StorePlace, keys: KeyRing, kept: Head | None) -> tuple[list[str], Head]:
    """Return the faults and the head of a store, whether it can be used or not."""
    store = HostStore(path, keys, check=False)
    try:
        faults = store.faults(kept)
        return faults, store.audit_head()
    finally:
        store.abandon()


def read_log(
    path: StorePlace, keys: KeyRing, after: int
) -> tuple[list[tuple[int, AuditEntry]], Head]:
    """Return entries and head of a store's log, whether it is whole or not."""
    store = HostStore(path, keys, check=False)
    try:
        return store.audit_entries(after), store.audit_head()
    finally:
        store.abandon()


def import_tokens(
    context: HostContext, records: Iterable[SeedRecord], now_seconds: int, actor: Actor
) -> int:
    """Put tokens on stock, all or none; see `Host.import_tokens`."""
    try:
        return context.store.insert_tokens(
            _batches(records, context.keys, now_seconds),
            now_seconds,
            lambda count: AuditEntry(
                now_seconds, "import", "done", actor=str(actor), detail=f"tokens {count}"
            ),
            lambda first_id: _refuse_shared_names(context.store, first_id),
        )
    except RefusedRowError as error:
        name, other = error.row["serial_number"], error.row["credential_id"]
        also = f" or its Credential ID {other}" if other else ""
        raise BadInput(
            f"{name}{also} is known already, or twice in the file; nothing was imported"
            " (--skip-known leaves out what is known)"
        ) from None


def backup(context: HostContext, target: Path, now_seconds: int, actor: Actor) -> Head:
    """Copy the store while others go on; see `Host.backup`."""
    context.store.commit([AuditEntry(now_seconds, "backup", "done", actor=str(actor))])
    copy = context.store.copy_to(target)
    try:
        mark = {"name": _BACKUP, "value": str(now_seconds)}
        copy.commit(
            [AuditEntry(now_seconds, "backup", "marked", actor=str(actor))],
            changes=[Change(SETTING, copy.setting(_BACKUP), mark)],
        )
        return copy.audit_head()
    finally:
        copy.close()


def backup_day(store: HostStore) -> date | None:
    """Return the day a backup was taken that nobody has confirmed yet, None for a store in use."""
    taken = store.setting(_BACKUP)
    return None if taken is None else day_of(int(taken["value"]))


def restore(path: StorePlace, keys: KeyRing, now_seconds: int, actor: Actor) -> list[str]:
    """Let a backup serve again; see `Host.restore`."""
    store, policy = open_store(path, keys)
    try:
        day, mark = backup_day(store), store.setting(_BACKUP)
        if day is None:
            raise BadInput(f"{path} is no backup, or serves already")
        head = store.audit_head()
        if faults := store.faults():
            raise store.guarded.altered(faults[0])
        by_time = store.guarded.select(TOKEN, "kind = ?", (int(OtpKind.TOTP),))
        changes = [Change(SETTING, mark, None)]
        for row in by_time:
            step = (now_seconds - row["t0_seconds"]) // row["step_seconds"]
            after = step + row["drift_steps"] + policy.windows.totp_ahead_steps + 1
            after = max(after, factor_from(row["next_factor"]))
            changes.append(Change(TOKEN, row, {"next_factor": kept_factor(after)}))
        entry = AuditEntry(now_seconds, "restore", "done", actor=str(actor), detail=f"of {day}")
        store.commit([entry], changes=changes)
        counted = store.read(
            "SELECT count(*) FROM token WHERE id <> ? AND kind = ? AND state IN (?, ?)",
            (DECOY_ID, int(OtpKind.HOTP), *USABLE),
        )
        return _no_longer_promised(day, counted[0][0], head)
    finally:
        store.close()


def _batches(records: Iterable[SeedRecord], keys: KeyRing, now_seconds: int) -> Iterator[list[Row]]:
    source = iter(records)
    while batch := [_row(record, keys, now_seconds) for record in islice(source, BATCH)]:
        yield batch


def _row(record: SeedRecord, keys: KeyRing, now_seconds: int) -> Row:
    progress = start_of(record, now_seconds)
    same = record.credential_id.casefold() == record.serial_number.casefold()
    return {
        "serial_number": record.serial_number,
        "credential_id": None if same else record.credential_id,
        "kind": int(record.kind),
        "algorithm": int(record.algorithm),
        "digits": record.digits,
        "step_seconds": record.step_seconds,
        "t0_seconds": record.t0_seconds,
        "seed": keys.seal(record.seed, seed_place(record.serial_number)),
        "next_factor": kept_factor(progress.next_factor),
        "drift_steps": progress.drift_steps,
        "state": TokenState.STOCKED.value,
        "used_at": None,
        "start_date": record.start_date and record.start_date.isoformat(),
        "expiry_date": record.expiry_date and record.expiry_date.isoformat(),
        "successor": None,
        "manufacturer": record.manufacturer,
        "model": record.model,
        "issuer": record.issuer,
    }


def _refuse_shared_names(store: HostStore, first_id: int) -> None:
    # One name must never mean two tokens.
    shared = store.read(
        "SELECT one.serial_number FROM token AS one JOIN token AS other"
        " ON one.serial_number = other.credential_id"
        " WHERE one.id <> other.id AND (one.id >= ?1 OR other.id >= ?1) LIMIT 1",
        (first_id,),
    )
    if shared:
        raise BadInput(
            f"{shared[0][0]} would be one token's serial number and another's Credential ID;"
            " nothing was imported"
        )


def _no_longer_promised(day: date, press_counted: int, head: Head) -> list[str]:
    return [
        f"Everything decided after {day}, when the backup was taken, is forgotten:"
        " enrolments, suspensions, losses, locks, and the failures counted.",
        f"Press-counted tokens in use ({press_counted}): a code used since then may be accepted"
        " once more, until the token's next code is accepted.",
        "Time-based tokens: no code of a time before now is accepted any more, except where a"
        " resynchronisation since then had found the token's clock to be fast.",
        f"The audit log goes on from where the backup was taken: compare it with the head you"
        f" kept, {head}.",
    ]
