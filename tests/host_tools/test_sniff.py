"""What a listener between host and fob says, and what it never says."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.wire.hdlc import Frame, client_address, encode, server_address
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    PutKey,
    SecurityLevel,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import Clock, Identity, LifeCycle
from firmware_model.wire.scp03_keys import KeySet, encode_key_data
from host_tools.check import Subject
from host_tools.check.subject import SEED
from host_tools.client.ports import Port
from host_tools.sniff import Layer, Listener, Sniffed, open_host_end
from tests.token.in_process import DeviceTransport, byte_by_byte, whole

NEW_KEYS = KeySet(1, bytes([0xA1]) * 16, bytes([0xB2]) * 16, bytes([0xC3]) * 16)


class Tapped(DeviceTransport):
    """A fob on whose line somebody listens."""

    def __init__(self, cut=whole) -> None:  # type: ignore[no-untyped-def]
        super().__init__(cut=cut)
        self.listener = Listener()
        self.heard: list[Sniffed] = []

    def write(self, data: bytes) -> None:
        for piece in self._cut(data):
            self.heard += self.listener.feed(piece, from_host=True)
        super().write(data)

    def read(self, within_seconds: float) -> bytes:
        data = super().read(within_seconds)
        self.heard += self.listener.feed(data, from_host=False)
        return data

    def words(self, layer: Layer = Layer.APDU) -> list[str]:
        return [
            f"{'>' if heard.from_host else '<'} {heard}"
            for heard in self.heard
            if heard.layer is layer
        ]


@pytest.fixture(params=[whole, byte_by_byte])
def tapped(request: pytest.FixtureRequest) -> Tapped:
    return Tapped(request.param)


def subject(tapped: Tapped) -> Subject:
    return Subject(Port("tapped", tapped))


def load(fob: Subject, level: SecurityLevel) -> bytes:
    """Do everything that moves secrets; return the wrapped seed."""
    host = fob.secured(level, ISSUER_SECURITY_DOMAIN_AID)
    host.done(PutKey(host.keys.version, encode_key_data(NEW_KEYS, host.keys.dek)))
    fob.keys = type(fob.keys)("new", 1, NEW_KEYS.keys)
    host = fob.secured(level)
    host.store(Clock(1_800_000_000))
    host.store(Identity("ZZH600000001", "ZZH600000001", 20_000))
    credential = host.credential()
    host.store(credential)
    host.done(SetStatus(LifeCycle.PERSONALISED))
    return credential.wrapped_seed


def test_every_frame_and_apdu_is_told_in_words(tapped: Tapped) -> None:
    host = subject(tapped).host()
    host.clear("00 CA DF 22 00")
    host.clear("00 CA DF 28 00")
    host.clear("80 F0 80 07")
    host.link.disconnect()
    assert tapped.words() == [
        "> fob 1: SELECT the token application",
        "< fob 1: ok, this is the token application",
        "> fob 1: GET DATA model name (DF22)",
        "< fob 1: ok, text fob-h6",
        "> fob 1: GET DATA battery (DF28)",
        "< fob 1: ok, percent 100, loaded millivolts 3242, estimator charge budget",
        "> fob 1: SET STATUS personalised",
        "< fob 1: 6982 (security status not satisfied)",
    ]
    frames = tapped.words(Layer.FRAME)
    assert frames[:4] == [
        "> fob 1: connect (SNRM), sends up to 2030 and takes up to 2030 bytes a frame",
        "< fob 1: agreed (UA), sends up to 2030 and takes up to 2030 bytes a frame",
        "> fob 1: I-frame 0, expects 0, 14 bytes",
        "< fob 1: I-frame 0, expects 1, 21 bytes",
    ]
    assert frames[-2:] == ["> fob 1: disconnect (DISC)", "< fob 1: agreed (UA)"]


def test_a_list_of_objects_is_told_in_words(tapped: Tapped) -> None:
    host = subject(tapped).host()
    host.clear("00 CB 3F FF 06 5C 04 DF 22 DF 2E 00")
    host.clear("00 CB 3F FF 04 5C 02 DF 20 00")
    assert tapped.words()[2:] == [
        "> fob 1: GET DATA model name (DF22), tries left (DF2E)",
        "< fob 1: ok, model name (DF22): text fob-h6; tries left (DF2E): count 10",
        "> fob 1: GET DATA serial number (DF20)",
        "< fob 1: 6A88 (referenced data not found)",
    ]


def test_what_goes_through_a_channel_with_a_mac_only_is_told(tapped: Tapped) -> None:
    load(subject(tapped), SecurityLevel.C_MAC_R_MAC)
    words = tapped.words()
    assert "> fob 1: PUT KEY, set 01 in place of FF, keys masked, with a MAC" in words
    assert (
        "> fob 1: STORE DATA credential (FF30): slot 1, kind hotp, algorithm sha1, digits 6,"
        " wrapped seed masked, seed check 8b725b, counter 0, with a MAC" in words
    ), words
    assert "> fob 1: SET STATUS personalised, with a MAC" in words
    assert words[-1] == "< fob 1: ok, 0 bytes, with a MAC"


def test_what_goes_through_an_encrypted_channel_is_told_by_its_length(tapped: Tapped) -> None:
    load(subject(tapped), SecurityLevel.ALL)
    words = tapped.words()
    assert "> fob 1: EXTERNAL AUTHENTICATE, level 33, cryptogram masked" in words
    assert words[-2:] == [
        "> fob 1: SET STATUS personalised, 8 protected bytes",
        "< fob 1: ok, 8 protected bytes",
    ]


@pytest.mark.parametrize("level", SecurityLevel)
def test_no_secret_is_ever_told(level: SecurityLevel) -> None:
    tapped = Tapped()
    fob = subject(tapped)
    credential = fob.secured().credential()
    fob.host().clear(StoreData(credential))  # by mistake, in clear
    assert secrets_in(tapped, credential.wrapped_seed) == []
    if level is not SecurityLevel.NONE:
        wrapped = load(fob, level)
        assert secrets_in(tapped, wrapped) == []
    # Nor where somebody sends a seed as no seed ever goes.
    fob.host().clear("80 E2 90 00 1B FF30 18 8717 14" + SEED.hex() + "8000")
    assert secrets_in(tapped, b"") == []


def secrets_in(tapped: Tapped, wrapped: bytes) -> list[str]:
    said = "".join(map(str, tapped.heard)).replace(" ", "").lower()
    exchanged = [heard.raw for heard in tapped.heard if heard.layer is Layer.APDU]
    cryptograms = [raw[5:] for raw in exchanged if raw[1] == 0x82 and raw[0] == 0x84]
    secrets = [SEED, wrapped[1:], *NEW_KEYS.keys, *cryptograms]
    return [secret.hex() for secret in secrets for piece in pieces(secret) if piece.hex() in said]


def pieces(secret: bytes) -> Iterator[bytes]:
    """Yield every 6 bytes that stand together in a secret."""
    for at in range(len(secret) - 5):
        yield secret[at : at + 6]


def test_noise_damage_and_repeats_are_named() -> None:
    listener = Listener()
    good = encode(Frame(server_address(1), client_address(), 0x10, b"\x00\xca\xdf\x20\x00"))
    spoilt = good[:-2] + bytes((good[-2] ^ 1,)) + good[-1:]
    said = [str(heard) for heard in listener.feed(b"\xff" + spoilt + good + good, from_host=True)]
    assert said == [
        "no frame: wrong frame check sequence",
        "fob 1: I-frame 0, expects 0, 5 bytes",
        "fob 1: GET DATA serial number (DF20)",
        "fob 1: I-frame 0, expects 0, 5 bytes, again",
    ]


def test_a_pause_ends_a_frame_that_has_begun() -> None:
    listener = Listener()
    good = encode(Frame(server_address(1), client_address(), 0x93))
    assert listener.feed(good[:-3], from_host=True) == []
    assert [str(heard) for heard in listener.feed(b"", from_host=True)] == [
        "no frame: the rest did not come in time"
    ]
    assert [str(heard) for heard in listener.feed(good, from_host=True)] == [
        "fob 1: connect (SNRM)"
    ]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(b"\x03", b"\x21", 0x93), "whoever is there: connect (SNRM)"),
        (Frame(b"\x02\xfd", b"\x21", 0x93), "whoever is there: connect (SNRM)"),
        (Frame(b"\x02\xff", b"\x21", 0x93), "all: connect (SNRM)"),
        (Frame(b"\x06\x03", b"\x21", 0x53), "3/1: disconnect (DISC)"),
        (Frame(b"\x02\x05", b"\x21", 0x31), "fob 2: ready (RR), expects 1"),
        (Frame(b"\x02\x05", b"\x21", 0x21), "fob 2: ready (RR), expects 1, no answer wanted"),
        (Frame(b"\x02\x05", b"\x21", 0x19), "fob 2: a frame outside the profile, control field 19"),
    ],
)
def test_each_frame_has_its_words(frame: Frame, words: str) -> None:
    assert [str(heard) for heard in Listener().feed(encode(frame), from_host=True)] == [words]


@pytest.mark.parametrize(
    ("apdu", "words"),
    [
        ("00 A4 04 00 08 F0 4B 45 59 46 4F 42 02", "SELECT the activation application"),
        ("00 A4 04 00 02 3F 00", "SELECT application 3F00"),
        ("80 CA 9F 7F 00", "GET DATA production life cycle (9F7F), whole object"),
        ("00 CA FF 40 00", "GET DATA request (FF40)"),
        ("00 CA 12 34 00", "GET DATA 1234"),
        ("00 87 00 00 04 7C 02 86 00", "GENERAL AUTHENTICATE, 4 bytes"),
        ("00 C0 00 00 07", "GET RESPONSE, up to 7 bytes"),
        ("80 F0 80 7F", "SET STATUS locked"),
        ("80 E2 90 00 02 AA BB", "STORE DATA, malformed or unknown, 2 bytes"),
        ("00 01 02 03 01 FF", "command 00 01 02 03, malformed or unknown, 1 byte"),
        ("00 01 02", "no command APDU, 3 bytes"),
    ],
)
def test_each_command_has_its_words(apdu: str, words: str) -> None:
    raw = encode(Frame(server_address(1), client_address(), 0x10, bytes.fromhex(apdu)))
    _, heard = Listener().feed(raw, from_host=True)
    assert str(heard) == f"fob 1: {words}"


def test_a_host_that_does_not_read_holds_nothing_up(tmp_path: Path) -> None:
    end = open_host_end(f"pty:{tmp_path / 'tap'}")
    end.write(bytes(1 << 20))
    end.close()
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_hangs_up_in_mid_answer_leaves_room_for_the_next() -> None:
    end = open_host_end("tcp:127.0.0.1:0")
    where = ("127.0.0.1", int(end.url.rpartition(":")[2]))
    for _ in range(2):
        with socket.create_connection(where) as host:
            assert end.read(5) == b""  # the host is let in
            host.sendall(b"?")
            assert end.read(5) == b"?"
        for _ in range(3):
            end.write(b"!" * 4096)  # to nobody, and no error
        assert end.read(5) == b""  # the end of the host
    end.close()


def test_a_rejection_says_why() -> None:
    raw = encode(Frame(b"\x21", b"\x02\x03", 0x97, b"\x99\x00\x01"))
    heard = Listener().feed(raw, from_host=False)
    assert [str(one) for one in heard] == [
        "fob 1: rejected (FRMR): it does not know the control field"
    ]
