"""Who hangs in the rack: fobs from the store, or new ones as planned."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulator.rack import EmulatedFob
from emulator.settings import FOBS_MAX, FobPlan, Settings, model_of, spell_port
from emulator.store import Birth, RackStore
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Persist
from firmware_model.errors import BadInput, BadStore
from firmware_model.inputs import Reset
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet

SERIAL_CHARACTERS = 12
CHIP_ID_BYTES = 10
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Population:
    """The rack's fobs by channel, those of each door, and which of them are new."""

    fobs: list[EmulatedFob]
    lines: dict[str, list[EmulatedFob]]
    new: bool


def populate(store: RackStore, settings: Settings, now: SimTime) -> Population:
    """Return the rack's fobs at `now`: the store's own, booted from their flash, else new ones.

    New fobs, and what booting changed, are committed to the store before this returns.

    Raises:
        BadStore: the store's fobs are not the ones planned.
        BadInput: there is nothing to run, or too much.
    """
    plans = settings.plans
    births = store.births()
    new = not births
    if births:
        _compare(births, plans)
    else:
        births = _conceived(plans, settings.random_seed)
        for birth in births:
            store.add(birth)
    if not births:
        raise BadInput("there is no fob to run: name a model, or a store that holds fobs")
    ports = _ports(settings, len(births))
    models = {text: model_of(text) for text in sorted({birth.model for birth in births})}
    images = store.images()
    sharing = Counter(ports)
    fobs: list[EmulatedFob] = []
    lines: dict[str, list[EmulatedFob]] = {}
    for birth, port in zip(births, ports, strict=True):
        line = [] if port is None else lines.setdefault(port, [])
        place = LinePlace(len(line) + 1, alone=port is None or sharing[port] == 1)
        model = models[birth.model]
        if new:
            device = _made(birth, plans[birth.number - 1], now, place, settings.transport_keys)
            kept = device.images()
        else:
            device, kept = _restored(model, images[birth.number], now, place)
        for key, image in kept.items():
            store.keep(birth.number, key, image)
        fob = EmulatedFob(birth.number, birth.serial_number, model.name, device)
        fobs.append(fob)
        line.append(fob)
    store.commit()
    return Population(fobs, lines, new)


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a fob hangs on its line."""

    address: int
    alone: bool


def _ports(settings: Settings, count: int) -> list[str | None]:
    if count > FOBS_MAX:
        raise BadInput(f"{count} fobs: at most {FOBS_MAX:,} hang in one rack")
    plans = settings.plans or (None,) * count
    templates = [settings.port if plan is None else plan.port or settings.port for plan in plans]
    return [
        None if template is None else spell_port(template, number)
        for number, template in enumerate(templates, 1)
    ]


def _conceived(plans: Sequence[FobPlan], random_seed: bytes | None) -> list[Birth]:
    root = random_seed if random_seed is not None else secrets.token_bytes(SEED_BYTES)
    taken = {plan.serial_number for plan in plans if plan.serial_number is not None}
    counted: Counter[str] = Counter()
    births = []
    for number, plan in enumerate(plans, 1):
        serial_number = plan.serial_number
        while serial_number is None:
            serial_number = _next_serial(plan.source.model, counted)
            serial_number = None if serial_number in taken else serial_number
        chip_id = _derived(root, b"chip", number)[:CHIP_ID_BYTES]
        dice = _derived(root, b"dice", number)
        births.append(Birth(number, serial_number, plan.source.text, chip_id, dice))
    return births


def _made(
    birth: Birth,
    plan: FobPlan,
    now: SimTime,
    place: LinePlace,
    transport_keys: Callable[[bytes], KeySet] | None,
) -> Device:
    made_at = SimTime(now - plan.age_ns)
    if made_at < 0:
        raise BadInput(f"{birth.serial_number} would have been made before 1970")
    if transport_keys is not None and plan.source.model.app is not None:
        raise BadInput(f"a {plan.source.model.name} gets its keys from its bank: leave them out")
    key_set = None if transport_keys is None else transport_keys(birth.chip_id)
    device = Device.manufacture(
        plan.source.model,
        chip_id=birth.chip_id,
        random_seed=int.from_bytes(birth.random_seed),
        now=made_at,
        address=place.address,
        alone=place.alone,
        key_set=key_set,
    )
    if plan.prepare is not None:
        plan.prepare(device, birth.serial_number, now, key_set or TEST_KEYS)
    return device


def _restored(
    model: Model, images: dict[str, bytes], now: SimTime, place: LinePlace
) -> tuple[Device, dict[str, bytes]]:
    """Return the fob, booted, and those images that booting changed."""
    device = Device.restore(model, images, address=place.address, alone=place.alone)
    effects = device.handle(Reset(), now)
    return device, {e.key: e.image for e in effects if isinstance(e, Persist)}


def _compare(births: Sequence[Birth], plans: Sequence[FobPlan]) -> None:
    """Refuse to take a rack for another; without plans the store's own is what is wanted."""
    if not plans:
        return
    found = Counter(model_of(text).name for text in (birth.model for birth in births))
    wanted = Counter(plan.source.model.name for plan in plans)
    if found != wanted:
        raise BadStore(
            f"the store holds {_listed(found)}, not {_listed(wanted)}:"
            " leave the model out, or take another store"
        )
    for birth, plan in zip(births, plans, strict=True):
        if model_of(birth.model).name != plan.source.model.name:
            raise BadStore(
                f"channel {birth.number} of the store is a {model_of(birth.model).name},"
                f" not a {plan.source.model.name}"
            )
        if plan.serial_number not in (None, birth.serial_number):
            raise BadStore(
                f"channel {birth.number} of the store is {birth.serial_number},"
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
