"""Programs we did not write talk to a running fob: DLMS/COSEM's HDLC, and a card manager's SCP03.

Each is skipped where it is not installed: `pip install dlms-cosem gurux-dlms yubikey-manager`.
"""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import TOKEN_AID, StoreData
from firmware_model.wire.objects import Clock, Identity
from host_tools.check import Subject
from host_tools.client.link import Link, open_link
from host_tools.client.ports import open_port
from tests.keyfob.cli.running import running

SELECT_TOKEN = bytes.fromhex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 00")
MODEL_NAME = bytes.fromhex("00 CA DF 22 00")
CARD_RECOGNITION_DATA = bytes.fromhex("00 CA 00 66 00")
CHUNK = 7
"""Read so few bytes at a time, to make it more interesting."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running("--model", "fob-h6", "--port", "tcp:127.0.0.1:0") as announced:
        yield announced["port"]


@pytest.fixture
def line(url: str) -> Iterator[socket.socket]:
    _, host, port = url.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def needed(module: str) -> Any:
    """Return a third party's module, or skip the test and say what it needs."""
    return pytest.importorskip(module, reason=f"needs {module.partition('.')[0]}")


class TestDlmsCosem:
    """dlms-cosem's client connection: its own frames, check sequences and state machine."""

    @pytest.fixture(params=[False, True], ids=["2 bytes", "4 bytes"])
    def connection(self, request: pytest.FixtureRequest) -> Any:
        address = needed("dlms_cosem.hdlc.address")
        client = address.HdlcAddress(16, None, "client")
        server = address.HdlcAddress(1, 1, "server", extended_addressing=request.param)
        return needed("dlms_cosem.hdlc.connection").HdlcConnection(client, server)

    def test_it_connects_asks_and_disconnects(self, connection: Any, line: socket.socket) -> None:
        frames = needed("dlms_cosem.hdlc.frames")
        client, server = connection.client_address, connection.server_address
        answer = ask(connection, line, frames.SetNormalResponseModeFrame(server, client))
        assert isinstance(answer, frames.UnNumberedAcknowledgmentFrame)
        for command, wanted in (
            (CARD_RECOGNITION_DATA, bytes.fromhex("73 2F 06 07 2A 86 48 86 FC 6B 01")),
            (SELECT_TOKEN, bytes.fromhex("6F 11 84 08 F0 4B 45 59 46 4F 42 01")),
            *[(MODEL_NAME, b"fob-h6\x90\x00")] * 10,
        ):
            frame = frames.InformationFrame(
                server,
                client,
                command,
                send_sequence_number=connection.server_ssn,
                receive_sequence_number=connection.server_rsn,
            )
            answer = ask(connection, line, frame)
            assert isinstance(answer, frames.InformationFrame)
            assert answer.payload.startswith(wanted)
            assert answer.payload.endswith(b"\x90\x00")
        answer = ask(connection, line, frames.DisconnectFrame(server, client))
        assert isinstance(answer, frames.UnNumberedAcknowledgmentFrame)


def ask(connection: Any, line: socket.socket, frame: Any) -> Any:
    """Send their frame and return the frame that they make of the answer."""
    need_data = needed("dlms_cosem.hdlc.state").NEED_DATA
    line.sendall(connection.send(frame))
    while (event := connection.next_event()) is need_data:
        data = line.recv(CHUNK)
        assert data, "the fob hung up"
        connection.receive_data(data)
    return event


class TestGurux:
    """gurux_dlms' client: SNRM with parameters, which the other one does not send."""

    def test_it_agrees_on_lengths_and_disconnects(self, line: socket.socket) -> None:
        gurux_dlms, enums = needed("gurux_dlms"), needed("gurux_dlms.enums")
        client_address, fob_1 = 16, 1 << 7 | 1
        client = gurux_dlms.GXDLMSClient(
            True, client_address, fob_1, enums.Authentication.NONE, None, enums.InterfaceType.HDLC
        )
        client.hdlcSettings.maxInfoTX = client.hdlcSettings.maxInfoRX = 500
        reply = self.exchange(gurux_dlms, client, line, client.snrmRequest())
        client.parseUAResponse(reply.data)
        assert client.hdlcSettings.maxInfoTX == client.hdlcSettings.maxInfoRX == 500
        assert client.hdlcSettings.windowSizeTX == client.hdlcSettings.windowSizeRX == 1
        reply = self.exchange(gurux_dlms, client, line, client.disconnectRequest(True))
        assert reply.complete

    @staticmethod
    def exchange(gurux_dlms: Any, client: Any, line: socket.socket, request: Any) -> Any:
        raw = request[0] if isinstance(request, list) else request
        line.sendall(bytes(raw))
        reply, received = gurux_dlms.GXReplyData(), gurux_dlms.GXByteBuffer()
        while not client.getData(received, reply):
            data = line.recv(CHUNK)
            assert data, "the fob hung up"
            received.set(data)
        return reply


class TestYubikit:
    """yubikey-manager's SCP03 host, over our link."""

    @pytest.fixture
    def card(self, url: str) -> Iterator[Any]:
        needed("yubikit.core.smartcard.scp")
        from yubikit.core import TRANSPORT
        from yubikit.core.smartcard import SmartCardConnection

        class OurLink(SmartCardConnection):  # type: ignore[misc, unused-ignore]
            def __init__(self, link: Link) -> None:
                self._link = link

            @property
            def transport(self) -> TRANSPORT:
                return TRANSPORT.USB

            def close(self) -> None:
                """The link is closed by whoever opened it."""

            def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
                answer = self._link.transceive(bytes(apdu))
                return answer[:-2], int.from_bytes(answer[-2:], "big")

        with open_link(url) as link:
            yield OurLink(link)

    def test_it_reads_which_keys_there_are(self, card: Any) -> None:
        from yubikit.core.smartcard.scp import KeyRef
        from yubikit.securitydomain import SecurityDomainSession

        found = SecurityDomainSession(card).get_key_information()
        assert found == {KeyRef(number, 0xFF): {0x88: 16} for number in (1, 2, 3)}

    @pytest.mark.parametrize("short", [True, False])
    def test_it_opens_a_channel_and_writes_and_reads_in_it(self, card: Any, short: bool) -> None:
        from yubikit.core import Version
        from yubikit.core.smartcard import ApduError, SmartCardProtocol
        from yubikit.core.smartcard.scp import Scp03KeyParams

        protocol = SmartCardProtocol(card)
        protocol.select(TOKEN_AID)
        protocol.configure(Version(5, 3, 0), force_short=short)
        protocol.init_scp(Scp03KeyParams())
        for message in (
            StoreData(Clock(1_900_000_000)),
            StoreData(Identity("ZZH600000001", "ZZH600000001", 20_000)),
        ):
            command = message.command()
            protocol.send_apdu(command.cla, command.ins, command.p1, command.p2, command.data)
        assert protocol.send_apdu(0x00, 0xCA, 0xDF, 0x20) == b"ZZH600000001"
        with pytest.raises(ApduError) as refused:
            protocol.send_apdu(0x80, 0xF0, 0x80, LifeCycle.LOCKED)
        assert refused.value.sw == 0x6985


def test_our_own_host_still_finds_the_fob_as_it_was(url: str) -> None:
    with open_port(url) as port:
        assert Subject(port).life_cycle() is LifeCycle.BLANK
