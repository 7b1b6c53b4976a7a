"""One provisioning session at level 33, byte for byte.

Origin: the cryptograms, MACs and ciphertexts were computed by a script on the key derivation, MAC
and cipher functions of yubikey-manager 5.9.2 (yubikit.core.smartcard.scp), not by our own code;
the plain APDUs are WIRE §5's.
"""

from tests.firmware_model.firmware.applications.rig import Fob

SELECT_TOKEN = (
    "00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 00",
    "6F 11 84 08 F0 4B 45 59 46 4F 42 01 A5 05 9F 65 02 00 FF 90 00",
)
INITIALIZE_UPDATE = (
    "80 50 00 00 08 11 22 33 44 55 66 77 88 00",
    # Chip ID; version FF, SCP03, i = 70; challenge; cryptogram; sequence counter.
    "00 01 02 03 04 05 06 07 08 09 FF 03 70 CB 5B 63 37 21 68 75 78"
    " 7B 85 63 B2 AA 2E D5 06 00 00 01 90 00",
)
EXTERNAL_AUTHENTICATE = (
    "84 82 33 00 10 83 26 EE BA D6 0B 5E 14 8D 14 A5 58 75 83 E5 C9",
    "90 00",
)
STORE_EXPIRY_DATE = (  # DF27 04 00004E20
    "84 E2 90 00 18 7E 63 0E CF E9 94 DE 1F 54 F2 3E A9 4C 64 57 A4 A5 41 F8 0F 0F ED BC 02",
    "0C DD 26 38 06 2C 70 B0 90 00",
)
READ_IT_WHOLE = (
    "84 CA DF 27 08 8F DD D5 8C BF 24 E7 6E 00",
    "65 BA FC 8E C3 CE 8B 4E 12 9C 1B AC 95 41 E0 3C 70 26 E6 E1 33 EC 6D 62 90 00",
)
READ_ITS_VALUE = (
    "04 CA DF 27 08 14 D8 B2 0C 5B 46 08 4B 00",
    "87 AD 04 5C BB 76 A2 3D 28 81 A2 2B 86 A0 3E 51 6D 99 AB D2 BA 10 72 65 90 00",
)
STORE_CREDENTIAL = (  # slot 1, HOTP, SHA-1, 6 digits, counter 0, RFC 4226's seed under the DEK
    "84 E2 B0 00 58 80 A0 D9 22 3A 59 D6 CC 77 02 68 C0 08 5B A2 AA 3A A5 8F 6E 5B B1 92 3C 76 B1"
    " 81 45 99 62 25 65 93 85 E0 9E 16 69 E0 69 F0 26 4F 55 2F 2A 4B A5 7B 3C D6 D7 0C D8 62 27"
    " 7A 6F D7 7A 2B 92 84 0E AC 6D 68 F7 9A 8E 91 8A D9 5C 8A 5A E9 A7 42 06 49 42 18 9C 54 23"
    " FB 37 00",
    "67 01 5B 99 51 8B 0B CC 90 00",
)
SET_STATUS_PERSONALISED = (
    "84 F0 80 07 08 79 99 0D 1E 59 CA 85 D8",
    "4E BC 14 E8 17 DE 02 A4 90 00",
)
READ_LIFE_CYCLE = (  # DF25 02 07 00
    "84 CA DF 25 08 3B 8C FE 38 21 34 F5 4D 00",
    "5A AA FF EF F1 8F 21 DF 8A 7A 7E BF E6 C9 48 63 3C 58 08 4C 28 B1 CB 32 90 00",
)

SESSION = [
    SELECT_TOKEN,
    INITIALIZE_UPDATE,
    EXTERNAL_AUTHENTICATE,
    STORE_EXPIRY_DATE,
    READ_IT_WHOLE,
    READ_ITS_VALUE,
    STORE_CREDENTIAL,
    SET_STATUS_PERSONALISED,
    READ_LIFE_CYCLE,
]


def test_a_fob_is_provisioned_byte_for_byte() -> None:
    fob = Fob()
    for command, answer in SESSION:
        assert fob.hex(command) == answer
    slot = fob.token.slots[0]
    assert slot is not None
    assert slot.code(0) == "755224"  # RFC 4226 appendix D


def test_what_was_provisioned_is_in_flash() -> None:
    fob = Fob()
    for command, _ in SESSION:
        fob.hex(command)
    fob.boot()
    fob.hex(SELECT_TOKEN[0])
    assert fob.hex("00 CA DF 25 00") == "07 00 90 00"
    assert fob.hex("00 CA DF 27 00") == "00 00 4E 20 90 00"
    assert fob.hex("00 CA FF 2B 00") == (
        "E1 1B 80 01 01 81 01 01 82 01 01 83 01 06"
        " 86 08 00 00 00 00 00 00 00 00 88 03 8B 72 5B 90 00"
    )


def test_a_recorded_session_cannot_be_played_again() -> None:
    fob = Fob()
    for command, _ in SESSION[:4]:
        fob.hex(command)
    assert fob.hex(SELECT_TOKEN[0]) == SELECT_TOKEN[1]
    assert fob.hex(INITIALIZE_UPDATE[0]) != INITIALIZE_UPDATE[1]
    assert fob.hex(EXTERNAL_AUTHENTICATE[0]) == "63 00"
    assert fob.hex(STORE_EXPIRY_DATE[0]) == "69 82"
