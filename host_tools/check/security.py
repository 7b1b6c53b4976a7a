"""What a fob promises of its secure channel: WIRE §7, and who may write without one."""

import time

from firmware_model.wire.apdu import Command
from firmware_model.wire.card import CardTag, SequenceCounter
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    ExternalAuthenticate,
    GetData,
    InitializeUpdate,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import (
    Clock,
    ExpiryDate,
    Identity,
    LifeCycle,
    ModelName,
    Tag,
    TriesLeft,
)
from host_tools.check.declared import Area
from host_tools.check.findings import Unfit, expect, expect_status, require
from host_tools.check.subject import SERIAL_NUMBER, CheckConnection, Subject

SECURITY = Area("security")

DAYS = 30_000
WRITES = (
    StoreData(Clock(1_800_000_000)),
    StoreData(ExpiryDate(DAYS)),
    StoreData(Identity(SERIAL_NUMBER, SERIAL_NUMBER, DAYS)),
    SetStatus(LifeCycle.PERSONALISED),
    SetStatus(LifeCycle.TERMINATED),
)
TRIES_TO_SPEND = 3
DELAY_SECONDS = 0.9
"""A little less than the second by which the third failure is held back."""

NO_SUCH_VERSION = 0x5A
NO_SUCH_LEVEL = 0x20


def _tries_left(host: CheckConnection) -> int:
    return host.read(TriesLeft).count


def _refuse_writes(host: CheckConnection, what: str) -> None:
    for message in WRITES:
        name = type(message).__name__
        status = host.send(message).status
        expect_status(status, 0x6982, f"{name} {what}")


@SECURITY.check("WIRE §4")
def writing_in_clear(fob: Subject) -> None:
    """Without a channel nothing is written and no state of life is changed."""
    fob.must_live()
    host = fob.host()
    if not _tries_left(host):
        raise Unfit("the fob has no tries left")
    _refuse_writes(host, "in clear")
    host = fob.host(ISSUER_SECURITY_DOMAIN_AID)
    put_key = Command(0x80, 0xD8, 0x00, 0x81, bytes(70), 256)
    expect_status(host.clear(put_key).status, 0x6982, "PUT KEY in clear")


@SECURITY.check("WIRE §4")
def writing_at_level_00(fob: Subject) -> None:
    """A channel at level 00 gives no right to anything."""
    _refuse_writes(fob.secured(SecurityLevel.NONE), "at level 00")


@SECURITY.check("WIRE §7.3")
def every_level(fob: Subject) -> None:
    """A channel opens at each level, under either application, and carries commands."""
    for level in SecurityLevel:
        require(bool(fob.secured(level).read(ModelName).text), f"no name at {level:02X}")
        host = fob.secured(level, ISSUER_SECURITY_DOMAIN_AID)
        expect_status(
            host.send(GetData(CardTag.KEY_INFORMATION)).status, 0x9000, f"GET DATA at {level:02X}"
        )


@SECURITY.check("WIRE §7.2")
def the_sequence_counter(fob: Subject) -> None:
    """Each INITIALIZE UPDATE counts on by one, and its challenge is the counter's."""
    host = fob.host(ISSUER_SECURITY_DOMAIN_AID)
    counts = []
    for _ in range(3):
        fob.begin(host, aid=ISSUER_SECURITY_DOMAIN_AID)
        found = SequenceCounter.decode(host.clear(GetData(CardTag.SEQUENCE_COUNTER)).data)
        counts.append(found.count if found else -1)
    expect(counts, [counts[0], counts[0] + 1, counts[0] + 2], "the sequence counter")


@SECURITY.check("WIRE §7.1")
def another_key_version(fob: Subject) -> None:
    """A key set that the fob does not have is 6A88."""
    host = fob.host()
    fob.begin(host)
    status = host.clear(InitializeUpdate(NO_SUCH_VERSION, bytes(8))).status
    expect_status(status, 0x6A88, "INITIALIZE UPDATE of another key version")


@SECURITY.check("WIRE §7.2")
def authentication_out_of_order(fob: Subject) -> None:
    """EXTERNAL AUTHENTICATE without an offer is 6985, with a level not listed 6A86."""
    fob.must_open()
    host = fob.host()
    tries = _tries_left(host)
    blind = ExternalAuthenticate(SecurityLevel.ALL, bytes(8), bytes(8)).command()
    expect_status(host.clear(blind).status, 0x6985, "EXTERNAL AUTHENTICATE without an offer")
    _, channel = fob.begin(host)
    good = channel.external_authenticate()
    other = Command(good.cla, good.ins, NO_SUCH_LEVEL, good.p2, good.data)
    expect_status(host.clear(other).status, 0x6A86, "EXTERNAL AUTHENTICATE of level 20")
    expect_status(host.clear(good).status, 0x6985, "EXTERNAL AUTHENTICATE after a refused one")
    expect(_tries_left(host), tries, "the tries left, none of which was spent")


