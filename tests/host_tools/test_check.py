"""The checks notice: each kind of fob that breaks a promise fails the check about it."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_model.errors import BadInput
from firmware_model.firmware import keys
from firmware_model.firmware.applications.channel import Gate
from firmware_model.firmware.applications.transaction import Applications
from firmware_model.wire import hdlc, scp03, secondary, secondary_table
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import SetStatus
from firmware_model.wire.scp03 import CardChannel
from firmware_model.wire.secondary_table import SecondaryEffect, SecondaryInput, SecondaryState
from host_tools.check import CHECKS, CheckOutcome, Subject, judge, release_catch
from host_tools.client.keys import FobKeys
from host_tools.client.ports import Port
from tests.firmware_model.fobs import token_of
from tests.token import in_process
from tests.token.in_process import DeviceTransport

BY_NAME = {check.name: check for check in CHECKS}
Sabotage = Callable[[pytest.MonkeyPatch], None]


def answers(command: str, answer: str) -> Sabotage:
    """A fob that answers one command in its own way."""
    genuine = Applications.transact

    def transact(self: Applications, raw: bytes) -> bytes:
        found = genuine(self, raw)
        return bytes.fromhex(answer) if raw == bytes.fromhex(command) else found

    return lambda patch: patch.setattr(Applications, "transact", transact)


def moves(state: SecondaryState, what: SecondaryInput, effect: SecondaryEffect) -> Sabotage:
    """A fob whose link does something else than the table says."""
    wrong = dict(secondary_table.TRANSITIONS)
    wrong[state, what] = (effect, wrong[state, what][1])
    return lambda patch: patch.setattr(secondary, "TRANSITIONS", wrong)


def never(kind: type[Any], method: str, result: object) -> Sabotage:
    """A fob that leaves something out."""
    return lambda patch: patch.setattr(kind, method, lambda *_: result)


SABOTAGES = [
    (
        "link: disconnecting",
        moves(SecondaryState.DISCONNECTED, SecondaryInput.DISC, SecondaryEffect.DENY),
    ),
    (
        "link: a malformed snrm",
        moves(
            SecondaryState.DISCONNECTED, SecondaryInput.SNRM_MALFORMED, SecondaryEffect.ACKNOWLEDGE
        ),
    ),
    (
        "link: a frame that comes again",
        moves(SecondaryState.READY, SecondaryInput.DUPLICATE, SecondaryEffect.READY),
    ),
    (
        "link: an answer that was lost",
        moves(SecondaryState.READY, SecondaryInput.MISSED, SecondaryEffect.READY),
    ),
    (
        "link: frames out of sequence",
        moves(SecondaryState.READY, SecondaryInput.OUT_OF_SEQUENCE, SecondaryEffect.REJECT),
    ),
    (
        "link: commands in segments",
        moves(SecondaryState.READY, SecondaryInput.SEGMENT, SecondaryEffect.BUSY),
    ),
    (
        "link: rejecting unknown frames",
        moves(SecondaryState.READY, SecondaryInput.UNKNOWN, SecondaryEffect.READY),
    ),
    (
        "link: wrong check sequences",
        lambda patch: patch.setattr(hdlc, "_examine", _careless(hdlc._examine)),
    ),
    ("application: selecting", answers("00 A4 04 00 05 F0 4B 45 59 46 00", "6A 82")),
    ("application: every object", answers("00 CA DF 28 00", "FF 0B B8 01 90 00")),
    ("application: value and whole object", answers("80 CA DF 22 00", "90 00")),
    ("application: a list of objects", answers("00 CB 3F FF 04 5C 02 DF 7F 00", "90 00")),
    ("application: a length too small", answers("00 CA DF 23 02", "00 01 90 00")),
    ("application: odd commands", answers("00 CA 12 34 00", "6A 82")),
    ("application: self test", answers("00 CA DF 2D 00", "0F FF 00 10 90 00")),
    ("application: key information", answers("00 CA 00 E0 00", "C0 04 01 FF 88 10 90 00")),
    ("security: changed commands", never(CardChannel, "close", None)),
    ("security: replayed commands", never(scp03._Session, "move_on", None)),
    ("security: the sequence counter", answers("00 CA 00 C1 00", "00 00 07 90 00")),
    ("security: failed authentications", never(Gate, "_hold_back", None)),
]


def _careless(genuine: Callable[[bytes, int], Any]) -> Callable[[bytes, int], Any]:
    """Return a fob's look at a frame that forgives a spoilt header check."""

    def examine(data: bytes, start: int) -> Any:
        found, end = genuine(data, start)
        if found is hdlc.Damage.HEADER_CHECK:
            ready = hdlc.Frame(
                b"\x02\x03", b"\x21", hdlc.control_byte(hdlc.FrameKind.RR, poll=True)
            )
            return ready, end
        return found, end

    return examine


