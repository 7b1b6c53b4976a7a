"""What a fob promises while it is loaded, sealed, locked and ended: WIRE §4, §5 and §7.6.

Every check here changes a blank fob for good; in this order one fob serves for all.
"""

from dataclasses import replace

from firmware_model.wire import tlv
from firmware_model.wire.apdu import Command
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    GetData,
    InitializeUpdate,
    PutKey,
    SecurityLevel,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import (
    Clock,
    Condition,
    CredentialId,
    ExpiryDate,
    Identity,
    LifeCycle,
    LifeCycleStatus,
    ManufactureDate,
    SerialNumber,
    Slots,
    Tag,
    seed_check_value,
)
from firmware_model.wire.scp03_keys import KeySet, encode_key_data
from host_tools.check.declared import Area
from host_tools.check.findings import expect, expect_status, require
from host_tools.check.subject import MANUFACTURED_DAYS, SEED, SERIAL_NUMBER, SecuredHost, Subject
from host_tools.client.keys import FobKeys

LIFE = Area("life")

NOW = 1_800_000_000
LATER_DAYS = 40_000
BEYOND_DAYS = 2_932_897
BEYOND_SECONDS = BEYOND_DAYS * 86_400
CLOCK_SECONDS = 120
OPEN_TO_THE_END = (Tag.LIFE_CYCLE, Tag.CHIP_ID, Tag.MODEL_NAME)
OVER_AT_THE_END = (Tag.BATTERY, Tag.CLOCK, Tag.COUNTERS, Tag.SLOTS, Tag.ERROR_LOG, Tag.TRIES_LEFT)
_TEMPORARY = (bytes(range(0x50, 0x60)), bytes(range(0x60, 0x70)), bytes(range(0x70, 0x80)))


def _refuse_steps(fob: Subject, *refused: LifeCycle) -> None:
    host = fob.secured()
    for state in refused:
        host.refuses(SetStatus(state), 0x6985, f"SET STATUS to {state.name.lower()}")


@LIFE.check("WIRE §4.2", erases=True)
def a_blank_fob_keeps_its_place(fob: Subject) -> None:
    """A blank fob goes to no state but personalised and terminated."""
    fob.bring(LifeCycle.BLANK)
    _refuse_steps(fob, LifeCycle.BLANK, LifeCycle.SEALED, LifeCycle.LOCKED)


@LIFE.check("WIRE §5", erases=True)
def setting_the_clock(fob: Subject) -> None:
    """The clock is set in a channel, to a time that is valid, and goes on from there."""
    fob.bring(LifeCycle.BLANK)
    host = fob.secured(SecurityLevel.C_MAC)
    host.refuses(StoreData(Clock(NOW, valid=False)), 0x6A80, "a clock that is not valid")
    host.refuses(StoreData(Clock(BEYOND_SECONDS)), 0x6A80, "a clock in the year 10000")
    host.store(Clock(NOW))
    clock = host.read(Clock)
    require(clock.valid, "the clock is not valid after it was set")
    require(0 <= clock.unix_seconds - NOW <= CLOCK_SECONDS, "the clock does not tell what was set")


@LIFE.check("WIRE §5", erases=True)
def the_expiry_date(fob: Subject) -> None:
    """The expiry date is set in a channel, and a later one takes the expiry away."""
    fob.bring(LifeCycle.BLANK)
    host = fob.secured()
    host.store(Clock(NOW))
    for days in (1, LATER_DAYS):
        host.store(ExpiryDate(days))
        expect(host.read(ExpiryDate).days_since_1970, days, "the expiry date")
    host.refuses(StoreData(ExpiryDate(BEYOND_DAYS)), 0x6A80, "a day in the year 10000")
    status = host.read(LifeCycleStatus)
    require(Condition.EXPIRED not in status.condition, "the fob is expired before its last day")


@LIFE.check("WIRE §4.1", erases=True)
def seeds_that_are_refused(fob: Subject) -> None:
    """A seed in clear, under another key, for no slot or malformed is refused, each in its way."""
    fob.bring(LifeCycle.BLANK)
    host = fob.secured()
    good = host.credential()
    command = StoreData(good).command()
    cases = {
        "P1 says that the seed is in clear": (replace(command, p1=0x90), 0x6A86),
        "P1 says that more blocks follow": (replace(command, p1=0x30), 0x6A86),
        "the check value of another seed": (
            StoreData(replace(good, seed_check=bytes(3))).command(),
            0x6982,
        ),
        "a seed that is not under the DEK": (
            StoreData(host.credential(wrap=lambda _, seed: b"\x14" + seed.ljust(32))).command(),
            0x6982,
        ),
        "a wrapped seed of an odd length": (
            StoreData(replace(good, wrapped_seed=good.wrapped_seed[:-1])).command(),
            0x6A80,
        ),
        "no template": (replace(command, data=tlv.encode(Tag.CREDENTIAL, b"\x80")), 0x6A80),
        "no such object": (replace(command, data=tlv.encode(0xDF7F, b"\x00")), 0x6A88),
    }
    if (slots := host.slot_count()) < 16:
        cases["no such slot"] = (StoreData(replace(good, slot=slots + 1)).command(), 0x6A83)
    for what, (refused, status) in cases.items():
        host.refuses(refused, status, what)
    require(not host.read(Slots).slots[0].is_present, "slot 1 is full after all that")


