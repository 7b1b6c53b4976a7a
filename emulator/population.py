"""The fobs of a rack: those of the store, or new ones as planned."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from emulator.firmware.files import FirmwareSource, stored_firmware
from emulator.firmware.programs import RackPrograms
from emulator.fob import EmulatedFob
from emulator.fob_kind import FobKind
from emulator.model_source import model_of
from emulator.ports.address import link_of
from emulator.settings import FOBS_MAX, FobPlan, Settings, port_address
from emulator.store import FobRecord, RackStore
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Persist
from firmware_model.errors import BadInput, BadStore
from firmware_model.identity import Day
from firmware_model.inputs import Reset
from firmware_model.label import FobLabel, expiry_of, label_of
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from firmware_model.wire.fob_link import LinePlace, LinkKind
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet

SERIAL_CHARACTERS = 12
CHIP_ID_BYTES = 10
DICE_BYTES = 32

MADE_KEY = "made"
"""Under which a store keeps the day of manufacture (days since 1970), for the label."""

MADE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Population:
    """The rack's fobs by channel, the fobs of each port address, whether they are new."""

    fobs: list[EmulatedFob]
    lines: dict[str, list[EmulatedFob]]
    new: bool


def populate(
    store: RackStore, settings: Settings, now: SimTime, programs: RackPrograms
) -> Population:
    """Return the rack's fobs at `now`: those of the store, booted from flash, else new ones.

    `programs` makes what runs on their boards.

    New fobs, and images that booting changed, are committed before this returns.

    Raises:
        BadStore: the store's fobs are not the planned ones.
        BadInput: there is no fob to run, or too many.
    """
    plans = settings.plans
    records = store.fob_records()
    new = not records
    if records:
        _compare(records, plans)
    else:
        records = _new_records(plans, settings.dice)
        for record in records:
            store.add_fob(record)
    if not records:
        raise BadInput("no fob to run: give a model, or a store that holds fobs")
    ports = _ports(settings, len(records))
    models = {text: model_of(text) for text in sorted({record.model for record in records})}
    images = store.images()
    sharing = Counter(ports)
    fobs: list[EmulatedFob] = []
    lines: dict[str, list[EmulatedFob]] = {}
    for record, port in zip(records, ports, strict=True):
        line = [] if port is None else lines.setdefault(port, [])
        place = _place(len(line) + 1, port, sharing[port])
        model = models[record.model]
        if new:
            plan = plans[record.number - 1]
            firmware = plan.firmware
            kind = FobKind(plan.source.model, record.model, place, programs, firmware)
            device = _manufacture(record, plan, now, kind, settings.transport_keys)
            days = (now - plan.age_ns) // (SECONDS_PER_DAY * NS_PER_SECOND)
            made = days.to_bytes(MADE_BYTES, "big")
            kept = device.images() | {MADE_KEY: made}
            if firmware is not None:
                kept |= firmware.images()
        else:
            stored = dict(images[record.number])
            made = stored.pop(MADE_KEY, b"")  # none in stores from before it was kept
            firmware = stored_firmware(stored)
            if plans:
                _compare_firmware(record, firmware, plans[record.number - 1].firmware)
            kind = FobKind(model, record.model, place, programs, firmware)
            device, kept = _restore(kind, stored, now)
        for key, image in kept.items():
            store.put_image(record.number, key, image)
        label = _label(model, record.serial_number, made)
        fob = EmulatedFob(record.number, record.serial_number, kind, device, label)
        fobs.append(fob)
        line.append(fob)
    store.commit()
    return Population(fobs, lines, new)


def _place(address: int, port: str | None, sharing: int) -> LinePlace:
    """Return the place of a fob at `port`, which so many fobs share."""
    link = LinkKind.HDLC if port is None else link_of(port)
    if link is not LinkKind.HDLC and sharing > 1:
        raise BadInput(
            f"{port} is a card reader and holds one fob, not {sharing}: put {{n}} into the address"
        )
    return LinePlace(address, alone=port is None or sharing == 1, link=link)


def _ports(settings: Settings, count: int) -> list[str | None]:
    if count > FOBS_MAX:
        raise BadInput(f"too many fobs: {count}; a rack holds at most {FOBS_MAX:,}")
    plans = settings.plans or (None,) * count
    templates = [settings.port if plan is None else plan.port or settings.port for plan in plans]
    return [
        None if template is None else port_address(template, number)
        for number, template in enumerate(templates, 1)
    ]


