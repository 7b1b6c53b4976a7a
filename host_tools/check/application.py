"""What a fob promises of its application layer and its objects: WIRE §3 to §6."""

from firmware_model.wire import tlv
from firmware_model.wire.apdu import Command
from firmware_model.wire.card import (
    CARD_RECOGNITION_DATA,
    CardTag,
    KeyInformation,
    ProductionLifeCycle,
    SequenceCounter,
)
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    FciTemplate,
    GetData,
    GetDataList,
    Select,
)
from firmware_model.wire.objects import (
    READABLE,
    ChipId,
    LifeCycleStatus,
    SelfTestResult,
    Tag,
)
from host_tools.check.declared import Area
from host_tools.check.findings import Disagreement, Unfit, expect, expect_status, require
from host_tools.check.subject import Subject

APPLICATION = Area("application")

MAY_BE_MISSING = {Tag.SERIAL_NUMBER, Tag.CREDENTIAL_ID, Tag.EXPIRY_DATE, Tag.BATTERY}
ALWAYS_THERE = frozenset(READABLE) - MAY_BE_MISSING
"""The objects that every fob has; others may never have been set, and an app has no battery."""

UNKNOWN_TAG = 0xDF7F
WRITTEN_ONLY = (Tag.CREDENTIAL, Tag.IDENTITY)
ODD_COMMANDS = {
    "00 CA DF 22 05 01 02": 0x6700,  # Lc says more than comes
    "00 CA DF": 0x6700,
    "01 CA DF 22 00": 0x6881,
    "43 CA DF 22 00": 0x6881,
    "10 CA DF 22 00": 0x6884,
    "0C CA DF 22 00": 0x6882,
    "20 CA DF 22 00": 0x6E00,
    "FF CA DF 22 00": 0x6E00,
    "00 F0 80 07": 0x6E00,
    "00 01 00 00": 0x6D00,
    "80 D8 00 81": 0x6D00,  # PUT KEY is the issuer security domain's
    "00 CA 12 34 00": 0x6A88,
    "00 A4 00 00 02 3F 00": 0x6A86,
    "00 A4 04 00 05 A0 00 00 00 99": 0x6A82,
    "00 C0 00 00 00": 0x6985,
    "80 50 00 01 08 00 00 00 00 00 00 00 00": 0x6A86,
    "80 50 00 00 07 00 00 00 00 00 00 00": 0x6700,
}
"""Commands that every fob refuses while its token application is selected, and with what."""


@APPLICATION.check("WIRE §3")
def selecting(fob: Subject) -> None:
    """Both applications are selected by name or its beginning, and name themselves."""
    host = fob.host(aid=None)
    for aid in (TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID):
        for name in (aid, aid[:5]):
            answer = host.clear(Select(name))
            expect_status(answer.status, 0x9000, f"SELECT {name.hex().upper()}")
            template = FciTemplate.decode(answer.data)
            expect(template and template.aid, aid, "the AID in the answer")


@APPLICATION.check("WIRE §5")
def every_object(fob: Subject) -> None:
    """Every object is there, or may be absent, and is laid out as declared."""
    fob.must_live()
    host = fob.host()
    for tag, kind in READABLE.items():
        answer = host.clear(GetData(tag))
        if answer.status == 0x6A88 and tag not in ALWAYS_THERE:
            continue
        expect_status(answer.status, 0x9000, f"GET DATA {tag:04X}")
        if kind.decode(answer.data) is None:
            raise Disagreement(f"object {tag:04X} is not laid out as declared")


@APPLICATION.check("WIRE §4")
def value_and_whole_object(fob: Subject) -> None:
    """GET DATA gives the value with class 00 and the whole object with class 80."""
    host = fob.host()
    value = host.clear(GetData(Tag.MODEL_NAME)).data
    whole = host.clear(GetData(Tag.MODEL_NAME, whole=True)).data
    expect(whole, tlv.encode(Tag.MODEL_NAME, value), "the whole object")


@APPLICATION.check("WIRE §4")
def a_list_of_objects(fob: Subject) -> None:
    """A tag list gives whole objects in the order asked for, and leaves out what is not there."""
    fob.must_live()
    host = fob.host()
    answer = host.clear(GetDataList((Tag.MODEL_NAME, UNKNOWN_TAG, Tag.CHIP_ID)))
    if answer.status == 0x6D00:
        raise Unfit("the fob takes no tag lists: its wire is older")
    expect_status(answer.status, 0x9000, "GET DATA of a tag list")
    each = [host.clear(GetData(tag, whole=True)).data for tag in (Tag.MODEL_NAME, Tag.CHIP_ID)]
    expect(answer.data, b"".join(each), "the objects")
    expect_status(host.clear(GetDataList((UNKNOWN_TAG,))).status, 0x6A88, "none of them there")


