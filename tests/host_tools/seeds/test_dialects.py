"""PSKC as other programs write it: pieces, other encodings, other units, foreign keys."""

from pathlib import Path

import pytest

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import BadSeedFile, Reading, Remark, Secret, SeedEntry, entries, read
from tests.host_tools.seeds.pskc_by_hand import (
    PROFILE,
    RFC_KEY,
    RFC_SEED,
    Box,
    HandKey,
    b64,
    document,
    totp_data,
)

OCRA = HandKey(key_id="O1", algorithm=PROFILE + "ocra")


def timed(data: str = "", **changes: str) -> HandKey:
    return HandKey(algorithm=PROFILE + "totp", digits=6, data=data or totp_data(60), **changes)  # type: ignore[arg-type]


def seeds_of(path: Path, content: str | bytes) -> tuple[list[bytes], list[str], list[str]]:
    """Return seeds, faults, and all doubts and remarks of a file with `content`."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    seeds: list[bytes] = []
    faults: list[str] = []
    notes: list[str] = []
    for found in entries(Reading(path, Secret(key=RFC_KEY))):
        if isinstance(found, SeedEntry):
            notes += found.doubts
            seeds += [found.record.seed] if found.record else []
            faults += [found.fault] if found.fault else []
        elif isinstance(found, Remark):
            notes.append(found.text)
    return seeds, faults, notes


@pytest.mark.parametrize("encoding", ["Shift_JIS", "EUC-JP", "ISO-2022-JP", "UTF-16"])
def test_xml_in_another_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    text = document(HandKey(device="<Manufacturer>東京</Manufacturer>"))
    path = tmp_path / "f"
    path.write_bytes(text.replace("UTF-8", encoding).encode(encoding))
    assert [record.manufacturer for record in read(path)] == ["東京"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (document(HandKey()).replace("UTF-8", "klingon").encode(), "its encoding is unknown"),
        (document(HandKey(issuer="<Issuer>Ü</Issuer>")).encode("latin-1"), "save the file as UTF"),
        (
            document(HandKey()).replace("UTF-8", "Shift_JIS").encode() + b"\x81!",
            "its text is not cp932",
        ),
        (("\n \n" + document(HandKey())[:-30]).encode(), "line 6, column"),
    ],
)
def test_text_that_cannot_be_decoded_is_told(text: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(text)
    with pytest.raises(BadSeedFile, match=words):
        list(read(path))


@pytest.mark.parametrize("blanks", ["\n", " \r\n\t\n  "])
def test_blanks_before_the_declaration_are_passed_over(blanks: str, tmp_path: Path) -> None:
    seeds, faults, notes = seeds_of(tmp_path / "f", blanks + document(HandKey()))
    assert (seeds, faults) == ([RFC_SEED], [])
    assert notes == ["blanks stand before the XML declaration; they were passed over"]


def test_pieces_of_a_container_are_read_with_a_doubt(tmp_path: Path) -> None:
    package = HandKey().package(None)
    prefixed = package.replace("</", "</p:").replace("<", "<p:").replace("<p:/p:", "</p:")
    key = package[package.index("<Key ") : package.index("</KeyPackage>")]
    comments = "<!-- a --><!-- <KeyContainer> -->"
    for text in (package, '<?xml version="1.0"?>' + package, comments + package, prefixed, key):
        seeds, faults, notes = seeds_of(tmp_path / "f", text)
        assert (seeds, faults) == ([RFC_SEED], [])
        assert "without the KeyContainer around it" in notes[0]
    assert len(seeds_of(tmp_path / "f", package * 3)[0]) == 3


def test_a_piece_without_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("<DeviceInfo><SerialNo>A1</SerialNo></DeviceInfo>")
    with pytest.raises(BadSeedFile, match="a DeviceInfo without the KeyContainer around it holds"):
        list(read(path))


def test_comments_before_the_container_make_it_no_piece(tmp_path: Path) -> None:
    text = document(HandKey(), before="<!-- a -->", tail="<!-- b -->")
    assert seeds_of(tmp_path / "f", text) == ([RFC_SEED], [], [])


def test_tags_in_lower_case_are_read(tmp_path: Path) -> None:
    text = document(HandKey(), box=Box()).replace("KeyPackage", "keypackage")
    text = text.replace("<Secret>", "<secret>").replace("</Secret>", "</secret>")
    assert seeds_of(tmp_path / "f", text.replace("KeyContainer", "keycontainer"))[0] == [RFC_SEED]


@pytest.mark.parametrize(
    ("drift", "steps", "doubt"),
    [("-60.0", -1, "in seconds"), ("95.5", 2, "2 steps"), ("0.0", 0, ""), ("None", 0, "")],
)
def test_privacyideas_drift_is_seconds(drift: str, steps: int, doubt: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    data = totp_data(60) + f"<TimeDrift><PlainValue>{drift}</PlainValue></TimeDrift>"
    path.write_text(document(timed(data, issuer="<Issuer>privacyIDEA</Issuer>")))
    notices: list[Remark] = []
    (record,) = read(path, notice=notices.append)
    assert record.drift_steps == steps
    assert doubt in "".join(notice.text for notice in notices)
    assert bool(notices) is bool(doubt)


def test_privacyideas_press_counted_keys_lose_their_step(tmp_path: Path) -> None:
    data = "<Counter><PlainValue>7</PlainValue></Counter>"
    data += "<TimeInterval><PlainValue>0</PlainValue></TimeInterval>"
    key = HandKey(data=data, issuer="<Issuer>privacyIDEA</Issuer>")
    assert seeds_of(tmp_path / "f", document(key)) == ([RFC_SEED], [], [])


YUBICO = "<Manufacturer>Yubico</Manufacturer>"


def test_yubicos_length_counts_the_identifier(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(document(HandKey(device=YUBICO, key_id="ubhe00508326", digits=18)))
    notices: list[Remark] = []
    (record,) = read(path, notice=notices.append)
    assert record.digits == 6
    assert "counts the 12 characters of its identifier" in notices[0].text
    path.write_text(document(HandKey(device=YUBICO, key_id="508326:1", digits=6)))
    assert [record.digits for record in read(path)] == [6]


def test_a_yubikeys_key_without_algorithm_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "f"
    bare = HandKey(device=YUBICO, algorithm="", data="", key_id="508326:2")
    path.write_text(document(bare, HandKey()))
    notices: list[Remark] = []
    assert len(list(read(path, notice=notices.append))) == 1
    assert notices[0].text == "left out: a challenge-response or static key of a YubiKey"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (
            totp_data(60) + "<TimeDrift><PlainValue>-60.0</PlainValue></TimeDrift>",
            "its TimeDrift '-60.0' is no whole number, in steps of the fob's clock",
        ),
        (
            "<TimeInterval><PlainValue>1 min</PlainValue></TimeInterval>",
            "its TimeInterval '1 min' is no whole number",
        ),
        (
            "<TimeInterval><PlainValue>0</PlainValue></TimeInterval>",
            "its time step of 0 s is not within",
        ),
        (
            f"<TimeInterval><PlainValue>{'7' * 19}</PlainValue></TimeInterval>",
            "is not within 1 to 2^31-1 s",
        ),
    ],
)
def test_numbers_in_another_unit_are_refused_by_name(data: str, fault: str, tmp_path: Path) -> None:
    assert fault in seeds_of(tmp_path / "f", document(timed(data)))[1][0]


def test_a_decimal_counter_and_one_above_xs_long_are_doubted(tmp_path: Path) -> None:
    for text, value, doubt in (
        ("7.0", 7, "decimal fraction"),
        (str(2**63), 2**63, "above 2^63-1"),
        (str(2**64 - 1), 2**64 - 1, "above 2^63-1"),
    ):
        data = f"<Counter><PlainValue>{text}</PlainValue></Counter>"
        path = tmp_path / "f"
        path.write_text(document(HandKey(data=data)))
        notices: list[Remark] = []
        (record,) = read(path, notice=notices.append)
        assert record.counter == value
        assert [doubt in notice.text for notice in notices] == [True]


@pytest.mark.parametrize(
    ("plain", "fault"),
    [
        (RFC_SEED.hex(), "its PlainValue is hexadecimal, where base64 is expected"),
        (b64(RFC_SEED)[:-1], "its PlainValue is no base64"),
        ("MTIz*" + b64(RFC_SEED), "its PlainValue is no base64"),
    ],
)
def test_a_plain_value_in_another_spelling_is_refused(
    plain: str, fault: str, tmp_path: Path
) -> None:
    secret = f"<Secret><PlainValue>{plain}</PlainValue></Secret>"
    faults = seeds_of(tmp_path / "f", document(HandKey(secret=secret)))[1]
    assert len(faults) == 1
    assert fault in faults[0]


def test_foreign_keys_are_left_out_by_name_and_the_good_ones_are_read(tmp_path: Path) -> None:
    foreign = {
        PROFILE + "ocra": "an OCRA key",
        "urn:ietf:params:xml:ns:keyprov:pskc#OCRA-1:HOTP-SHA512-8:C-QN08": "an OCRA key",
        "http://www.yubico.com/#yubikey-aes": "a Yubico OTP key",
        PROFILE + "motp": "an mOTP key",
        PROFILE + "pin": "a PIN",
        "http://www.rsa.com/names/2008/04/algorithms/SecurID/SecurID-AES128": "an RSA SecurID",
    }
    keys = [HandKey(serial=f"X{at}", algorithm=uri) for at, uri in enumerate(foreign)]
    path = tmp_path / "f"
    path.write_text(document(*keys, HandKey(), box=Box()))
    notices: list[Remark] = []
    (record,) = read(path, Secret(key=RFC_KEY), notice=notices.append)
    assert record.seed == RFC_SEED
    assert [notice.where for notice in notices] == [f"key X{at}" for at in range(len(foreign))]
    for notice, what in zip(notices, foreign.values(), strict=True):
        assert notice.text.startswith(f"left out: {what}")


def test_a_file_of_foreign_keys_only_holds_no_seed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(document(OCRA, OCRA))
    with pytest.raises(BadSeedFile, match=r"left out: an OCRA key \(RFC 6287\), and 1 more"):
        list(read(path))


def test_codes_of_letters_are_refused(tmp_path: Path) -> None:
    text = document(HandKey()).replace("DECIMAL", "ALPHANUMERIC")
    assert seeds_of(tmp_path / "f", text)[1] == ["its codes are 'ALPHANUMERIC', not DECIMAL"]


def test_the_later_start_and_the_earlier_end_hold(tmp_path: Path) -> None:
    device = (
        "<StartDate>2026-01-01T00:00:00Z</StartDate><ExpiryDate>2031-06-30T00:00:00Z</ExpiryDate>"
    )
    policy = (
        "<StartDate>2026-02-01T00:00:00Z</StartDate><ExpiryDate>2031-12-31T00:00:00Z</ExpiryDate>"
    )
    path = tmp_path / "f"
    path.write_text(document(HandKey(device=device, policy=f"<Policy>{policy}</Policy>")))
    (record,) = read(path)
    assert (str(record.start_date), str(record.expiry_date)) == ("2026-02-01", "2031-06-30")


def test_an_unknown_algorithm_stays_a_fault(tmp_path: Path) -> None:
    _, faults, _ = seeds_of(tmp_path / "f", document(HandKey(algorithm="urn:x:hotp2"), HandKey()))
    assert faults == ["its algorithm 'urn:x:hotp2' is neither HOTP nor TOTP"]


def test_a_fault_of_a_key_that_is_not_wanted_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(document(HandKey(serial="A1", digits=11), HandKey(serial="A2")))
    (record,) = read(path, wanted=lambda name: name != "A1")
    assert record.serial_number == "A2"
    with pytest.raises(BadSeedFile, match="key A1: its codes have 11 digits"):
        list(read(path, wanted=lambda name: name == "A1"))


SHARED = (
    '<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc:1.0">'
    '<KeyProperties xml:id="P1" KeyAlgorithm="http://www.ietf.org/keyprov/pskc#totp">'
    '<Issuer>Bank</Issuer><Usage OTP="true"><ResponseFormat Format="DECIMAL" Length="8"/></Usage>'
    "<Data><Time><PlainValue>0</PlainValue></Time>"
    "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>"
    "<Suite><PlainValue>HMAC-SHA256</PlainValue></Suite></Data></KeyProperties>"
    "<Device><DeviceInfo><Manufacturer>Acme</Manufacturer><SerialNo>A1</SerialNo></DeviceInfo>"
    f'<Key KeyId="K1" KeyProperties="P1"><Data><Secret><PlainValue>{b64(RFC_SEED)}</PlainValue>'
    "</Secret></Data></Key></Device>"
    "<Device><DeviceInfo><SerialNo>A2</SerialNo></DeviceInfo>"
    '<Key KeyId="K2" KeyProperties="P1" KeyAlgorithm="http://www.ietf.org/keyprov/pskc#totp">'
    '<Usage OTP="true"><ResponseFormat Format="DECIMAL" Length="6"/></Usage><Data>'
    f"<Secret><PlainValue>{b64(RFC_SEED)}</PlainValue></Secret>"
    "<TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></Device></KeyContainer>"
)


def test_what_a_drafts_keys_share_holds_where_a_key_says_nothing_itself(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(SHARED)
    first, second = read(path)
    assert (first.serial_number, first.kind, first.algorithm) == ("A1", OtpKind.TOTP, Hash.SHA256)
    assert (first.digits, first.step_seconds, first.issuer) == (8, 60, "Bank")
    assert (second.digits, second.step_seconds, second.algorithm) == (6, 30, Hash.SHA256)
    path.write_text(SHARED.replace('xml:id="P1"', 'xml:id="P9"'))
    with pytest.raises(BadSeedFile, match="key A1: it refers to KeyProperties 'P1', which the fil"):
        list(read(path))


def test_data_of_unknown_meaning_is_doubted(tmp_path: Path) -> None:
    extra = totp_data(60) + "<Epoch><PlainValue>3600</PlainValue></Epoch>"
    seeds, faults, notes = seeds_of(tmp_path / "f", document(timed(extra)))
    assert (seeds, faults) == ([RFC_SEED], [])
    assert notes == ["its Data holds 'epoch', which was not heeded"]
