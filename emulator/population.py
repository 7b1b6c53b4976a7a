"""Who hangs in the rack: fobs from the store, or new ones as planned."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence

from emulator.errors import BadStore
from emulator.rack import Fob
from emulator.settings import FobPlan, model_of
from emulator.store import Birth, Store
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Persist
from firmware_model.inputs import Reset
from firmware_model.units import SimTime

SERIAL_CHARACTERS = 12
CHIP_ID_BYTES = 10
SEED_BYTES = 32


def populate(
    store: Store, plans: Sequence[FobPlan], now: SimTime, random_seed: bytes | None, *, shared: bool
) -> list[Fob]:
    """Return the rack's fobs at `now`: the store's own, booted from their flash, else new ones.

    Args:
        store: new fobs and what booting changed are committed to it before this returns.
        plans: what to make; where the store has fobs, what they are expected to be.
        now: true time.
        random_seed: of the new fobs' dice; None takes the machine's.
        shared: whether they hang on one line, and so need an address each.

    Raises:
        BadStore: the store's fobs are not the ones planned, or there is nothing to run.
    """
    births = store.births()
    if births:
        _compare(births, plans)
        fobs = list(_restored(store, births, now, shared=shared))
    elif plans:
        fobs = list(_made(store, plans, now, random_seed, shared=shared))
    else:
        raise BadStore("there is no fob to run: name a model, or a store that holds fobs")
    store.commit()
    return fobs


def _made(
    store: Store, plans: Sequence[FobPlan], now: SimTime, random_seed: bytes | None, *, shared: bool
) -> Iterator[Fob]:
    root = random_seed if random_seed is not None else secrets.token_bytes(SEED_BYTES)
    taken = {plan.serial_number for plan in plans}
    counted: Counter[str] = Counter()
    for number, plan in enumerate(plans, 1):
        serial_number = plan.serial_number
        while serial_number is None or (plan.serial_number is None and serial_number in taken):
            serial_number = _next_serial(plan.source.model, counted)
        birth = Birth(
            number,
            serial_number,
            plan.source.text,
            _derived(root, b"chip", number)[:CHIP_ID_BYTES],
            _derived(root, b"dice", number),
        )
        store.add(birth)
        yield _fob(store, birth, plan.source.model, {}, now, shared=shared)


def _restored(
    store: Store, births: Sequence[Birth], now: SimTime, *, shared: bool
) -> Iterator[Fob]:
    models = {text: model_of(text) for text in sorted({birth.model for birth in births})}
    images = store.images()
    for birth in births:
        yield _fob(
            store, birth, models[birth.model], images.get(birth.number, {}), now, shared=shared
        )


def _fob(
    store: Store,
    birth: Birth,
    model: Model,
    images: dict[str, bytes],
    now: SimTime,
    *,
    shared: bool,
) -> Fob:
    address = birth.number if shared else 1
    if images:
        device = Device.restore(model, images, address=address)
        for effect in device.handle(Reset(), now):
            if isinstance(effect, Persist):
                store.keep(birth.number, effect.key, effect.image)
    else:
        device = Device.manufacture(
            model,
            chip_id=birth.chip_id,
            random_seed=int.from_bytes(birth.random_seed),
            now=now,
            address=address,
        )
        for key, image in device.images().items():
            store.keep(birth.number, key, image)
    return Fob(birth.number, birth.serial_number, model.name, device)


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
