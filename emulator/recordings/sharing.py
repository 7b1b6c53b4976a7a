"""Whether a recording may leave the machine: every seed and key in it must be a published one.

The recording is replayed, and every flash page that it starts from, keeps or restores is searched,
replaced entries included. What cannot be searched is a reason against it too.
"""

from collections.abc import Callable, Iterator, Mapping

from emulator.recordings.reading import RecordedFob, Recording
from emulator.recordings.replay import Moment, replay
from emulator.store import FLASH
from firmware_model.catalogue import Model
from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import SLOTS_MAX, Key, credential_key, factor_key
from firmware_model.firmware.slots import seed_in
from firmware_model.hardware.flash import Page
from firmware_model.inputs import Receive, Typed
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.fob_link import LinkKind
from firmware_model.wire.hdlc import Deframer, Frame
from firmware_model.wire.messages import Instruction
from firmware_model.wire.scp03_keys import TEST_KEYS

_SLOTS = range(1, SLOTS_MAX + 1)
SEEDS = frozenset(map(credential_key, _SLOTS))
_CARD_KEYS = {Key.OATH: "an OATH access key", Key.MOLTO2: "a Molto2 key"}
_CARD_KEYS_AS_MADE = {Key.OATH: 4, Key.MOLTO2: 0}
"""How long these entries are while nobody has set a key."""
_OPEN = frozenset(Key) - SEEDS - {Key.KEY_SET, *_CARD_KEYS} | frozenset(map(factor_key, _SLOTS))
"""Numbers of entries that hold no secret, whatever a cut has left of them."""

_HARMLESS = frozenset(
    {
        None,
        Instruction.INITIALIZE_UPDATE,
        Instruction.EXTERNAL_AUTHENTICATE,
        Instruction.SELECT,
        Instruction.GET_RESPONSE,
        Instruction.GET_DATA,
        Instruction.SET_STATUS,
    }
)
"""Commands that carry no seed, key or password."""


def reasons_against_sharing(
    recording: Recording, is_published: Callable[[bytes], bool]
) -> list[str]:
    """Return why `recording` must not be shared, [] if it may be; `is_published` judges a seed.

    Raises:
        BadInput: the recording is damaged or cut short.
    """
    return list(dict.fromkeys(_reasons(recording, is_published)))


def _reasons(recording: Recording, is_published: Callable[[bytes], bool]) -> Iterator[str]:
    fobs = {fob.number: fob for fob in recording.run.fobs}
    for fob in fobs.values():
        if fob.kind.firmware is not None:
            yield f"fob {fob.number} runs a firmware of your own: no one knows where its seeds are"
        if fob.kind.place.link is not LinkKind.HDLC:
            yield f"fob {fob.number} stood in a card reader, where seeds are sent in clear"
        yield from _in_images(fob, fob.images, is_published)
    lines = {number: _RefusedCommands() for number in fobs}
    for moment in replay(recording):
        yield from _in_images(moment.fob, moment.images, is_published)
        if isinstance(moment.given, Typed):
            yield f"fob {moment.fob.number}: a start password was typed"
        if lines[moment.fob.number].refused_one(moment):
            yield (
                f"fob {moment.fob.number} refused a command that may have carried a seed:"
                " what was in it cannot be checked"
            )
        if moment.difference is not None:
            yield "it does not replay here, so not all of it can be checked"


def _in_images(
    fob: RecordedFob, images: Mapping[str, bytes], is_published: Callable[[bytes], bool]
) -> Iterator[str]:
    for key, image in images.items():
        if key.startswith(FLASH) and fob.kind.firmware is None:
            for reason in _in_page(image, fob.kind.model, is_published):
                yield f"fob {fob.number} ({fob.serial_number}) {reason}"


def _in_page(image: bytes, model: Model, is_published: Callable[[bytes], bool]) -> Iterator[str]:
    cells = bytes(Page.restored(image, model.flash.page_bytes).cells)
    for number, value in Journal.entries_in(cells, model.flash.word_bytes):
        if value is None:
            if number not in _OPEN:
                yield "has a torn entry in flash, which may be of a seed"
        elif number in SEEDS and value:
            if not is_published(seed_in(value)):
                yield "holds a seed that is no published test seed"
        elif number in _CARD_KEYS and len(value) > _CARD_KEYS_AS_MADE[Key(number)]:
            yield f"holds {_CARD_KEYS[Key(number)]}"
        elif number == Key.KEY_SET and value and value[1:] != b"".join(TEST_KEYS.keys):
            yield "has SCP03 keys that are not the public test keys"


class _RefusedCommands:
    """Follows one fob's line: what its program refused, and so did not keep in flash."""

    def __init__(self) -> None:
        self._inward, self._outward = Deframer(), Deframer()
        self._continues = False
        self._instruction: int | None = None

    def refused_one(self, moment: Moment) -> bool:
        """Return whether `moment` has the refusal of a command that may carry a seed."""
        if isinstance(moment.given, Receive):
            for frame in self._inward.feed(moment.given.data):
                if isinstance(frame, Frame) and not frame.control & 1:
                    self._take(frame)
        refused = False
        for frame in self._outward.feed(moment.sent):
            if isinstance(frame, Frame) and not frame.control & 1 and not frame.segmented:
                status = int.from_bytes(frame.information[-2:])
                done = status == StatusWord.OK or status >> 8 == 0x61
                refused |= self._instruction not in _HARMLESS and not done
                self._instruction = None
        return refused

    def _take(self, frame: Frame) -> None:
        if not self._continues:
            self._instruction = int.from_bytes(frame.information[1:2])
        self._continues = frame.segmented
