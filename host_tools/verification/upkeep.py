"""What is seldom done to a store: making, opening, filling, copying and restoring it."""

import os
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds import SeedRecord
from host_tools.vault import sqlite
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.case import USABLE, HostContext
from host_tools.verification.intake import day_of, start_of
from host_tools.verification.policy import Policy, load_policy
from host_tools.verification.states import Actor, TokenState
from host_tools.verification.store import DECOY_ID, HostStore, RefusedRowError

BATCH = 5_000
"""Tokens imported with one statement; all batches of an import are one transaction."""

_DECOY_SEED_BYTES = 20


def create(path: Path, keys: KeyRing, policy_text: str, name: str, now_seconds: int) -> HostStore:
    """Make a store at `path`, with its policy, its decoy and the first audit entry.

    Raises:
        BadInput: there is something at `path`, or it cannot be written there.
    """
    from sqlalchemy import insert

    from host_tools.verification.schema import setting, token

    decoy = SeedRecord(
        serial_number="-", credential_id="-", seed=os.urandom(_DECOY_SEED_BYTES), kind=OtpKind.HOTP
    )
    row = _row(decoy, keys, now_seconds) | {
        "id": DECOY_ID,
        "serial_number": "",
        "seed": keys.seal(decoy.seed, ""),
        "state": TokenState.ACTIVE,
    }
    with sqlite.new_file(path):
        store = HostStore(path, create=True)
        try:
            store.commit(
                keys,
                [AuditEntry(now_seconds, "init", "done", detail=name)],
                statements=[
                    insert(token).values(**row),
                    insert(setting).values(name="policy", value=policy_text),
                ],
            )
        except BaseException:
            store.close()
            raise
        return store


def open_store(path: Path, keys: KeyRing) -> tuple[HostStore, Policy]:
    """Open the store at `path`, whether it serves or is a backup.

    Raises:
        BadInput: it is none, or `keys` are not its keys.
    """
    store = HostStore(path)
    try:
        text = store.setting("policy")
        if text is None:
            raise BadInput(f"{path}: its making was interrupted; remove it and make it anew")
        decoy = store.token_by_id(DECOY_ID)
        try:
            keys.open(decoy.seed, "")
        except BadInput:
            raise BadInput(f"{path}: the key given is not this store's") from None
        return store, load_policy(text, f"{path}: policy")
    except BaseException:
        store.close()
        raise


def import_tokens(
    context: HostContext, records: Iterable[SeedRecord], now_seconds: int, actor: Actor
) -> int:
    """Put tokens on stock, all or none; see `Host.import_tokens`."""
    from sqlalchemy import func, insert, select

    from host_tools.verification.schema import token

    first_id = context.store.run(select(func.max(token.c.id) + 1)).scalar_one()
    try:
        return context.store.insert_many(
            context.keys,
            insert(token),
            _batches(records, context.keys, now_seconds),
            lambda count: AuditEntry(
                now_seconds, "import", "done", actor=str(actor), detail=f"tokens {count}"
            ),
            lambda: _refuse_shared_names(context.store, first_id),
        )
    except RefusedRowError as error:
        name, other = error.row["serial_number"], error.row["credential_id"]
        also = f" or its Credential ID {other}" if other else ""
        raise BadInput(
            f"{name}{also} is known already, or twice in the file; nothing was imported"
        ) from None


def backup(context: HostContext, target: Path, now_seconds: int, actor: Actor) -> Head:
    """Copy the store while others go on; see `Host.backup`."""
    from sqlalchemy import insert

    from host_tools.verification.schema import setting

    context.store.commit(
        context.keys, [AuditEntry(now_seconds, "backup", "done", actor=str(actor))]
    )
    copy = context.store.copy_to(target)
    try:
        mark = insert(setting).values(name="backup_taken_at", value=str(now_seconds))
        copy.commit(context.keys, [], statements=[mark])
        return copy.audit_head()
    finally:
        copy.close()


def backup_day(store: HostStore) -> date | None:
    """Return the day a backup was taken that nobody has confirmed yet, None for a store in use."""
    taken = store.setting("backup_taken_at")
    return None if taken is None else day_of(int(taken))


def restore(path: Path, keys: KeyRing, now_seconds: int, actor: Actor) -> list[str]:
    """Let a backup serve again; see `Host.restore`."""
    from sqlalchemy import case, delete, func, select, update

    from host_tools.verification.schema import setting, token

    store, policy = open_store(path, keys)
    try:
        day = backup_day(store)
        if day is None:
            raise BadInput(f"{path} is no backup, or serves already")
        head, faults = store.audit_head(), store.audit_faults(keys, None)
        step = (now_seconds - token.c.t0_seconds) // token.c.step_seconds
        after = step + token.c.drift_steps + policy.windows.totp_ahead_steps + 1
        highest = case((after > token.c.next_factor, after), else_=token.c.next_factor)
        store.commit(
            keys,
            [AuditEntry(now_seconds, "restore", "done", actor=str(actor), detail=f"of {day}")],
            statements=[
                delete(setting).where(setting.c.name == "backup_taken_at"),
                update(token)
                .where(token.c.kind == int(OtpKind.TOTP))
                .values(next_factor=highest, revision=token.c.revision + 1),
            ],
        )
        counted = select(func.count()).where(
            token.c.id != DECOY_ID, token.c.kind == int(OtpKind.HOTP), token.c.state.in_(USABLE)
        )
        said = _no_longer_promised(day, store.run(counted).scalar_one(), head)
        return said + [f"That audit log is not whole: {fault}." for fault in faults]
    finally:
        store.close()


def _batches(
    records: Iterable[SeedRecord], keys: KeyRing, now_seconds: int
) -> Iterator[list[dict[str, Any]]]:
    source = iter(records)
    while batch := [_row(record, keys, now_seconds) for record in islice(source, BATCH)]:
        yield batch


def _row(record: SeedRecord, keys: KeyRing, now_seconds: int) -> dict[str, Any]:
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
        "seed": keys.seal(record.seed, record.serial_number),
        "next_factor": progress.next_factor,
        "drift_steps": progress.drift_steps,
        "state": TokenState.STOCKED,
        "start_date": record.start_date,
        "expiry_date": record.expiry_date,
        "manufacturer": record.manufacturer,
        "model": record.model,
        "issuer": record.issuer,
        "revision": 1,
    }


def _refuse_shared_names(store: HostStore, first_id: int) -> None:
    # One name must never mean two tokens.
    from sqlalchemy import or_, select

    from host_tools.verification.schema import token

    one, other = token.alias(), token.alias()
    shared = select(one.c.serial_number).where(
        one.c.serial_number == other.c.credential_id,
        one.c.id != other.c.id,
        or_(one.c.id >= first_id, other.c.id >= first_id),
    )
    if (name := store.run(shared.limit(1)).scalar()) is not None:
        raise BadInput(
            f"{name} would be one token's serial number and another's Credential ID;"
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
