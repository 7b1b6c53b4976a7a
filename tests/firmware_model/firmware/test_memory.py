"""The register of stored keys: disjoint numbers, and the page that explains them."""

from pathlib import Path

from firmware_model.firmware.journal import HEADER_BYTES, MAGIC
from firmware_model.firmware.memory import FIRST_SLOTS, SLOTS_MAX, Key, credential_key, factor_key

PAGE = Path(__file__).parents[3] / "docs" / "NVM.md"


COUNTS = {
    Key.CREDENTIAL: FIRST_SLOTS,
    Key.FACTOR: FIRST_SLOTS,
    Key.FURTHER_CREDENTIAL: SLOTS_MAX - FIRST_SLOTS,
    Key.FURTHER_FACTOR: SLOTS_MAX - FIRST_SLOTS,
    Key.PROFILES: 10,
}


def numbers_of(key: Key) -> set[int]:
    return set(range(key, key + COUNTS.get(key, 1)))


def test_every_slot_has_numbers_of_its_own_and_in_the_register() -> None:
    slots = range(1, SLOTS_MAX + 1)
    assert {credential_key(slot) for slot in slots} == numbers_of(Key.CREDENTIAL) | numbers_of(
        Key.FURTHER_CREDENTIAL
    )
    assert {factor_key(slot) for slot in slots} == numbers_of(Key.FACTOR) | numbers_of(
        Key.FURTHER_FACTOR
    )


def test_no_number_is_used_twice_and_none_reads_as_blank_or_void() -> None:
    taken: set[int] = {0x00, 0xFF}
    for key in Key:
        assert taken.isdisjoint(numbers_of(key)), key.name
        taken |= numbers_of(key)


def test_the_page_lists_every_key_by_its_number_and_no_other() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    listed = {
        row[1]: int(row[0].removeprefix("| ").split(" to ")[0], 16)
        for row in rows
        if len(row) == 4 and row[1].isupper()
    }
    assert listed == {key.name: key.value for key in Key}


def test_the_page_shows_the_header_as_it_is() -> None:
    text = PAGE.read_text("utf-8")
    assert f"`{MAGIC.hex(' ').upper()}`" in text
    assert HEADER_BYTES == 16
