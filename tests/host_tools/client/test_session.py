"""The typed session against real fobs: clear, inside a channel, and with an enemy on the line."""

from collections.abc import Callable, Iterator

import pytest

from firmware_model.errors import BadAnswer, BadInput, Refused
from firmware_model.generators import OtpKind
from firmware_model.wire.messages import ISSUER_SECURITY_DOMAIN_AID
from firmware_model.wire.objects import (
    BatteryReading,
    Clock,
    CredentialObject,
    ExpiryDate,
    LifeCycle,
    LifeCycleStatus,
    ModelName,
    SerialNumber,
    TriesLeft,
)
from firmware_model.wire.scp03_keys import KeySet
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.link import Link, open_link
from host_tools.client.session import TokenSession, open_session
from host_tools.seeds.record import SeedRecord
from tests.keyfob.cli.running import running

NEW_KEYS = FobKeys("new keys", 1, (b"\x01" * 32, b"\x02" * 32, b"\x03" * 32))
RECORD = SeedRecord(
    serial_number="ZZT600000001",
    credential_id="ZZT600000001",
    seed=b"12345678901234567890",  # RFC 6238 Appendix B
    kind=OtpKind.TOTP,
)


FOBS = 40
"""One for each test, parametrised ones too, and some to spare."""


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[str]]:
    port = f"pty:{tmp_path_factory.mktemp('fobs') / 'fob{n}'}"
    rack = ("--model", "fob-t60", "--count", str(FOBS), "--port", port, "--time", "frozen")
    with running(*rack) as announced:
        yield iter(announced["ports"])


@pytest.fixture
def url(urls: Iterator[str]) -> str:
    """A fresh fob, alone on its line."""
    return next(urls)


@pytest.fixture
def session(url: str) -> Iterator[TokenSession]:
    with open_session(url) as opened:
        yield opened


def test_objects_are_read_as_values_and_absent_ones_as_none(session: TokenSession) -> None:
    assert session.get(ModelName) == ModelName("fob-t60")
    assert session.get(SerialNumber) is None
    battery = session.get(BatteryReading)
    assert battery is not None
    assert battery.percent == 100


def test_several_objects_are_read_in_one_exchange(session: TokenSession) -> None:
    sent = count_exchanges(session)
    told = session.get_all(ModelName, SerialNumber, TriesLeft)
    assert told.get(ModelName) == ModelName("fob-t60")
    assert told.get(SerialNumber) is None
    assert told.get(TriesLeft) == TriesLeft(10)
    assert len(sent) == 1
    assert session.get_all(SerialNumber).get(SerialNumber) is None


def test_a_fob_without_lists_is_asked_one_by_one_from_then_on(session: TokenSession) -> None:
    sent = count_exchanges(session, refuse=b"\x00\xcb")
    for _ in range(2):
        told = session.get_all(ModelName, SerialNumber)
        assert told.get(ModelName) == ModelName("fob-t60")
        assert told.get(SerialNumber) is None
    assert [command[:2].hex() for command in sent] == ["00cb", *["00ca"] * 4]


@pytest.mark.parametrize("answer", ["DF220141 9000", "DF2E02 0A0A 9000", "DF2E01 9000", "9000"])
def test_an_answer_that_is_no_list_of_what_was_asked_for_is_named(
    session: TokenSession, answer: str
) -> None:
    session.link.transceive = lambda apdu: bytes.fromhex(answer)  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="the fob's answer is not"):
        session.get_all(TriesLeft)


def count_exchanges(session: TokenSession, refuse: bytes = b"none") -> list[bytes]:
    """Note what goes over the link from now on; answer 6D00 to what begins with `refuse`."""
    sent: list[bytes] = []
    transceive = session.link.transceive

    def noted(apdu: bytes) -> bytes:
        sent.append(apdu)
        return b"\x6d\x00" if apdu.startswith(refuse) else transceive(apdu)

    session.link.transceive = noted  # type: ignore[method-assign]
    return sent


def test_writing_without_a_channel_is_refused_in_words(session: TokenSession, url: str) -> None:
    with pytest.raises(Refused) as caught:
        session.store(Clock(1_800_000_000))
    assert caught.value.status == 0x6982
    assert str(caught.value) == (
        f"{url}, address 1: the fob refused to take its clock: 6982 (security status not satisfied)"
    )


def test_inside_a_channel_the_same_objects_are_read_and_more_is_written(
    session: TokenSession,
) -> None:
    chip_id = session.open_channel(TEST_KEYS)
    assert len(chip_id) == 10
    assert session.get(ModelName) == ModelName("fob-t60")
    session.store(Clock(1_800_000_000))
    session.store(ExpiryDate(30_000))
    clock = session.get(Clock)
    assert clock is not None
    assert clock.valid
    assert 0 <= clock.unix_seconds - 1_800_000_000 <= 1
    assert session.get(ExpiryDate) == ExpiryDate(30_000)


