"""One record into one fob, over a secure channel.

The order is: identity, clock, credential, check value, life-cycle. The clock comes before the
seed because a model may wipe its seed when its clock is set. Until the last step the fob is
blank and may be provisioned again with the same record; after it, never.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from firmware_model.errors import BadAnswer, Refused
from firmware_model.generators import OtpKind
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.objects import (
    Clock,
    Identity,
    LifeCycle,
    LifeCycleStatus,
    ModelName,
    SerialNumber,
    Slots,
    seed_check_value,
)
from host_tools.client.clock import true_time
from host_tools.client.fob_state import EPOCH, life_cycle_name
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.session import TokenSession
from host_tools.provisioning.choice import check_fits
from host_tools.seeds.record import SeedRecord

SLOT = 1
SYSTEM_CLOCK: Callable[[], Decimal] = partial(true_time, "system", "")
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReceipt:
    """What was done to one fob; it holds no seed.

    `seed_check` is WIRE §5.4's check value, by which the fob and the seed file agreed.
    `loaded_at` is true time in seconds since 1970.

    Example:
        >>> with keyfob.Rack.start(preset=None) as rack, rack[1].session() as session:
        ...     receipt = keyfob.provision(session, rack[1].record, seal=True)
        >>> receipt.life_cycle, receipt.test_keys
        ('in use', True)
    """

    serial_number: str
    credential_id: str
    model: str
    chip_id: bytes
    life_cycle: str
    slot: int
    kind: OtpKind
    seed_check: bytes
    loaded_at: int
    expiry_date: date | None
    test_keys: bool


def refuse_second_provisioning(session: TokenSession) -> None:
    """Make sure that the fob on the line is blank.

    Raises:
        Refused: it has been provisioned, or is locked or terminated.
        KeyfobError: it does not answer.
    """
    status = session.get(LifeCycleStatus)
    if status is None:
        raise BadAnswer("the fob does not tell its life-cycle; is this a keyfob?")
    if status.life_cycle is not LifeCycle.BLANK:
        known = session.get(SerialNumber)
        name = known.text if known else "the fob"
        raise Refused(
            f"{name} is {life_cycle_name(status)} already: only a blank fob can be provisioned",
            StatusWord.CONDITIONS_NOT_SATISFIED,
        )


def provision(
    session: TokenSession,
    record: SeedRecord,
    keys: FobKeys = TEST_KEYS,
    now: Callable[[], Decimal] = SYSTEM_CLOCK,
    *,
    seal: bool = False,
) -> LoadReceipt:
    """Load `record` into the blank fob behind `session`, and return the receipt.

    Args:
        session: the token application is selected and a channel opened here.
        record: the seed and what belongs to it.
        keys: the fob's SCP03 keys; the public test keys by default.
        now: true time in seconds since 1970, asked when the clock is set; by
            default this machine's.
        seal: go on from personalised to sealed, for models that are delivered dark.

    Raises:
        BadInput: a name or the codes do not fit the fob; nothing was sent.
        Refused: the fob is not blank, does not take the keys, or refused a step.
        BadAnswer: the fob's check value is not the seed's; it is left blank.
        KeyfobError: the fob does not answer.

    Example:
        >>> with keyfob.Rack.start(preset=None) as rack, rack[1].session() as session:
        ...     print(keyfob.provision(session, rack[1].record).life_cycle)
        personalised
    """
    session.select()
    refuse_second_provisioning(session)
    model = session.get(ModelName)
    check_fits(record, model.text if model else "")
    chip_id = session.open_channel(keys)
    today = int(now()) // SECONDS_PER_DAY
    session.store(_identity(record, today))
    if session.get(Clock) is not None:
        session.store(Clock(round(now())))
    session.load_credential(SLOT, record)
    _compare(session, record)
    session.set_life_cycle(LifeCycle.PERSONALISED)
    if seal:
        session.set_life_cycle(LifeCycle.SEALED)
    status = session.get(LifeCycleStatus)
    if status is None:
        raise BadAnswer(f"{record.serial_number} stopped telling its life-cycle")
    return LoadReceipt(
        serial_number=record.serial_number,
        credential_id=record.credential_id,
        model=model.text if model else "",
        chip_id=chip_id,
        life_cycle=life_cycle_name(status),
        slot=SLOT,
        kind=record.kind,
        seed_check=seed_check_value(record.seed),
        loaded_at=int(now()),
        expiry_date=record.expiry_date,
        test_keys=keys.are_public,
    )


def _identity(record: SeedRecord, today: int) -> Identity:
    made, expires = record.start_date, record.expiry_date
    return Identity(
        serial_number=record.serial_number,
        credential_id=record.credential_id,
        manufacture_days=(made - EPOCH).days if made else today,
        expiry_days=(expires - EPOCH).days if expires else None,
    )


def _compare(session: TokenSession, record: SeedRecord) -> None:
    held = session.get(Slots)
    slots = [slot for slot in held.slots if slot.slot == SLOT] if held else []
    if not slots or slots[0].seed_check != seed_check_value(record.seed):
        raise BadAnswer(
            f"{record.serial_number}: the fob's check value is not the seed's;"
            " it is still blank, provision it again"
        )
