"""A program we did not write opens our channels: yubikey-manager's SCP03 host.

Skipped where it is not installed (`pip install yubikey-manager`).
"""

import pytest

from firmware_model.generators import Hash, OtpKind
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import TOKEN_AID
from tests.firmware_model.firmware.applications.rig import (
    NOW,
    Fob,
    hotp_credential,
    identity,
    totp_credential,
)

pytest.importorskip("yubikit.securitydomain")

from yubikit.core import TRANSPORT, Version
from yubikit.core.smartcard import ApduError, SmartCardConnection, SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys
from yubikit.securitydomain import SecurityDomainSession

SCP03 = 0x01
OLD = Scp03KeyParams()
FRESH = StaticKeys(bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))


class Wire(SmartCardConnection):  # type: ignore[misc, unused-ignore]
    """What their library takes for a card reader."""

    def __init__(self, fob: Fob) -> None:
        self._fob = fob

    @property
    def transport(self) -> TRANSPORT:
        return TRANSPORT.USB

    def close(self) -> None:
        """Nothing to close."""

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        answer = self._fob.applications.transact(bytes(apdu))
        return answer[:-2], int.from_bytes(answer[-2:], "big")


def token_protocol(fob: Fob, *, short: bool) -> SmartCardProtocol:
    protocol = SmartCardProtocol(Wire(fob))
    protocol.select(TOKEN_AID)
    protocol.configure(Version(5, 3, 0), force_short=short)
    protocol.init_scp(OLD)
    return protocol


def test_it_reads_what_the_card_is_and_which_keys_it_has() -> None:
    session = SecurityDomainSession(Wire(Fob()))
    assert session.get_card_recognition_data().startswith(bytes.fromhex("06072A864886FC6B01"))
    assert session.get_key_information() == {
        KeyRef(number, 0xFF): {0x88: 16} for number in (1, 2, 3)
    }


def test_it_opens_a_channel_at_level_33_replaces_the_keys_and_opens_another() -> None:
    fob = Fob()
    session = SecurityDomainSession(Wire(fob))
    session.authenticate(OLD)
    session.put_key(KeyRef(SCP03, 0x31), FRESH)
    assert session.get_key_information()[KeyRef(SCP03, 0x31)] == {0x88: 16}
    fob.boot()
    again = SecurityDomainSession(Wire(fob))
    with pytest.raises(ValueError, match="Incorrect SCP parameters"):
        again.authenticate(OLD)  # version 00 is the new set now, their keys are the old ones
    again.authenticate(Scp03KeyParams(KeyRef(SCP03, 0x31), FRESH))
    assert again.get_card_recognition_data()


@pytest.mark.parametrize("short", [True, False])
def test_it_provisions_a_fob(short: bool) -> None:
    fob = Fob()
    protocol = token_protocol(fob, short=short)
    clock = bytes.fromhex("DF29 09") + NOW.to_bytes(8, "big") + b"\x01"
    protocol.send_apdu(0x80, 0xE2, 0x90, 0x00, clock)
    for command in (identity().command(), hotp_credential().command()):
        protocol.send_apdu(command.cla, command.ins, command.p1, command.p2, command.data)
    protocol.send_apdu(0x80, 0xF0, 0x80, LifeCycle.PERSONALISED)
    assert protocol.send_apdu(0x00, 0xCA, 0xDF, 0x25) == bytes.fromhex("07 00")
    assert protocol.send_apdu(0x80, 0xCA, 0xDF, 0x25) == bytes.fromhex("DF 25 02 07 00")
    slot = fob.token.slots[0]
    assert slot is not None
    assert (slot.kind, slot.algorithm, slot.code(0)) == (OtpKind.HOTP, Hash.SHA1, "755224")


def test_it_reads_a_long_answer_in_parts_in_mid_channel() -> None:
    fob = Fob("fob-t60", slots=16)
    protocol = token_protocol(fob, short=True)
    for number in range(1, 8):
        command = totp_credential(number).command()
        protocol.send_apdu(command.cla, command.ins, command.p1, command.p2, command.data)
    assert len(protocol.send_apdu(0x00, 0xCA, 0xFF, 0x2B)) == 290
    assert protocol.send_apdu(0x00, 0xCA, 0xDF, 0x25) == bytes.fromhex("01 00")


def test_it_is_refused_with_wrong_keys_and_blocked_in_the_end() -> None:
    fob = Fob()
    protocol = SmartCardProtocol(Wire(fob))
    protocol.select(TOKEN_AID)
    for _ in range(10):
        protocol.send_apdu(0x80, 0x50, 0x00, 0x00, bytes(8))
        with pytest.raises(ApduError) as refused:
            protocol.send_apdu(0x84, 0x82, 0x33, 0x00, bytes(16))
        assert refused.value.sw == 0x6300
    with pytest.raises(ApduError) as blocked:
        protocol.send_apdu(0x80, 0x50, 0x00, 0x00, bytes(8))
    assert blocked.value.sw == 0x6983
