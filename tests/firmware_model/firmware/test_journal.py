"""The flash store against a plain dict: whatever is cut, it holds the entries before or after."""

from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from firmware_model.datasheet.parts import FlashPart
from firmware_model.firmware.journal import HEADER_BYTES, PAYLOAD_MAX, Journal, Mounted, WornOut
from firmware_model.hardware.dice import Drbg
from firmware_model.hardware.flash import Flash, PowerFailure
from tests.firmware_model.fobs import with_part

EEPROM = with_part("fob-h6", "flash", '{ from = "mcu-eeprom", page_bytes = 512 }').flash
PROGRAM_FLASH = with_part("fob-h6", "flash", '{ from = "mcu-flash", page_bytes = 512 }').flash
HARSH = replace(PROGRAM_FLASH, weak_permille=500, paired_page_permille=1000)
"""Every other bit under a cut stays undecided, and every cut damages the paired page."""

KEYS = st.integers(1, 6)
# Values full of blanks and zeros, and ones that look like records, are the awkward ones.
VALUES = st.one_of(
    st.binary(max_size=24),
    st.sampled_from([b"\xff" * 16, bytes(16), b"\x05\x04\xff\xff\xff\xff" * 3, b"\x00\xff" * 9]),
)
CUTS = st.tuples(st.integers(1, 80), st.integers(0, 1000))