@SECURITY.check("WIRE §7.2")
def a_wrong_mac_at_the_door(fob: Subject) -> None:
    """A right cryptogram with a wrong C-MAC is 6982, opens nothing and spends no try."""
    fob.must_open()
    host = fob.host()
    tries = _tries_left(host)
    _, channel = fob.begin(host)
    expect_status(host.clear(_changed(channel.external_authenticate(), -1)).status, 0x6982, "it")
    expect(_tries_left(host), tries, "the tries left")
    _refuse_writes(host, "after it")


@SECURITY.check("WIRE §7.4")
def changed_commands(fob: Subject) -> None:
    """A command that was changed on its way gets 6982, and the channel is over."""
    for at in (0, -1):
        host = fob.secured()
        good = host.channel.wrap(StoreData(ExpiryDate(DAYS)).command())
        expect_status(host.clear(_changed(good, at)).status, 0x6982, "a changed command")
        expect_status(host.clear(good).status, 0x6982, "the command itself, after that")


@SECURITY.check("WIRE §7.4")
def replayed_commands(fob: Subject) -> None:
    """A command that was recorded gets 6982 when it comes again, and the channel is over."""
    host = fob.secured()
    wrapped = host.channel.wrap(GetData(Tag.MODEL_NAME).command())
    expect_status(host.clear(wrapped).status, 0x9000, "a command")
    expect_status(host.clear(wrapped).status, 0x6982, "the same bytes again")


@SECURITY.check("WIRE §7.4")
def commands_in_clear_in_a_channel(fob: Subject) -> None:
    """A command in clear in a channel gets 6982, and the channel is over."""
    host = fob.secured()
    expect_status(host.clear(GetData(Tag.MODEL_NAME)).status, 0x6982, "GET DATA in clear")
    expect_status(host.clear(GetData(Tag.MODEL_NAME)).status, 0x9000, "GET DATA after that")


@SECURITY.check("WIRE §3")
def selecting_ends_the_channel(fob: Subject) -> None:
    """SELECT that succeeds ends the channel, also of what was selected; one that fails does not."""
    host = fob.secured()
    expect_status(host.clear(Select(b"\xa0\x00\x00\x00\x99")).status, 0x6A82, "SELECT of nothing")
    expect_status(host.send(GetData(Tag.MODEL_NAME)).status, 0x9000, "GET DATA in the channel")
    expect_status(host.clear(Select(TOKEN_AID)).status, 0x9000, "SELECT")
    wrapped = host.channel.wrap(GetData(Tag.MODEL_NAME).command())
    expect_status(host.clear(wrapped).status, 0x6982, "a command of the channel before")


@SECURITY.check("WIRE §7.4")
def forms_of_secured_commands(fob: Subject) -> None:
    """Extended commands, and an answer fetched with GET RESPONSE in clear, pass the channel."""
    host = fob.secured()
    for ne, extended in ((256, True), (65_536, True), (None, False), (4, False)):
        command = Command(0x00, 0xCA, 0xDF, 0x23, ne=ne, extended=extended)
        answer = host.send(command)
        expect_status(answer.status, 0x9000, "GET DATA DF23")
        expect(len(answer.data), 10, "its length")


@SECURITY.check("WIRE §7.2", erases=True)
def failed_authentications(fob: Subject) -> None:
    """A wrong cryptogram is 6300 and spends a try, the third in a row also a second of waiting.

    A success gives all tries back. For a fob in real time only.
    """
    fob.secured()
    before = _tries_left(fob.host())
    if before <= TRIES_TO_SPEND:
        raise Unfit(f"the fob has {before} tries left, too few to spend {TRIES_TO_SPEND}")
    host = fob.host()
    held_back = 0.0
    for failures in range(1, TRIES_TO_SPEND + 1):
        _, channel = fob.begin(host)
        started = time.monotonic()
        wrong = _changed(channel.external_authenticate(), 0)
        expect_status(host.clear(wrong).status, 0x6300, "a wrong cryptogram")
        held_back = time.monotonic() - started
        expect(_tries_left(host), before - failures, "the tries left")
    require(held_back >= DELAY_SECONDS, "the third answer in a row is not held back")
    fob.secured()
    expect(_tries_left(fob.host()), before, "the tries left after a success")


def _changed(command: Command, at: int) -> Command:
    data = bytearray(command.data)
    data[at] ^= 0x01
    return Command(command.cla, command.ins, command.p1, command.p2, bytes(data), command.ne)
