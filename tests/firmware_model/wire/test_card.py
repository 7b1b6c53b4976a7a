"""The issuer security domain's objects: literal bytes as GlobalPlatform lays them out."""

from firmware_model.wire.card import (
    CARD_RECOGNITION_DATA,
    KeyInformation,
    ProductionLifeCycle,
    SequenceCounter,
)
from firmware_model.wire.scp03_keys import TEST_KEYS
from tests.firmware_model.wire.vectors import octets


def test_card_recognition_data_tells_globalplatform_2_3_1_and_scp03_with_i_70() -> None:
    assert octets(
        "73 2F 06 07 2A 86 48 86 FC 6B 01"
        " 60 0C 06 0A 2A 86 48 86 FC 6B 02 02 03 01"
        " 63 09 06 07 2A 86 48 86 FC 6B 03"
        " 64 0B 06 09 2A 86 48 86 FC 6B 04 03 70"
    ) == CARD_RECOGNITION_DATA  # fmt: skip


def test_key_information_tells_three_aes_keys_of_the_factory_set() -> None:
    raw = octets("C0 04 01 FF 88 10 C0 04 02 FF 88 10 C0 04 03 FF 88 10")
    assert KeyInformation.of(TEST_KEYS).encode() == raw
    assert KeyInformation.decode(raw) == KeyInformation(0xFF, 16)
    for length in range(len(raw)):
        assert KeyInformation.decode(raw[:length]) is None
    assert KeyInformation.decode(raw + raw) is None


def test_the_sequence_counter_has_three_bytes() -> None:
    assert SequenceCounter(0x010203).encode() == octets("01 02 03")
    assert SequenceCounter.decode(octets("00 00 07")) == SequenceCounter(7)
    assert SequenceCounter.decode(octets("00 07")) is None


def test_production_life_cycle_data_has_42_bytes_with_the_serial_number_in_its_place() -> None:
    raw = ProductionLifeCycle(0x12345678, chip_batch=0x9ABC, fabrication_date=0x6326).encode()
    assert len(raw) == 42
    assert raw[10:18] == octets("63 26 12 34 56 78 9A BC")
    assert ProductionLifeCycle.decode(raw) is not None
    assert ProductionLifeCycle.decode(raw[:-1]) is None