def test_selecting_again_ends_the_channel(session: TokenSession) -> None:
    session.open_channel(TEST_KEYS)
    session.select()
    with pytest.raises(Refused) as caught:
        session.set_life_cycle(LifeCycle.PERSONALISED)
    assert caught.value.status == 0x6982


def test_another_host_ends_the_channel_of_the_one_before(url: str) -> None:
    with open_session(url) as first:
        first.open_channel(TEST_KEYS)
    with open_session(url) as second, pytest.raises(Refused):
        second.store(Clock(1_800_000_000))


def test_keys_are_replaced_and_the_old_ones_no_longer_open(url: str) -> None:
    new = NEW_KEYS.keys
    assert new is not None
    with open_session(url) as session:
        session.select(ISSUER_SECURITY_DOMAIN_AID)
        session.open_channel(TEST_KEYS)
        session.put_keys(KeySet(1, *new))
    with open_session(url) as session:
        session.open_channel(NEW_KEYS)
        session.store(Clock(1_800_000_000))
    with open_session(url) as session, pytest.raises((Refused, BadInput)):
        session.open_channel(TEST_KEYS)


def test_wrong_keys_are_told_from_the_fobs_cryptogram_without_a_try(
    session: TokenSession, url: str
) -> None:
    wrong = FobKeys("wrong.keys", 0, (bytes(16),) * 3)
    with pytest.raises(BadInput) as caught:
        session.open_channel(wrong)
    assert str(caught.value) == (
        f"{url}, address 1: the fob has other keys than wrong.keys; no try was spent, 10 are left"
    )
    assert session.get(TriesLeft) == TriesLeft(10)


def test_a_value_that_does_not_fit_is_named_before_anything_is_sent(session: TokenSession) -> None:
    session.open_channel(TEST_KEYS)
    with pytest.raises(BadInput, match=r"^the clock does not fit into the fob"):
        session.store(Clock(-1))
    assert session.get(ModelName) == ModelName("fob-t60")


def test_a_credential_goes_in_wrapped_and_is_never_seen_on_the_line(url: str) -> None:
    with Eavesdropped(open_link(url)) as link:
        session = TokenSession(link)
        session.select()
        session.open_channel(TEST_KEYS)
        session.load_credential(1, RECORD)
    assert RECORD.seed not in b"".join(link.heard)


class Eavesdropped(Link):
    """A link on which an enemy hears everything and may change an answer."""

    def __init__(self, link: Link, change: Callable[[bytes], bytes] = bytes) -> None:
        self.__dict__.update(link.__dict__)
        self.heard: list[bytes] = []
        self.change = change

    def transceive(self, apdu: bytes) -> bytes:
        answer = self.change(super().transceive(apdu))
        self.heard += [apdu, answer]
        return answer


@pytest.mark.parametrize("place", [0, 7, -3])
def test_a_changed_answer_inside_a_channel_is_noticed_and_ends_it(url: str, place: int) -> None:
    def flip(answer: bytes) -> bytes:
        changed = bytearray(answer)
        changed[place] ^= 1
        return bytes(changed)

    with Eavesdropped(open_link(url)) as link:
        session = TokenSession(link)
        session.select()
        session.open_channel(TEST_KEYS)
        link.change = flip
        with pytest.raises(BadAnswer, match="MAC of the fob's answer is wrong"):
            session.get(LifeCycleStatus)
        link.change = bytes
        with pytest.raises(Refused):
            session.store(Clock(1_800_000_000))


@pytest.mark.parametrize("answer", [b"", b"\x90", b"\x01\x02\x90\x00", bytes(300) + b"\x90\x00"])
def test_an_answer_that_cannot_be_is_named(url: str, answer: bytes) -> None:
    with Eavesdropped(open_link(url)) as link:
        session = TokenSession(link)
        session.select()
        link.change = lambda _: answer
        with pytest.raises(BadAnswer, match="is this a keyfob"):
            session.get(BatteryReading)


def test_a_wrong_length_is_asked_again_with_the_right_one(url: str) -> None:
    with Eavesdropped(open_link(url)) as link:
        session = TokenSession(link)
        session.select()
        answers = iter([b"\x6c\x07"])
        link.change = lambda answer: next(answers, answer)
        assert session.get(ModelName) == ModelName("fob-t60")
    assert link.heard[-2] == bytes.fromhex("00 CA DF 22 07")


def test_no_seed_shows_in_a_credentials_repr() -> None:
    shown = repr(
        CredentialObject(
            slot=1,
            kind=OtpKind.HOTP,
            algorithm=RECORD.algorithm,
            digits=6,
            wrapped_seed=RECORD.seed,
            seed_check=bytes(3),
            counter=0,
        )
    )
    assert "1234567890" not in shown