def ended(fob: Subject, _transport: DeviceTransport) -> None:
    fob.secured().done(SetStatus(LifeCycle.TERMINATED))


def locked(fob: Subject, _transport: DeviceTransport) -> None:
    fob.bring(LifeCycle.LOCKED)


def without_tries(_fob: Subject, transport: DeviceTransport) -> None:
    keys.store_failures(token_of(transport.device).journal, 10)


@pytest.mark.parametrize("bring", [ended, locked, without_tries])
def test_a_good_fob_fails_nothing_in_whatever_state_of_life(
    bring: Callable[[Subject, DeviceTransport], None],
) -> None:
    transport = DeviceTransport()
    fob = Subject(Port("in process", transport))
    bring(fob, transport)
    verdicts = [judge(check, fob, erase=False) for check in CHECKS]
    assert [verdict for verdict in verdicts if verdict.outcome is CheckOutcome.FAILED] == []
    assert sum(verdict.outcome is CheckOutcome.PASSED for verdict in verdicts) > 20


@pytest.mark.parametrize(("name", "sabotage"), SABOTAGES, ids=[name for name, _ in SABOTAGES])
def test_a_broken_promise_is_noticed(
    name: str, sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = BY_NAME[name]
    assert judge(check, Subject(in_process.port()), erase=True).outcome is CheckOutcome.PASSED
    sabotage(monkeypatch)
    verdict = judge(check, Subject(in_process.port()), erase=True)
    assert verdict.outcome is CheckOutcome.FAILED, "nothing was noticed"
    assert verdict.reason


def test_what_changes_a_fob_for_good_is_not_run_with_the_catch_on() -> None:
    fob = Subject(in_process.port())
    skipped = [check for check in CHECKS if check.erases]
    assert skipped
    for check in skipped:
        assert judge(check, fob, erase=False).outcome is CheckOutcome.SKIPPED
    assert fob.life_cycle() is LifeCycle.BLANK


@pytest.mark.parametrize("name", ["", "ZZH600000001", in_process.CHIP_ID.hex()[:-1]])
def test_the_catch_opens_for_the_named_fob_only(name: str) -> None:
    with pytest.raises(BadInput, match="is not the chip ID of the fob on the line"):
        release_catch(Subject(in_process.port()), name)


def test_the_catch_never_opens_for_a_fob_that_somebody_uses() -> None:
    fob = Subject(in_process.port())
    release_catch(fob, in_process.CHIP_ID.hex().upper())
    fob.bring(LifeCycle.PERSONALISED)
    with pytest.raises(BadInput, match="ZZCK00000001 is personalised: only a blank fob"):
        release_catch(fob, "ZZCK00000001")


def test_a_fob_with_other_keys_is_skipped_where_they_are_needed() -> None:
    fob = Subject(in_process.port(), keys=FobKeys("wrong.keys", 0, (bytes(16),) * 3))
    verdict = judge(BY_NAME["security: every level"], fob, erase=False)
    assert (verdict.outcome, verdict.reason) == (
        CheckOutcome.SKIPPED,
        "the fob has other keys than wrong.keys",
    )