@APPLICATION.check("WIRE §3")
def every_form_of_length(fob: Subject) -> None:
    """Commands short and extended, with and without Le, get their data."""
    host = fob.host()
    value = host.clear("00 CA DF 23 00").data
    for form in ("00 CA DF 23", "00 CA DF 23 0A", "00 CA DF 23 00 00 00", "00 CA DF 23 00 01 00"):
        answer = host.clear(form)
        expect_status(answer.status, 0x9000, form)
        expect(answer.data, value, f"the answer to {form}")


@APPLICATION.check("WIRE §3")
def a_length_too_small(fob: Subject) -> None:
    """Le too small: GET DATA gets 6Cxx, SELECT what fits and 61xx, GET RESPONSE the rest."""
    expect_status(fob.host().clear("00 CA DF 23 02").status, 0x6C0A, "GET DATA with Le 02")
    talk = fob.talk()
    talk.connect()
    full = talk.command(Select(TOKEN_AID).command().encode()).data
    aid = TOKEN_AID
    short = Command(0x00, 0xA4, 0x04, 0x00, aid, ne=5)
    first = talk.command(short.encode())
    expect_status(first.status, 0x6100 | len(full) - 5, "SELECT with Le 05")
    rest = talk.command(bytes.fromhex("00 C0 00 00 00"))
    expect_status(rest.status, 0x9000, "GET RESPONSE")
    expect(first.data + rest.data, full, "both parts together")


@APPLICATION.check("WIRE §8")
def odd_commands(fob: Subject) -> None:
    """What is malformed, unknown or out of order gets the status word that says so."""
    fob.must_live()
    host = fob.host()
    for command, status in ODD_COMMANDS.items():
        expect_status(host.clear(command).status, status, command)


@APPLICATION.check("WIRE §5")
def objects_that_are_written_only(fob: Subject) -> None:
    """Credential and identity templates are never read."""
    fob.must_live()
    host = fob.host()
    for tag in WRITTEN_ONLY:
        for whole in (False, True):
            expect_status(host.clear(GetData(tag, whole)).status, 0x6A88, f"GET DATA {tag:04X}")


@APPLICATION.check("WIRE §5.1")
def life_cycle_status(fob: Subject) -> None:
    """The life-cycle status is told in every state of life."""
    fob.host().read(LifeCycleStatus)


@APPLICATION.check("WIRE §5.3")
def self_test(fob: Subject) -> None:
    """The self-test ran, and no part that ran has failed."""
    fob.must_live()
    result = fob.host().read(SelfTestResult)
    require(result.performed != 0, "no part of the self-test was performed")
    expect(result.failed, 0, "the parts of the self-test that failed")


@APPLICATION.check("WIRE §6")
def card_recognition_data(fob: Subject) -> None:
    """The issuer security domain says GlobalPlatform 2.3.1 and SCP03 with i = 70."""
    answer = fob.host(ISSUER_SECURITY_DOMAIN_AID).clear(GetData(CardTag.CARD_RECOGNITION_DATA))
    expect_status(answer.status, 0x9000, "GET DATA 0066")
    expect(answer.data, CARD_RECOGNITION_DATA, "card recognition data")


@APPLICATION.check("WIRE §6")
def key_information(fob: Subject) -> None:
    """Key information names three AES keys of one set."""
    fob.must_live()
    host = fob.host(ISSUER_SECURITY_DOMAIN_AID)
    answer = host.clear(GetData(CardTag.KEY_INFORMATION))
    expect_status(answer.status, 0x9000, "GET DATA 00E0")
    require(KeyInformation.decode(answer.data) is not None, "00E0 is not laid out as declared")
    counter = host.clear(GetData(CardTag.SEQUENCE_COUNTER))
    require(SequenceCounter.decode(counter.data) is not None, "00C1 is not laid out as declared")


@APPLICATION.check("WIRE §6")
def production_data(fob: Subject) -> None:
    """Production life-cycle data ends the serial and batch number with the chip ID's end."""
    chip_id = fob.host().read(ChipId).number
    answer = fob.host(ISSUER_SECURITY_DOMAIN_AID).clear(GetData(CardTag.PRODUCTION_LIFE_CYCLE))
    found = ProductionLifeCycle.decode(answer.data)
    if found is None:
        raise Disagreement("9F7F is not laid out as declared")
    expect(found.chip_serial_number, int.from_bytes(chip_id[-4:], "big"), "the serial number")
    expect(found.chip_batch, int.from_bytes(chip_id[-6:-4], "big"), "the batch number")


@APPLICATION.check("WIRE §3")
def applications_keep_apart(fob: Subject) -> None:
    """An application answers for its own objects only."""
    fob.must_live()
    status = fob.host().clear(GetData(CardTag.KEY_INFORMATION)).status
    expect_status(status, 0x6A88, "GET DATA 00E0 of the token application")
    status = fob.host(ISSUER_SECURITY_DOMAIN_AID).clear(GetData(Tag.MODEL_NAME)).status
    expect_status(status, 0x6A88, "GET DATA DF22 of the issuer security domain")
