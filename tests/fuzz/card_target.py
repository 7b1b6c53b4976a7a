"""A fob in a card reader that gets anything: bytes, frames, blocks, commands of every application.

Whatever comes, the reader answers each whole frame with its echo and at most one more, never holds
more than one, and after a power on the fob is there.
"""

from functools import cache

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Transmit
from firmware_model.inputs import ContactMoved, Receive, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, seconds
from firmware_model.wire.ccid import (
    DATA_BYTES_MAX,
    HEAD_BYTES,
    Found,
    ReaderDeframer,
    ReaderFrame,
    ReaderMessageKind,
)
from firmware_model.wire.ccid_reader import CcidReader
from firmware_model.wire.fob_link import LinePlace, LinkKind
from firmware_model.wire.t1 import BlockDamage, BlockKind, Supervision, T1Block, decode
from firmware_model.wire.t1_card import COMMAND_BYTES_MAX
from tests.firmware_model.fobs import CHIP_ID, program_of
from tests.fuzz.script import Script

ACTS_MAX = 40
NOW = seconds(1_800_000_000)
PLACE = LinePlace(link=LinkKind.CCID)
SELECTS = [
    bytes.fromhex(f"00 A4 04 00 {name}")
    for name in ("07 A0 00 00 05 27 21 01", "08 A0 00 00 05 27 47 11 17", "08 F04B4559464F4201")
]
INSTRUCTIONS = bytes.fromhex(
    "01 02 03 04 05 A1 A2 A3 A4 A5 1D 41 4B 56 C5 CE D4 D5 D7 D8 E6 CA C0 50"
)


class ReaderWorld:
    """One fob in a reader, and a host that may break every rule."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.now = NOW
        self.number = 0
        self.give(Reset())

    def give(self, given: object, after_ns: int = NS_PER_MS) -> list[ReaderFrame]:
        """Let time pass and give the fob something; return the frames it sends."""
        self.now = SimTime(self.now + after_ns)
        effects = self.device.handle(given, self.now)  # type: ignore[arg-type]
        data = b"".join(effect.data for effect in effects if isinstance(effect, Transmit))
        deframer = ReaderDeframer()
        found = deframer.feed(data)
        assert Found.DAMAGED not in found, "the reader sent no good frame"
        assert not deframer.is_waiting, "the reader sent a part of a frame"
        return [one for one in found if isinstance(one, ReaderFrame)]

    def ask(self, frame: ReaderFrame) -> ReaderFrame | None:
        """Send a frame; return its answer, which comes after its echo."""
        answers = self.give(Receive(frame.encode()))
        assert len(answers) <= 3, "an echo, an answer, and at most one that a time-out brought"
        return answers[-1] if len(answers) > 1 else None

    def block(self, raw: bytes) -> T1Block | BlockDamage | None:
        answer = self.ask(ReaderFrame(ReaderMessageKind.TRANSFER, 0, 0, data=raw))
        if answer is None or answer.kind != ReaderMessageKind.DATA or not answer.data:
            return None
        found = decode(answer.data)
        if answer.data == raw and raw[:1] == b"\xff":
            return None  # a PPS request comes back as it went
        assert isinstance(found, T1Block), "the card sent no good block"
        assert len(found.information) <= 254
        return found

    def command(self, apdu: bytes) -> None:
        found = self.block(T1Block(BlockKind.I, apdu[:254], number=self.number).encode())
        self.number ^= 1
        for _ in range(40):
            if not isinstance(found, T1Block):
                return
            if found.kind is BlockKind.I and found.more:
                found = self.block(T1Block(BlockKind.R, number=found.number ^ 1).encode())
            else:
                return

    def power_on(self) -> bool:
        self.number = 0
        answer = self.ask(ReaderFrame(ReaderMessageKind.POWER_ON, 0, 0))
        return answer is not None and answer.data == bytes.fromhex(self.device.model.card.atr)  # type: ignore[union-attr]

    def check(self) -> None:
        link = program_of(self.device).line._link
        if link is not None:
            assert isinstance(link, CcidReader)
            assert len(link._deframer._held) <= HEAD_BYTES + DATA_BYTES_MAX + 2
            assert link._card is None or len(link._card._assembled) <= COMMAND_BYTES_MAX
        self.give(Wake(), 2 * NS_PER_SECOND)
        assert self.power_on(), "the fob is not there any more"


def one_input(data: bytes) -> None:
    """Do what `data` says."""
    script = Script(data)
    names = ("ykoath", "molto2")
    world = ReaderWorld(_fob(names[script.byte() % len(names)]))
    world.power_on()
    for _ in range(ACTS_MAX):
        if script.is_over:
            break
        _ACTS[script.byte() % len(_ACTS)](world, script)
    world.check()


def _raw(world: ReaderWorld, script: Script) -> None:
    world.give(Receive(script.piece()))


def _frame(world: ReaderWorld, script: Script) -> None:
    kind, slot, specific = script.byte(), script.byte() & 1, script.take(3).ljust(3, b"\0")
    world.ask(ReaderFrame(kind, slot, 0, specific, script.piece()))


def _block(world: ReaderWorld, script: Script) -> None:
    raw = script.piece()
    check = 0
    for byte in raw:
        check ^= byte
    world.block(raw + bytes((check,)))


def _chain(world: ReaderWorld, script: Script) -> None:
    piece = script.piece()[:254]
    world.block(T1Block(BlockKind.I, piece, number=world.number, more=True).encode())
    world.number ^= 1


def _supervise(world: ReaderWorld, script: Script) -> None:
    about = tuple(Supervision)[script.byte() % 4]
    kind = (BlockKind.S_REQUEST, BlockKind.S_RESPONSE)[script.byte() % 2]
    world.block(T1Block(kind, script.take(script.byte() % 2), about=about).encode())


def _command(world: ReaderWorld, script: Script) -> None:
    cla, ins = (
        (0x00, 0x80, 0x84)[script.byte() % 3],
        INSTRUCTIONS[script.byte() % len(INSTRUCTIONS)],
    )
    data = script.piece()[:200]
    world.command(bytes((cla, ins)) + script.take(2).ljust(2, b"\0") + bytes((len(data),)) + data)


def _select(world: ReaderWorld, script: Script) -> None:
    world.command(SELECTS[script.byte() % len(SELECTS)])


def _wait(world: ReaderWorld, script: Script) -> None:
    world.give(Wake(), script.byte() * 10 * NS_PER_MS)


def _press(world: ReaderWorld, script: Script) -> None:
    world.give(ContactMoved(closed=True))
    world.give(ContactMoved(closed=False), (1 + script.byte()) * 10 * NS_PER_MS)
    world.give(Wake(), 300 * NS_PER_MS)


def _power(world: ReaderWorld, script: Script) -> None:
    if script.byte() % 2:
        world.power_on()
    else:
        world.ask(ReaderFrame(ReaderMessageKind.POWER_OFF, 0, 0))


_ACTS = (_raw, _frame, _block, _chain, _supervise, _command, _select, _wait, _press, _power)


@cache
def _images(name: str) -> dict[str, bytes]:
    model = catalogue.load(name)
    return Device.manufacture(model, chip_id=CHIP_ID, random_seed=1, now=NOW, place=PLACE).images()


def _fob(name: str) -> Device:
    return Device.restore(catalogue.load(name), _images(name), place=PLACE)
