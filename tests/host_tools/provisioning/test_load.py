"""One record into one fob: the order, the receipt, and that nothing is left half done."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from firmware_model.errors import BadInput, KeyfobError, Refused
from firmware_model.generators import OtpKey, OtpKind
from firmware_model.units import NS_PER_MS
from firmware_model.wire.objects import (
    LifeCycle,
    LifeCycleStatus,
    SerialNumber,
    Slots,
    seed_check_value,
)
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.bench import BenchClient
from host_tools.client.fob_state import read_state
from host_tools.client.keys import TEST_KEYS
from host_tools.client.link import Link, open_link
from host_tools.client.session import TokenSession, open_session
from host_tools.provisioning.load import provision
from host_tools.seeds.record import SeedRecord
from tests.keyfob.cli.running import running
from tests.shares import every

RECORD = SeedRecord(
    serial_number="ZZH600000001",
    credential_id="ZZID00000001",
    seed=b"12345678901234567890",  # RFC 4226 Appendix D
    kind=OtpKind.HOTP,
    counter=7,
)
CODE_7 = "162583"  # RFC 4226 Appendix D
OPERATIONS_MAX = 400
QUICK = PrimaryTiming(response_ns=200 * NS_PER_MS, tries=1)


def now() -> Decimal:
    return Decimal("1800000000.5")


@pytest.fixture
def fob(tmp_path: Path) -> Iterator[dict[str, Any]]:
    port = f"pty:{tmp_path / 'fob0'}"
    with running("--model", "fob-h6", "--port", port, "--time", "frozen") as announced:
        yield announced


def test_the_receipt_says_what_is_in_the_fob(fob: dict[str, Any]) -> None:
    with open_session(fob["port"]) as session:
        receipt = provision(session, RECORD, TEST_KEYS, now)
        state = read_state(session)
    assert (state.serial_number, state.credential_id) == ("ZZH600000001", "ZZID00000001")
    assert state.life_cycle.life_cycle is LifeCycle.PERSONALISED
    assert receipt.life_cycle == "personalised"
    assert receipt.chip_id == state.chip_id
    assert receipt.model == state.model == "fob-h6"
    assert receipt.seed_check == state.slots[0].seed_check == seed_check_value(RECORD.seed)
    assert receipt.loaded_at == 1_800_000_000
    assert receipt.test_keys
    assert "1234567890" not in repr(receipt)


def test_the_first_code_is_that_of_the_files_counter(fob: dict[str, Any]) -> None:
    with open_session(fob["port"]) as session:
        provision(session, RECORD, TEST_KEYS, now)
    with BenchClient(fob["bench"]) as bench:
        bench.press()
        assert bench.display().text == CODE_7 == OtpKey(RECORD.seed, RECORD.algorithm).code(7, 6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"digits": 7}, "its codes have 7 digits, and the display of fob-h6 has 6 positions"),
        ({"digits": 8}, "its codes have 8 digits, and the display of fob-h6 has 6 positions"),
        ({"serial_number": "Jürgen"}, "this serial number does not fit into a fob"),
        ({"credential_id": "x" * 65}, "this ID does not fit into a fob"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(
    fob: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    with open_session(fob["port"]) as session:
        with pytest.raises(BadInput, match=words):
            provision(session, replace(RECORD, **changes), TEST_KEYS, now)
        assert session.get(SerialNumber) is None
        assert provision(session, RECORD, TEST_KEYS, now).life_cycle == "personalised"


def test_a_fob_is_provisioned_once(fob: dict[str, Any]) -> None:
    with open_session(fob["port"]) as session:
        provision(session, RECORD, TEST_KEYS, now)
        with pytest.raises(Refused) as caught:
            provision(session, RECORD, TEST_KEYS, now)
    assert str(caught.value).startswith("ZZH600000001 is personalised already")


class Interrupted(TokenSession):
    """A session whose cable is pulled after so many commands."""

    commands_left: int

    def exchange(self, command: Any) -> Any:
        if not self.commands_left:
            assert isinstance(self.link, Link)
            self.link.port.close()
        self.commands_left -= 1
        return super().exchange(command)


def test_a_cable_pulled_after_any_command_leaves_a_fob_that_can_be_done_again(
    fob: dict[str, Any],
) -> None:
    for commands in range(100):
        cut_off = Interrupted(open_link(fob["port"]))
        cut_off.commands_left = commands
        try:
            provision(cut_off, RECORD, TEST_KEYS, now)
        except KeyfobError:
            blank = is_blank(fob)
        else:
            break
        if not blank:
            break
    else:
        pytest.fail("it never came to an end")
    assert commands > 5
    with open_session(fob["port"]) as session:
        held = session.get(Slots)
        assert held is not None
        assert held.slots[0].seed_check == seed_check_value(RECORD.seed)


@pytest.mark.slow
def test_a_cell_that_fails_in_any_flash_operation_leaves_a_blank_fob_or_a_good_one(
    fob: dict[str, Any],
) -> None:
    with BenchClient(fob["bench"]) as bench:
        for operation in every(4, range(1, OPERATIONS_MAX)):
            bench.do(f"POWer:CUT:ARM {operation},{operation * 37 % 101}")
            link = open_link(fob["port"], timing=QUICK)
            try:
                provision(TokenSession(link), RECORD, TEST_KEYS, now)
            except KeyfobError:
                pass
            finally:
                link.port.close()
            for _ in range(2):  # a cut that was not reached comes while the fob boots
                bench.cut_power()
                bench.restore_power()
            if not is_blank(fob):
                break
        else:
            pytest.fail("it never came to an end")
        bench.press()
        assert bench.display().text == CODE_7


def is_blank(fob: dict[str, Any]) -> bool:
    with open_session(fob["port"]) as session:
        status = session.get(LifeCycleStatus)
        assert status is not None
        return status.life_cycle is LifeCycle.BLANK