def _new_records(plans: Sequence[FobPlan], dice: bytes | None) -> list[FobRecord]:
    root = dice if dice is not None else secrets.token_bytes(DICE_BYTES)
    taken = {plan.serial_number for plan in plans if plan.serial_number is not None}
    counted: Counter[str] = Counter()
    records = []
    for number, plan in enumerate(plans, 1):
        serial_number = plan.serial_number
        while serial_number is None:
            serial_number = _next_serial(plan.source.model, counted)
            serial_number = None if serial_number in taken else serial_number
        chip_id = _derived(root, b"chip", number)[:CHIP_ID_BYTES]
        own_dice = _derived(root, b"dice", number)
        records.append(FobRecord(number, serial_number, plan.source.text, chip_id, own_dice))
    return records


def _manufacture(
    record: FobRecord,
    plan: FobPlan,
    now: SimTime,
    kind: FobKind,
    transport_keys: Callable[[bytes], KeySet] | None,
) -> Device:
    made_at = SimTime(now - plan.age_ns)
    if made_at < 0:
        raise BadInput(
            f"{record.serial_number}: its preset would manufacture it before 1970; start later"
        )
    if transport_keys is not None and plan.source.model.app is not None:
        raise BadInput(
            f"keys are not valid for the soft token {plan.source.model.name}: leave them out"
        )
    key_set = None if transport_keys is None else transport_keys(record.chip_id)
    device = Device.manufacture(
        plan.source.model,
        chip_id=record.chip_id,
        random_seed=int.from_bytes(record.dice),
        now=made_at,
        place=kind.place,
        key_set=key_set,
        make_program=kind.make_program,
        serial_number=record.serial_number,
    )
    if plan.prepare is not None:
        plan.prepare(device, record.serial_number, now, key_set or TEST_KEYS)
    return device


def _restore(
    kind: FobKind, images: dict[str, bytes], now: SimTime
) -> tuple[Device, dict[str, bytes]]:
    """Return the fob, booted, and the images that booting changed."""
    device = kind.rebuild(images)
    effects = device.handle(Reset(), now)
    return device, {e.key: e.image for e in effects if isinstance(e, Persist)}


def _label(model: Model, serial_number: str, made: bytes) -> FobLabel:
    expiry = None
    if made:
        day = date(1970, 1, 1) + timedelta(days=int.from_bytes(made, "big"))
        expiry = expiry_of(model, Day(day.year, day.month, day.day))
    return label_of(model, serial_number, expiry)


def _compare_firmware(
    record: FobRecord, stored: FirmwareSource | None, planned: FirmwareSource | None
) -> None:
    """Raise BadStore if a fob of the store does not run the planned firmware."""
    if stored is None and planned is None:
        return
    if stored is None or planned is None or stored.content != planned.content:
        found = "our own program" if stored is None else stored.name
        wanted = "our own program" if planned is None else f"the given {planned.name}"
        raise BadStore(
            f"channel {record.number} of the store runs {found}, not {wanted}:"
            " give the same file, leave the model out, or take another store"
        )


def _compare(records: Sequence[FobRecord], plans: Sequence[FobPlan]) -> None:
    """Raise BadStore if the store's fobs are not the planned ones; no plan means any."""
    if not plans:
        return
    found = Counter(model_of(text).name for text in (record.model for record in records))
    wanted = Counter(plan.source.model.name for plan in plans)
    if found != wanted:
        raise BadStore(
            f"the store holds {_listed(found)}, not {_listed(wanted)}:"
            " leave the model out, or take another store"
        )
    for record, plan in zip(records, plans, strict=True):
        if model_of(record.model).name != plan.source.model.name:
            raise BadStore(
                f"channel {record.number} of the store is a {model_of(record.model).name},"
                f" not a {plan.source.model.name}"
            )
        if plan.serial_number not in (None, record.serial_number):
            raise BadStore(
                f"channel {record.number} of the store is {record.serial_number},"
                f" not {plan.serial_number}"
            )


def _listed(counted: Counter[str]) -> str:
    return " and ".join(f"{count} × {name}" for name, count in sorted(counted.items()))


def _next_serial(model: Model, counted: Counter[str]) -> str:
    prefix = model.identity.serial_prefix
    counted[prefix] += 1
    return prefix + str(counted[prefix]).zfill(SERIAL_CHARACTERS - len(prefix))


def _derived(root: bytes, purpose: bytes, number: int) -> bytes:
    return hashlib.sha256(purpose + number.to_bytes(4, "big") + root).digest()
