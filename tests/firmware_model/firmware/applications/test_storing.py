"""STORE DATA and SET STATUS: who may write what, when, and what is refused."""

from dataclasses import replace

import pytest

from firmware_model.firmware import lifecycle
from firmware_model.firmware.applications.room import ENTRY_BYTES_MAX
from firmware_model.firmware.memory import Key
from firmware_model.firmware.slots import store_factor
from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle, Tag
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    GetData,
    PutKey,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import Clock, CredentialObject, ExpiryDate, Identity
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet, encode_key_data
from tests.firmware_model.firmware.applications.rig import (
    NOW,
    TODAY,
    Fob,
    Host,
    hotp_credential,
    identity,
    totp_credential,
)

CLOCK = StoreData(Clock(NOW))
EXPIRY = StoreData(ExpiryDate(TODAY + 10))
WRITES: dict[str, StoreData | SetStatus] = {
    "identity": identity(),
    "credential": hotp_credential(),
    "clock": CLOCK,
    "expiry date": EXPIRY,
    "status": SetStatus(LifeCycle.PERSONALISED),
}
PATH = (LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED, LifeCycle.LOCKED)


def brought_to(life_cycle: LifeCycle, fob: Fob | None = None) -> Host:
    host = (fob or Fob()).open()
    steps = PATH[1 : PATH.index(life_cycle) + 1] if life_cycle in PATH else (life_cycle,)
    for step in steps:
        assert host.status(SetStatus(step)) == 0x9000
    return host


def load(host: Host, command: StoreData, **changes: object) -> int:
    assert isinstance(command.content, CredentialObject)
    return host.status(StoreData(replace(command.content, **changes)))  # type: ignore[arg-type]


class TestAccess:
    @pytest.mark.parametrize("what", WRITES)
    def test_nothing_is_written_in_clear(self, what: str) -> None:
        fob = Fob()
        fob.send(Select(TOKEN_AID))
        assert fob.status(WRITES[what]) == 0x6982

    @pytest.mark.parametrize("what", WRITES)
    def test_nothing_is_written_in_a_channel_that_authenticates_nothing(self, what: str) -> None:
        assert Fob().open(SecurityLevel.NONE).status(WRITES[what]) == 0x6982

    @pytest.mark.parametrize(
        ("what", "states"),
        [
            ("identity", (LifeCycle.BLANK,)),
            ("credential", (LifeCycle.BLANK, LifeCycle.PERSONALISED)),
            ("clock", (LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED)),
            ("expiry date", (LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED)),
        ],
    )
    @pytest.mark.parametrize("life_cycle", [*PATH, LifeCycle.TERMINATED])
    def test_each_object_is_written_in_its_states_only(
        self, what: str, states: tuple[LifeCycle, ...], life_cycle: LifeCycle
    ) -> None:
        host = brought_to(life_cycle)
        assert host.status(WRITES[what]) == (0x9000 if life_cycle in states else 0x6985)

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            (Command(0x80, 0xE2, 0x90, 0x00, bytes.fromhex("DF2204 66666666")), 0x6A88),
            (Command(0x80, 0xE2, 0x90, 0x00, bytes.fromhex("DF2703 000000")), 0x6A80),
            (Command(0x80, 0xE2, 0x90, 0x00, bytes.fromhex("DF27")), 0x6A80),
            (Command(0x80, 0xE2, 0x90, 0x00), 0x6A80),
            (Command(0x80, 0xE2, 0x10, 0x00, bytes.fromhex("DF2704 00000000")), 0x6A86),
            (Command(0x80, 0xE2, 0xB0, 0x00, bytes.fromhex("DF2704 00000000")), 0x6A86),
            (Command(0x80, 0xE2, 0x90, 0x01, bytes.fromhex("DF2704 00000000")), 0x6A86),
            (Command(0x80, 0xE2, 0x91, 0x00, bytes.fromhex("DF2704 00000000"), 256), 0x9000),
            (Command(0x00, 0xE2, 0x90, 0x00, bytes.fromhex("DF2704 00000000")), 0x9000),
            (Command(0x80, 0xF0, 0x40, 0x07), 0x6A86),
            (Command(0x80, 0xF0, 0x80, 0x02), 0x6A86),
            (Command(0x00, 0xF0, 0x80, 0x07), 0x6E00),
        ],
    )
    def test_the_form_of_a_write(self, command: Command, status: int) -> None:
        assert Fob().open().status(command) == status


class TestIdentity:
    def test_may_be_written_again_while_the_fob_is_blank(self) -> None:
        fob = Fob()
        host = fob.open()
        assert host.status(identity(TODAY)) == 0x9000
        assert host.status(identity(None)) == 0x9000
        fob.boot()
        assert fob.token.identity == Identity("ZZH600000001", "ZZH600000001", TODAY)

    @pytest.mark.parametrize("days", [2_932_897, 0xFFFF_FFFF])
    def test_has_no_day_after_the_year_9999(self, days: int) -> None:
        host = Fob().open()
        assert host.status(identity(days)) == 0x6A80
        assert host.status(StoreData(Identity("S", "C", days))) == 0x6A80
        assert host.status(identity(2_932_896)) == 0x9000