@LIFE.check("WIRE §7.6", erases=True)
def replacing_the_keys(fob: Subject) -> None:
    """Keys are replaced under their DEK, with check values; the old ones then open no channel."""
    fob.bring(LifeCycle.BLANK)
    source, host = fob.keys.source, fob.secured(aid=ISSUER_SECURITY_DOMAIN_AID)
    old = host.keys.keys
    new = KeySet(1 if host.keys.version != 1 else 2, *_TEMPORARY)
    data = bytearray(encode_key_data(new, host.keys.dek))
    data[-1] ^= 0x01
    replaced = host.keys.version
    host.refuses(PutKey(replaced, bytes(data)), 0x6982, "PUT KEY with a wrong check value")
    host.refuses(PutKey(replaced, bytes(data[:-1])), 0x6A80, "PUT KEY cut short")
    host.refuses(PutKey(0x5A, bytes(data)), 0x6A88, "PUT KEY for a set that is not there")
    fob.keys = FobKeys("the temporary keys of this check", new.version, new.keys)
    _put_keys(host, new)
    expect_status(
        fob.host().clear(InitializeUpdate(replaced, bytes(8))).status, 0x6A88, "the old key set"
    )
    host = fob.secured(aid=ISSUER_SECURITY_DOMAIN_AID)
    back = KeySet(new.version + 1, *old)
    _put_keys(host, back, length_bytes=len(back.enc) == 24)
    fob.keys = FobKeys(source, back.version, back.keys)
    fob.secured()


def _put_keys(host: SecuredHost, new: KeySet, *, length_bytes: bool = True) -> None:
    data = encode_key_data(new, host.keys.dek, length_bytes=length_bytes)
    answer = host.send(PutKey(host.keys.version, data))
    expect_status(answer.status, 0x9000, "PUT KEY")
    expect(answer.data, new.check_values, "the check values")


@LIFE.check("WIRE §4.2", erases=True)
def loading_a_fob(fob: Subject) -> None:
    """Identity and seed are written while blank, and told afterwards without the seed."""
    fob.bring(LifeCycle.PERSONALISED)
    host = fob.host()
    if host.read(SerialNumber).text == SERIAL_NUMBER:
        expect(host.read(CredentialId).text, SERIAL_NUMBER, "the Credential ID")
        expect(host.read(ManufactureDate).days_since_1970, MANUFACTURED_DAYS, "the date")
        answer = host.clear(GetData(Tag.SLOTS))
        require(SEED not in answer.data, "the fob tells the seed")
        expect(
            host.read(Slots).slots[0].seed_check, seed_check_value(SEED), "the seed's check value"
        )
    _refuse_steps(fob, LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.LOCKED)
    identity = StoreData(Identity(SERIAL_NUMBER, SERIAL_NUMBER, MANUFACTURED_DAYS))
    host = fob.secured()
    host.refuses(identity, 0x6985, "the identity of a fob that has one")
    if host.read(Slots).slots[0].is_present:
        host.refuses(StoreData(host.credential()), 0x6985, "a seed for a full slot")


@LIFE.check("WIRE §4.2", erases=True)
def a_sealed_fob(fob: Subject) -> None:
    """A sealed fob takes no seed any more, and goes to locked and terminated only."""
    fob.bring(LifeCycle.SEALED)
    host = fob.secured()
    host.refuses(StoreData(host.credential()), 0x6985, "a seed for a sealed fob")
    _refuse_steps(fob, LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED)


@LIFE.check("WIRE §4.2", erases=True)
def a_locked_fob(fob: Subject) -> None:
    """A locked fob takes neither clock nor date nor keys; unlocked, it is as it was before."""
    fob.bring(LifeCycle.SEALED)
    before = fob.host().read(LifeCycleStatus)
    fob.bring(LifeCycle.LOCKED)
    host = fob.secured()
    host.refuses(StoreData(Clock(NOW)), 0x6985, "the clock of a locked fob")
    host.refuses(StoreData(ExpiryDate(LATER_DAYS)), 0x6985, "the expiry date of a locked fob")
    host = fob.secured(aid=ISSUER_SECURITY_DOMAIN_AID)
    put_key = PutKey(host.keys.version, encode_key_data(KeySet(9, *_TEMPORARY), host.keys.dek))
    host.refuses(put_key, 0x6985, "new keys for a locked fob")
    _refuse_steps(fob, LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.LOCKED)
    fob.secured().done(SetStatus(LifeCycle.SEALED))
    expect(fob.host().read(LifeCycleStatus), before, "the status after unlocking")


@LIFE.check("WIRE §4.2", erases=True)
def the_end(fob: Subject) -> None:
    """A terminated fob tells who it was, opens no channel and never comes back."""
    if fob.life_cycle() is not LifeCycle.TERMINATED:
        fob.secured().done(SetStatus(LifeCycle.TERMINATED))
    host = fob.host()
    expect(host.read(LifeCycleStatus).life_cycle.name, "TERMINATED", "the state")
    for tag in OPEN_TO_THE_END:
        expect_status(host.clear(GetData(tag)).status, 0x9000, f"GET DATA {tag:04X}")
    for tag in OVER_AT_THE_END:
        expect_status(host.clear(GetData(tag)).status, 0x6985, f"GET DATA {tag:04X}")
    expect_status(host.clear(InitializeUpdate(0, bytes(8))).status, 0x6985, "INITIALIZE UPDATE")
    back = Command(0x80, 0xF0, 0x80, LifeCycle.BLANK)
    expect_status(host.clear(back).status, 0x6982, "SET STATUS in clear")
