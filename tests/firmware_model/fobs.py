"""Fobs for tests: built, personalised from inside, pressed, and run with a hand on the clock."""

import re
from collections.abc import Iterable
from dataclasses import replace
from importlib import resources

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent, Happened, Persist, Shown
from firmware_model.firmware.program import Program
from firmware_model.firmware.token import Token
from firmware_model.generators import OtpKind
from firmware_model.inputs import ContactMoved, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, seconds
from firmware_model.wire import hdlc
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.objects import CredentialObject, Identity, seed_check_value

START = seconds(1_800_000_000)
SEED = b"12345678901234567890"
CHIP_ID = bytes(range(10))
DAY_NS = 86_400 * NS_PER_SECOND
CARDS = [name for name in ("molto2", "ykoath") if name in catalogue.names()]
"""Models that answer like a published card; nothing ends them but their cell."""

FOBS = [name for name in catalogue.names() if getattr(catalogue.load(name), "app", None) is None]
"""The built-in models that are things one can hold; the others are apps."""


def built(model: Model | str, *, random_seed: int = 7, now: SimTime = START) -> Device:
    """Return a fresh, blank fob."""
    chosen = catalogue.load(model) if isinstance(model, str) else model
    return Device.manufacture(chosen, chip_id=CHIP_ID, random_seed=random_seed, now=now)


def poll_of(kind: hdlc.FrameKind, address: int = 1) -> bytes:
    """Return the host's frame of that kind to a fob, without information, P set."""
    control = hdlc.control_byte(kind, poll=True)
    return hdlc.encode(hdlc.Frame(hdlc.server_address(address), hdlc.client_address(), control))


def program_of(device: Device) -> Program:
    program = device._program
    assert isinstance(program, Program)
    return program


def token_of(device: Device) -> Token:
    return program_of(device).token


def credential_for(model: Model, seed: bytes = SEED, counter: int = 0) -> CredentialObject:
    timed = model.otp.kind is OtpKind.TOTP
    return CredentialObject(
        slot=1,
        kind=model.otp.kind,
        algorithm=model.otp.algorithm,
        digits=model.otp.digits,
        wrapped_seed=bytes(17),
        seed_check=seed_check_value(seed),
        step_seconds=model.otp.step_seconds if timed else None,
        t0_seconds=model.otp.t0_seconds if timed else None,
        counter=None if timed else counter,
    )


def personalised(
    model: Model | str,
    *,
    now: SimTime = START,
    random_seed: int = 7,
    counter: int = 0,
    expiry_days: int | None = None,
    seal: bool = True,
    activate: bool = True,
) -> Device:
    """Return a fob with a seed and the right time; sealed and activated where it knows that."""
    device = built(model, random_seed=random_seed, now=now)
    token = token_of(device)
    today = now // DAY_NS
    token.store_identity(Identity("ZZH600000001", "ZZH600000001", today, expiry_days))
    token.load(credential_for(device.model, counter=counter), SEED)
    token.set_clock(now // NS_PER_SECOND)
    token.advance(LifeCycle.PERSONALISED)
    if seal:
        token.advance(LifeCycle.SEALED)
    device.handle(Reset(), now)
    if seal and activate and device.model.security.sealed:
        press(device, now, device.model.button.long_ms / 1000 + 1)
        device.handle(Wake(), SimTime(now + 300 * NS_PER_SECOND))
    return device


def press(device: Device, now: SimTime, held_seconds: float = 0.2) -> list[Effect]:
    """Press and let go; return what happened until 250 ms after the release."""
    release = SimTime(now + int(held_seconds * NS_PER_SECOND))
    effects = device.handle(ContactMoved(closed=True), now)
    effects += device.handle(ContactMoved(closed=False), release)
    return effects + device.handle(Wake(), SimTime(release + 250 * NS_PER_MS))


def after(now: SimTime, seconds_later: float) -> SimTime:
    return SimTime(now + int(seconds_later * NS_PER_SECOND))


def shown(effects: Iterable[Effect]) -> list[str]:
    """Return the texts that were shown, in order; the display going off is none."""
    texts = [effect.text.strip() for effect in effects if isinstance(effect, Shown)]
    return [text for text in texts if text]


def factors(effects: Iterable[Effect]) -> list[int]:
    """Return the moving factors that were shown, in order."""
    return [
        effect.moving_factor
        for effect in effects
        if isinstance(effect, Shown) and effect.moving_factor is not None
    ]


def events(effects: Iterable[Effect]) -> list[FobEvent]:
    return [effect.event for effect in effects if isinstance(effect, Happened)]


def kept(images: dict[str, bytes], effects: Iterable[Effect]) -> dict[str, bytes]:
    """Return what the shell has kept after these effects."""
    return images | {e.key: e.image for e in effects if isinstance(e, Persist)}


def changed(model: Model | str, **tables: object) -> Model:
    """Return a model with other keys in some of its tables: changed("fob-h6", life={...})."""
    chosen = catalogue.load(model) if isinstance(model, str) else model
    news = {
        name: replace(getattr(chosen, name), **value) if isinstance(value, dict) else value
        for name, value in tables.items()
    }
    return replace(chosen, **news)  # type: ignore[arg-type]


def model_text(name: str) -> str:
    """Return the TOML of a built-in model."""
    return resources.files("firmware_model").joinpath("models", f"{name}.toml").read_text("utf-8")


def with_part(name: str, kind: str, part: str) -> Model:
    """Return a built-in model with another part in it: with_part("fob-h6", "flash", ...)."""
    text = re.sub(rf"(?m)^{kind} = .*$", f"{kind} = {part}", model_text(name), count=1)
    return catalogue.parse(text, f"{name}.toml")