class TestCredential:
    def test_a_second_one_is_refused_once_the_fob_is_personalised(self) -> None:
        host = Fob().open()
        assert host.status(hotp_credential()) == 0x9000
        assert host.status(SetStatus(LifeCycle.PERSONALISED)) == 0x9000
        assert host.status(hotp_credential()) == 0x6985
        assert host.status(hotp_credential(seed=bytes(20))) == 0x6985

    def test_an_empty_slot_of_a_personalised_fob_takes_one(self) -> None:
        host = brought_to(LifeCycle.PERSONALISED, Fob(slots=2))
        assert host.status(hotp_credential(1)) == 0x9000
        assert host.status(hotp_credential(2)) == 0x9000
        assert host.status(hotp_credential(2)) == 0x6985

    def test_a_blank_fob_takes_it_again_while_it_never_gave_a_code(self) -> None:
        fob = Fob()
        host = fob.open()
        assert host.status(hotp_credential()) == 0x9000
        assert host.status(hotp_credential(seed=bytes(20))) == 0x9000
        slot = fob.token.slots[0]
        assert slot is not None
        store_factor(fob.token.journal, slot, 1, press=1)
        # The same seed from counter 0 would show a moving factor twice.
        assert host.status(hotp_credential()) == 0x6985

    @pytest.mark.parametrize("slot", [2, 16])
    def test_a_slot_that_the_model_does_not_have_is_6a83(self, slot: int) -> None:
        assert Fob().open().status(hotp_credential(slot)) == 0x6A83

    def test_more_digits_than_the_display_has_are_refused(self) -> None:
        host = Fob().open()
        assert host.status(hotp_credential(digits=7)) == 0x6A80
        assert host.status(hotp_credential(digits=6)) == 0x9000

    def test_a_wrong_seed_check_value_is_6982_and_stores_nothing(self) -> None:
        fob = Fob()
        assert load(fob.open(), hotp_credential(), seed_check=bytes(3)) == 0x6982
        assert fob.token.present_slots() == []

    def test_a_seed_under_other_keys_is_refused(self) -> None:
        assert Fob().open().status(hotp_credential(dek=bytes(16))) == 0x6982

    @pytest.mark.parametrize(
        "wrapped",
        [b"\x14" + bytes(16), b"\x00" + bytes(16), b"\x14" + bytes(33), b"\x80" + bytes(32)],
    )
    def test_a_seed_whose_length_does_not_fit_is_6a80(self, wrapped: bytes) -> None:
        assert load(Fob().open(), hotp_credential(), wrapped_seed=wrapped) == 0x6A80

    @pytest.mark.parametrize("t0", [253_402_300_800, 2**63, 2**64 - 1])
    def test_t0_is_before_the_year_10000(self, t0: int) -> None:
        host = Fob("fob-t60").open()
        assert load(host, totp_credential(), t0_seconds=t0) == 0x6A80
        assert load(host, totp_credential(), t0_seconds=253_402_300_799) == 0x9000

    def test_the_seed_goes_under_the_dek_of_its_own_channel(self) -> None:
        fob = Fob()
        host = fob.open(aid=ISSUER_SECURITY_DOMAIN_AID)
        new = KeySet(1, bytes(16), bytes(16), bytes(range(16)))
        assert host.status(PutKey(0, encode_key_data(new, TEST_KEYS.dek))) == 0x9000
        host = fob.open(keys=new)
        assert host.status(hotp_credential()) == 0x6982
        assert host.status(hotp_credential(dek=new.dek)) == 0x9000

    @pytest.mark.parametrize("length", [1, 15, 16, 20, 32, 64, 127])
    def test_every_length_of_seed_arrives_whole(self, length: int) -> None:
        fob = Fob()
        seed = bytes(range(1, length + 1))
        assert fob.open().status(hotp_credential(seed=seed)) == 0x9000
        entry = fob.token.journal.get(Key.CREDENTIAL)
        assert entry is not None
        assert entry.endswith(seed)