def store_on(flash: Flash) -> Journal:
    part = flash.part
    return Journal(flash, (0, part.pages // 2), part.page_bytes, part.word_bytes)


def fresh(part: FlashPart = EEPROM, random_seed: int = 1) -> Journal:
    store = store_on(Flash.fresh(part, Drbg(random_seed)))
    store.format({1: b"made"})
    return store


class StoreAgainstDict(RuleBasedStateMachine):
    """The store must equal the dict before or after an operation that was cut, never between."""

    part = EEPROM

    def __init__(self) -> None:
        super().__init__()
        self.flash = Flash.fresh(self.part, Drbg(77))
        self.store = store_on(self.flash)
        self.store.format({1: b"made"})
        self.model: dict[int, bytes] = {1: b"made"}

    @rule(key=KEYS, value=VALUES)
    def put(self, key: int, value: bytes) -> None:
        self.store.put(key, value)
        self.model[key] = value

    @rule(key=KEYS, value=VALUES, cut=CUTS)
    def put_with_a_cut(self, key: int, value: bytes, cut: tuple[int, int]) -> None:
        self.flash.arm_cut(*cut)
        try:
            self.store.put(key, value)
        except PowerFailure:
            self._mounted_as(self.model, {**self.model, key: value})
        else:
            self.flash._cut_at = 0
            self.model[key] = value

    @rule(cut=CUTS)
    def mount_with_a_cut(self, cut: tuple[int, int]) -> None:
        self.flash.arm_cut(*cut)
        self.store = store_on(self.flash)
        try:
            assert self.store.mount() in (Mounted.GOOD, Mounted.MENDED)
        except PowerFailure:
            self._mounted_as(self.model)
        self.flash._cut_at = 0

    @rule()
    def mount(self) -> None:
        self._mounted_as(self.model)

    @rule(keep=st.sets(KEYS), cut=CUTS)
    @precondition(lambda self: len(self.model) > 3)
    def wipe_with_a_cut(self, keep: set[int], cut: tuple[int, int]) -> None:
        left = {key: value for key, value in self.model.items() if key in keep}
        wanted = tuple(sorted(keep))
        self.flash.arm_cut(*cut)
        try:
            self.store.wipe(wanted)
        except PowerFailure:
            self._mounted_as(self.model, left)
            self.store.wipe(wanted)
        self.flash._cut_at = 0
        self.model = left
        assert self.store.is_wiped(wanted)

    @invariant()
    def equals_the_dict(self) -> None:
        assert self.store.entries == self.model

    def _mounted_as(self, *permitted: dict[int, bytes]) -> None:
        self.model = settled(self.flash, list(permitted))
        self.store = store_on(self.flash)
        self.store.mount()


class StoreOnProgramFlash(StoreAgainstDict):
    part = PROGRAM_FLASH


class StoreOnHarshFlash(StoreAgainstDict):
    part = HARSH


LONG = settings(max_examples=60, stateful_step_count=30)
TestStoreAgainstDict = StoreAgainstDict.TestCase
TestStoreAgainstDict.settings = LONG
TestStoreOnProgramFlash = StoreOnProgramFlash.TestCase
TestStoreOnProgramFlash.settings = LONG
TestStoreOnHarshFlash = StoreOnHarshFlash.TestCase
TestStoreOnHarshFlash.settings = LONG


@given(values=st.lists(st.tuples(KEYS, st.binary(max_size=40)), max_size=120))
@settings(max_examples=40)
def test_pages_turn_and_every_entry_stays(values: list[tuple[int, bytes]]) -> None:
    store, model = fresh(), {1: b"made"}
    for key, value in values:
        store.put(key, value)
        model[key] = value
    assert store.entries == model
    again = store_on(store._flash)  # type: ignore[arg-type]
    again.mount()
    assert again.entries == model


INNER = fresh()._record(1, b"from within")  # a record inside a value, word by word
AWKWARD = [bytes(16), b"\xff" * 40, b"\xff\xff" + INNER + b"\xff\xff", b"\x00\x00" + INNER]


@pytest.mark.slow
@pytest.mark.parametrize("value", AWKWARD, ids=["zeros", "blanks", "a record", "another"])
@pytest.mark.parametrize("turning", [False, True], ids=["adding", "turning"])
@pytest.mark.parametrize("weak_permille", [60, 300])
def test_nothing_that_a_cut_left_comes_back_to_life(
    value: bytes, turning: bool, weak_permille: int
) -> None:
    """Cut a put near its end, then the mounting after it everywhere, then store and mount again.

    Few undecided bits are worse than many: what they spoil still reads right now and then.
    """
    part = replace(HARSH, weak_permille=weak_permille)
    for permille, chips in ((3, 160), (900, 48), (1000, 48)):
        for random_seed in range(chips):
            flash, model = nearly_full(part, random_seed, value, turning=turning)
            permitted = [dict(model), {**model, 2: value}]
            last = operations_of(part, random_seed, value, turning=turning)
            flash.arm_cut(max(1, last - random_seed // 2 % 8), permille)
            with suppress(PowerFailure):
                mounted(flash).put(2, value)
            # Each second chip is mended at once: the more readings, the sooner all is settled.
            for again in range(1, 30 if random_seed % 2 else 1):
                flash.arm_cut(again, permille)
                with suppress(PowerFailure):
                    store_on(flash).mount()
                flash._cut_at = 0
            store = mounted(flash)  # once only: each further reading might settle it
            assert store.entries in permitted
            model = dict(store.entries)
            for number in range(4):
                store.put(4, bytes((number,)) * 9)
                model[4] = bytes((number,)) * 9
                assert settled(flash, [model]) == model
                store = mounted(flash)


def nearly_full(
    part: FlashPart, random_seed: int, value: bytes, *, turning: bool
) -> tuple[Flash, dict[int, bytes]]:
    """Return a chip with a store, and what is in it; a put of `value` would turn, or not."""
    store, model = fresh(part, random_seed), {1: b"made"}
    assert isinstance(store._flash, Flash)
    while turning and store.tail + len(store._record(2, value)) <= part.page_bytes - 64:
        store.put(3, bytes(30))
        model[3] = bytes(30)
    while turning and store.tail + len(store._record(2, value)) <= part.page_bytes:
        store.put(3, b"")
        model[3] = b""
    return store._flash, model


def mounted(flash: Flash) -> Journal:
    store = store_on(flash)
    assert store.mount() in (Mounted.GOOD, Mounted.MENDED)
    return store


def operations_of(part: FlashPart, random_seed: int, value: bytes, *, turning: bool) -> int:
    """Return how many operations mounting and putting take on such a chip."""
    flash, _ = nearly_full(part, random_seed, value, turning=turning)
    before = flash.operations
    mounted(flash).put(2, value)
    return flash.operations - before


def settled(flash: Flash, permitted: list[dict[int, bytes]]) -> dict[int, bytes]:
    """Return what the store holds, which is one of those and the same at every mounting."""
    found = None
    for _ in range(4):
        store = store_on(flash)
        assert store.mount() in (Mounted.GOOD, Mounted.MENDED)
        assert store.entries in permitted
        assert found is None or store.entries == found
        found = store.entries
    assert found is not None
    return dict(found)


def test_a_blank_chip_and_a_spoilt_one_are_told_apart() -> None:
    flash = Flash.fresh(EEPROM, Drbg(1))
    assert store_on(flash).mount() is Mounted.BLANK
    flash.program(0, 100, bytes(4))
    assert store_on(flash).mount() is Mounted.LOST


def test_the_longest_entry_fits_and_a_longer_one_is_our_own_fault() -> None:
    store = fresh()
    store.put(2, bytes(PAYLOAD_MAX))
    assert store.get(2) == bytes(PAYLOAD_MAX)
    with pytest.raises(AssertionError):
        store.put(2, bytes(PAYLOAD_MAX + 1))


@dataclass
class Worn:
    """A chip whose cells no longer take a zero at some places."""

    flash: Flash
    stuck: dict[tuple[int, int], int] = field(default_factory=dict)

    def program(self, page: int, offset: int, data: bytes) -> None:
        self.flash.program(page, offset, data)

    def erase(self, page: int) -> None:
        self.flash.erase(page)

    def read(self, page: int, offset: int, length: int) -> bytes:
        data = bytearray(self.flash.read(page, offset, length))
        for (bad_page, at), value in self.stuck.items():
            if bad_page == page and offset <= at < offset + length:
                data[at - offset] = value
        return bytes(data)


def test_a_word_that_does_not_take_sends_the_store_to_the_other_bank() -> None:
    worn = Worn(Flash.fresh(EEPROM, Drbg(1)))
    store = Journal(worn, (0, 1), 512, 4)
    store.format({1: b"made"})
    worn.stuck[0, store.tail + 2] = 0x77
    store.put(2, b"value")
    assert store.active == 1
    again = Journal(worn, (0, 1), 512, 4)
    again.mount()
    assert again.entries == {1: b"made", 2: b"value"}


def test_two_worn_banks_are_told_and_the_old_entries_stay() -> None:
    worn = Worn(Flash.fresh(EEPROM, Drbg(1)))
    store = Journal(worn, (0, 1), 512, 4)
    store.format({1: b"made"})
    worn.stuck = {(0, store.tail + 2): 0x77, (1, HEADER_BYTES + 1): 0x77}
    with pytest.raises(WornOut):
        store.put(2, b"value")
    assert store.entries == {1: b"made"}


def test_a_wipe_leaves_nothing_of_what_it_does_not_keep() -> None:
    flash = Flash.fresh(EEPROM, Drbg(1))
    store = store_on(flash)
    store.format({1: b"made"})
    for number in range(60):  # both banks have held it
        store.put(2, b"a secret here" + bytes((number,)))
    store.wipe((1,))
    assert store.entries == {1: b"made"}
    assert all(b"secret" not in bytes(page.cells) for page in flash.pages)
