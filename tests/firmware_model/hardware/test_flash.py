"""Flash physics: bits only fall, erasing wears, a cut leaves what a cut leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.hardware.dice import Drbg
from firmware_model.hardware.flash import Flash, Page, PowerFailure
from tests.firmware_model.fobs import changed, with_part

EEPROM = with_part("fob-h6", "flash", '{ from = "mcu-eeprom", page_bytes = 512 }').flash
PROGRAM_FLASH = with_part("fob-h6", "flash", '{ from = "mcu-flash", page_bytes = 512 }').flash
WORDS = st.binary(min_size=4, max_size=4)


def fresh(part: object = EEPROM, random_seed: int = 3) -> Flash:
    return Flash.fresh(part, Drbg(random_seed))  # type: ignore[arg-type]


@given(words=st.lists(st.tuples(st.integers(0, 7), WORDS), max_size=30))
def test_programming_only_ever_clears_bits(words: list[tuple[int, bytes]]) -> None:
    flash = fresh()
    model = [b"\xff" * 4] * 8
    for place, word in words:
        flash.program(0, 4 * place, word)
        model[place] = bytes(a & b for a, b in zip(model[place], word, strict=True))
    assert flash.read(0, 0, 32) == b"".join(model)


@given(old=WORDS, new=WORDS, permille=st.integers(0, 1000), random_seed=st.integers(0, 2**32))
def test_a_cut_program_leaves_something_between_old_and_new(
    old: bytes, new: bytes, permille: int, random_seed: int
) -> None:
    flash = fresh(random_seed=random_seed)
    flash.program(0, 0, old)
    flash.arm_cut(1, permille)
    with pytest.raises(PowerFailure):
        flash.program(0, 0, new)
    left = int.from_bytes(flash.pages[0].cells[:4], "big")
    before, wanted = int.from_bytes(old, "big"), int.from_bytes(new, "big")
    assert left & ~before == 0, "a bit rose"
    assert before & wanted & ~left == 0, "a bit fell that nobody asked for"
    doubtful = flash.pages[0].weak >> 8 * (EEPROM.page_bytes - 4)
    assert doubtful & ~(before & ~wanted) == 0, "only bits under the cut are undecided"


@pytest.mark.parametrize(
    ("permille", "low", "high"), [(0, 0, 0), (500, 350, 650), (1000, 1000, 1000)]
)
def test_the_later_the_cut_the_more_bits_have_fallen(permille: int, low: int, high: int) -> None:
    fallen = 0
    for seed in range(50):
        flash = fresh(random_seed=seed)
        flash.arm_cut(1, permille)
        with pytest.raises(PowerFailure):
            flash.program(0, 0, bytes(4))
        fallen += 32 - int.from_bytes(flash.pages[0].cells[:4], "big").bit_count()
    assert low <= fallen * 1000 // (50 * 32) <= high


def test_whole_words_before_the_cut_stand_and_later_ones_are_blank() -> None:
    flash = fresh()
    flash.arm_cut(3, 500)
    with pytest.raises(PowerFailure):
        flash.program(0, 0, bytes(20))
    assert flash.read(0, 0, 8) == bytes(8)
    assert flash.read(0, 12, 8) == b"\xff" * 8


def test_undecided_bits_read_at_random_until_they_are_programmed_again() -> None:
    flash = fresh(random_seed=12)
    flash.arm_cut(1, 500)
    with pytest.raises(PowerFailure):
        flash.program(0, 0, bytes(4))
    assert flash.pages[0].weak
    assert len({flash.read(0, 0, 4) for _ in range(60)}) > 1
    flash.program(0, 0, bytes(4))
    assert {flash.read(0, 0, 4) for _ in range(20)} == {bytes(4)}


def test_a_cut_erase_is_a_mixture_and_stays_unreliable_until_a_whole_erase() -> None:
    flash = fresh()
    flash.program(0, 0, bytes(512))
    flash.arm_cut(1, 500)
    with pytest.raises(PowerFailure):
        flash.erase(0)
    page = flash.pages[0]
    ones = int.from_bytes(page.cells, "big").bit_count()
    assert 0.3 < ones / 4096 < 0.7
    assert page.unsettled
    page.weak = 0
    flash.program(0, 0, bytes(400))
    assert page.weak, "freshly programmed bits of an unsettled page are weak too"
    flash.erase(0)
    assert (page.unsettled, page.weak) == (False, 0)
    assert flash.read(0, 0, 512) == b"\xff" * 512


def test_an_eeproms_other_pages_are_untouched_by_a_cut() -> None:
    for seed in range(50):
        flash = fresh(random_seed=seed)
        flash.program(1, 0, b"\x5a" * 512)
        flash.arm_cut(1, 500)
        with pytest.raises(PowerFailure):
            flash.program(0, 0, bytes(4))
        assert flash.read(1, 0, 512) == b"\x5a" * 512


def test_program_flash_sometimes_damages_the_paired_page_and_no_other() -> None:
    hit = 0
    for seed in range(1500):
        flash = fresh(PROGRAM_FLASH, seed)
        flash.arm_cut(1, 500)
        with pytest.raises(PowerFailure):
            flash.program(0, 0, bytes(4))
        hit += flash.read(1, 0, 512) != b"\xff" * 512
        assert flash.read(2, 0, 512) == flash.read(3, 0, 512) == b"\xff" * 512
    assert 3 <= hit <= 40  # about 1 %


def test_a_page_wears_out_after_its_own_lifetime() -> None:
    part = changed("fob-h6", flash={"endurance_cycles": 10}).flash
    flash = fresh(part)
    life = flash.pages[0].life
    assert 0 <= life <= 60
    while flash.read(0, 0, part.page_bytes) == b"\xff" * part.page_bytes:
        flash.erase(0)
    assert flash.pages[0].erases == life + 1


def test_lifetimes_spread_around_three_times_the_rated_cycles() -> None:
    lives = sorted(fresh(random_seed=seed).pages[0].life for seed in range(1000))
    rated = EEPROM.endurance_cycles
    assert lives[500] == pytest.approx(3 * rated * 0.885, rel=0.05)
    assert sum(life < rated for life in lives) < 60  # Weibull, shape 3: 3.6 %


def test_even_the_weakest_page_has_some_life() -> None:
    class Worst(Drbg):
        def below(self, _bound: int) -> int:
            return 0

    flash = Flash.fresh(EEPROM, Worst(0))
    assert flash.pages[0].life == pytest.approx(3 * EEPROM.endurance_cycles * 0.037, rel=0.01)


@given(
    cells=st.binary(min_size=16, max_size=16),
    weak=st.integers(0, 2**128 - 1),
    unsettled=st.booleans(),
    counts=st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
)
def test_an_image_brings_a_page_back(
    cells: bytes, weak: int, unsettled: bool, counts: tuple[int, int]
) -> None:
    page = Page(bytearray(cells), weak=weak, erases=counts[0], unsettled=unsettled, life=counts[1])
    again = Page.restored(page.image(), 16)
    for name in Page.__slots__:
        assert getattr(again, name) == getattr(page, name)