class TestRoom:
    """A store whose page cannot hold all live entries could never be turned (`room.py`)."""

    def test_counts_every_entry_of_the_register(self) -> None:
        elsewhere = {Key.APP, Key.OATH, Key.MOLTO2, Key.PROFILES}
        elsewhere |= {Key.CREDENTIAL, Key.FACTOR, Key.FURTHER_CREDENTIAL, Key.FURTHER_FACTOR}
        others = set(Key) - elsewhere
        assert set(ENTRY_BYTES_MAX) == others

    @pytest.mark.parametrize(("seed_bytes", "fitting"), [(112, 3), (64, 4), (20, 7)])
    def test_a_full_fob_refuses_one_more_and_still_keeps_everything(
        self, seed_bytes: int, fitting: int
    ) -> None:
        fob = Fob(slots=16)
        host = fob.open()
        longest = Identity("S" * 64, "C" * 64, TODAY, TODAY)
        assert host.status(StoreData(longest)) == 0x9000
        seed = bytes(range(seed_bytes))
        loaded = [host.status(hotp_credential(n, seed)) for n in range(1, 17)]
        assert loaded == [0x9000] * fitting + [0x6A84] * (16 - fitting)
        assert host.status(CLOCK) == 0x9000
        assert host.status(EXPIRY) == 0x9000
        assert host.status(SetStatus(LifeCycle.PERSONALISED)) == 0x9000
        keys_256 = KeySet(0x7F, bytes(32), bytes(32), bytes(32))
        host = fob.open(aid=ISSUER_SECURITY_DOMAIN_AID)
        assert host.status(PutKey(0, encode_key_data(keys_256, TEST_KEYS.dek))) == 0x9000
        for _ in range(20):
            fob.token.log(ErrorCode.CLOCK_LOST)
        for slot in fob.token.present_slots():
            for factor in range(1, 20):
                store_factor(fob.token.journal, slot, factor, press=1)
        grown = {key: len(fob.token.journal.get(key) or b"") for key in ENTRY_BYTES_MAX}
        assert grown | {Key.PRESSES: 4} == ENTRY_BYTES_MAX  # PRESSES only grows with wiped slots
        fob.boot()
        assert [slot.factor for slot in fob.token.present_slots()] == [19] * fitting
        assert fob.token.identity == longest
        fob.open(keys=keys_256)


class TestClock:
    def test_is_set_only_to_a_valid_time(self) -> None:
        host = Fob().open()
        assert host.status(StoreData(Clock(NOW, valid=False))) == 0x6A80
        assert host.status(StoreData(Clock(253_402_300_800))) == 0x6A80
        assert host.status(StoreData(Clock(2**64 - 1))) == 0x6A80
        assert host.status(StoreData(Clock(253_402_300_799))) == 0x9000

    def test_setting_it_wipes_the_seed_of_a_model_that_says_so(self) -> None:
        fob = Fob("fob-t60")
        fob.model = replace(
            fob.model, security=replace(fob.model.security, clock_set_wipes_seed=True)
        )
        fob.boot()
        host = fob.open()
        assert host.status(totp_credential()) == 0x9000
        assert host.status(CLOCK) == 0x9000
        assert fob.token.present_slots() == []


class TestExpiryDate:
    def test_an_extension_replaces_the_identitys(self) -> None:
        fob = Fob()
        host = fob.open()
        assert host.status(identity(TODAY)) == 0x9000
        assert host.status(EXPIRY) == 0x9000
        assert host.send(GetData(Tag.EXPIRY_DATE)).data == (TODAY + 10).to_bytes(4, "big")

    @pytest.mark.parametrize("days", [2_932_897, 0xFFFF_FFFF])
    def test_is_not_after_the_year_9999(self, days: int) -> None:
        host = Fob().open()
        assert host.status(StoreData(ExpiryDate(days))) == 0x6A80
        assert host.status(StoreData(ExpiryDate(2_932_896))) == 0x9000


class TestSetStatus:
    @pytest.mark.parametrize("aid", [TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID])
    @pytest.mark.parametrize("start", PATH)
    @pytest.mark.parametrize("end", list(LifeCycle))
    def test_goes_where_the_table_permits_and_nowhere_else(
        self, start: LifeCycle, end: LifeCycle, aid: bytes
    ) -> None:
        fob = Fob()
        brought_to(start, fob)
        status = fob.open(aid=aid).status(SetStatus(end))
        assert status == (0x9000 if lifecycle.permits(start, end) else 0x6985)
        fob.boot()
        assert fob.token.life_cycle is (end if lifecycle.permits(start, end) else start)

    def test_a_locked_fob_is_unlocked_through_a_channel_and_is_where_it_was(self) -> None:
        fob = Fob()
        brought_to(LifeCycle.SEALED, fob)
        fob.token.mark(Condition.IN_USE)
        for step in (LifeCycle.LOCKED, LifeCycle.SEALED):
            assert fob.open().status(SetStatus(step)) == 0x9000
        assert fob.token.life_cycle is LifeCycle.SEALED
        assert fob.token.condition is Condition.IN_USE

    def test_termination_takes_seed_and_keys_and_is_answered_in_the_channel(self) -> None:
        fob = Fob()
        host = fob.open()
        assert host.status(hotp_credential()) == 0x9000
        assert host.status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
        seed = b"12345678901234567890"
        pages = [fob.board.flash.read(page, 0, fob.model.flash.page_bytes) for page in (0, 1)]
        assert all(seed not in page for page in pages)
        assert host.status(SetStatus(LifeCycle.BLANK)) == 0x6985


def test_a_refusal_inside_a_channel_carries_neither_data_nor_mac() -> None:
    fob = Fob()
    host = fob.open()
    refusals = [
        fob.send(host.channel.wrap(command.command()))
        for command in (
            hotp_credential(2),
            hotp_credential(dek=bytes(16)),
            StoreData(Clock(0, valid=False)),
        )
    ]
    assert [refusal.data for refusal in refusals] == [b"", b"", b""]
