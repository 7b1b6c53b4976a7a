"""`pcsc:READER` without a reader: which one is meant, and what is said where it fails."""

import re
import sys

import pytest

from firmware_model.errors import BadInput, InUse, KeyfobError, NoAnswer, PortUnavailable
from host_tools.client.card_link import CardLink, _chosen, open_card
from host_tools.client.ports import open_port
from host_tools.client.session import TokenSession

NAMES = ["Yubico YubiKey CCID 00 00", "TOKEN2 Molto2 01 00", "TOKEN2 Molto2 02 00"]


@pytest.mark.parametrize(
    ("wanted", "found"), [("pcsc:yubikey", NAMES[0]), ("pcsc:TOKEN2 Molto2 01 00", NAMES[1])]
)
def test_a_reader_is_named_by_its_name_or_a_part_that_only_it_has(wanted: str, found: str) -> None:
    assert _chosen(wanted, NAMES) == found


@pytest.mark.parametrize(
    ("wanted", "names", "said"),
    [
        ("pcsc:molto", NAMES, "names 2 readers: 'TOKEN2 Molto2 01 00', 'TOKEN2 Molto2 02 00'"),
        ("pcsc:", NAMES, "names 3 readers"),
        ("pcsc:nitrokey", NAMES[:1], "no such reader; those of this machine: 'Yubico YubiKey"),
        ("pcsc:nitrokey", [], "those of this machine: none"),
    ],
)
def test_a_name_that_is_none_or_several_is_told(wanted: str, names: list[str], said: str) -> None:
    with pytest.raises((BadInput, PortUnavailable), match=re.escape(said)):
        _chosen(wanted, names)


def test_without_pyscard_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    monkeypatch.setitem(sys.modules, "smartcard.System", None)
    with pytest.raises(BadInput, match=re.escape("pip install 'keyfob[pcsc]'")):
        open_card("pcsc:any")


def test_what_needs_a_line_says_so() -> None:
    with pytest.raises(BadInput, match="carries APDUs alone"):
        open_port("pcsc:any")


def test_the_line_of_a_reader_is_not_a_hosts_port() -> None:
    with pytest.raises(BadInput, match="line of a card reader: give pcsc:READER"):
        open_port("pty:./fob0,link=ccid")


class NoCardException(Exception):  # noqa: N818 - pyscard's name
    """As pyscard raises it."""


class SharingViolation(Exception):  # noqa: N818 - as above
    """As pyscard raises it: Windows' and pcsc-lite's number, which is negative there."""

    hresult = 0x8010000B - (1 << 32)


class Connection:
    """Answers with what it is given, in pyscard's form; raises what is an error."""

    def __init__(self, *answers: tuple[list[int], int, int] | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[str] = []
        self.is_open = False

    def connect(self) -> None:
        self.is_open = True
        if self.answers and isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)  # type: ignore[misc]

    def transmit(self, apdu: list[int]) -> tuple[list[int], int, int]:
        self.sent.append(bytes(apdu).hex(" ").upper())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def disconnect(self) -> None:
        self.is_open = False


def linked(*answers: tuple[list[int], int, int] | Exception) -> tuple[CardLink, Connection]:
    connection = Connection(*answers)
    link = CardLink("pcsc:any", connection)
    link.connect()
    return link, connection


def test_an_answer_in_parts_is_fetched_and_given_as_one() -> None:
    link, connection = linked(([1, 2], 0x61, 2), ([3, 4], 0x90, 0))
    assert link.transceive(bytes.fromhex("00 CA DF 20 00")) == bytes((1, 2, 3, 4, 0x90, 0))
    assert connection.sent == ["00 CA DF 20 00", "00 C0 00 00 02"]


def test_a_session_goes_over_a_reader_as_over_a_line() -> None:
    select = "6F 0F 84 08 F0 4B 45 59 46 4F 42 01 A5 03 9F 65 00"
    link, connection = linked((list(bytes.fromhex(select)), 0x90, 0))
    with TokenSession(link) as session:
        assert session.select().aid == bytes.fromhex("F0 4B 45 59 46 4F 42 01")
    assert not connection.is_open


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (NoCardException(), NoAnswer, "no card is in the reader"),
        (SharingViolation(), InUse, "in use by another program"),
        (RuntimeError("00 A4 secret"), NoAnswer, "the card does not answer (RuntimeError)"),
    ],
)
def test_errors_of_the_service_are_ours(
    error: Exception, kind: type[KeyfobError], said: str
) -> None:
    with pytest.raises(kind, match=re.escape(said)):
        linked(error)
    link, _ = linked(([], 0x90, 0))
    link._connection = Connection(error)
    with pytest.raises(kind, match=re.escape(said)) as raised:
        link.transceive(b"\x00\xa4\x04\x00")
    assert "secret" not in str(raised.value)


def test_a_closed_link_says_so() -> None:
    link, _ = linked()
    link.close()
    link.close()
    with pytest.raises(NoAnswer, match="not connected"):
        link.transceive(b"\x00\xa4\x04\x00")
