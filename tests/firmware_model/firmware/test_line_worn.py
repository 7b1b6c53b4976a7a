"""Flash that wears out under a host's command: the host is told, and does not wait for ever."""

import pytest

from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent, Shown, Transmit
from firmware_model.firmware.memory import Key
from firmware_model.inputs import Receive, Reset
from firmware_model.wire.apdu import Response, StatusWord, decode_response
from firmware_model.wire.codes import ErrorCode, Tag
from firmware_model.wire.events import Connected, Indication, Send
from firmware_model.wire.messages import TOKEN_AID, GetData, InitializeUpdate, Select
from firmware_model.wire.objects import ErrorLog
from firmware_model.wire.primary import Primary, PrimaryEvent
from tests.firmware_model.fobs import CHIP_ID, START, built, events, shown, token_of

WRITING = InitializeUpdate(0, bytes(8)).command().encode()
"""Each one makes the sequence counter durable before it is answered (Amendment D)."""


class Host:
    """A primary whose line is a function call."""

    def __init__(self, fob: Device) -> None:
        self.fob = fob
        self.primary = Primary(1)
        self.seen: list[Effect] = []
        assert isinstance(self._through(self.primary.connect(START)), Connected)

    def status(self, command: bytes) -> int:
        return self._exchange(command).status

    def answer(self, message: GetData) -> bytes:
        self._exchange(Select(TOKEN_AID).command().encode())
        response = self._exchange(message.command().encode())
        assert response.status == StatusWord.OK, response
        return response.data

    def _exchange(self, command: bytes) -> Response:
        event = self._through(self.primary.transmit(command, START))
        assert isinstance(event, Indication), event
        response = decode_response(event.information)
        assert response is not None
        return response

    def _through(self, events: list[PrimaryEvent]) -> PrimaryEvent:
        while isinstance(send := events[0], Send):
            effects = self.fob.handle(Receive(send.data), START)
            self.seen += effects
            sent = b"".join(effect.data for effect in effects if isinstance(effect, Transmit))
            events = self.primary.receive(sent, START)
        return events[0]


def test_a_command_that_wears_the_flash_out_is_answered() -> None:
    fob = built("fob-h6")
    for page in fob._board.flash.pages:
        page.life = 0  # the next erase leaves a cell that no longer rises
    host = Host(fob)
    statuses = [host.status(WRITING)]
    while statuses[-1] == StatusWord.OK:
        statuses.append(host.status(WRITING))
    assert statuses[-1] == StatusWord.MEMORY_FAILURE, len(statuses)
    assert [e.text.strip() for e in host.seen if isinstance(e, Shown)] == ["Err 2"]
    assert host.status(bytes.fromhex("00 A4 04 00 00")) == StatusWord.OK, "it still answers"


def test_nothing_is_lost_of_what_was_there_before() -> None:
    fob = built("fob-h6")
    host = Host(fob)
    before = dict(token_of(fob).journal.entries)
    for page in fob._board.flash.pages:
        page.life, page.erases = 0, 1000  # the next erase leaves hundreds of such cells
    while host.status(WRITING) == StatusWord.OK:
        before = dict(token_of(fob).journal.entries)
    after = dict(token_of(fob).journal.entries)
    after.pop(Key.ERROR_LOG, None)  # where the wear itself is noted
    assert after == before


@pytest.mark.parametrize("erases", [0, 1000])
def test_the_error_log_says_so_once_and_keeps_it_where_there_is_room(erases: int) -> None:
    fob = built("fob-h6")
    host = Host(fob)
    for page in fob._board.flash.pages:
        page.life, page.erases = 0, erases
    while host.status(WRITING) == StatusWord.OK:
        pass
    host.status(WRITING)
    worn = [entry.code for entry in token_of(fob).errors].count(ErrorCode.FLASH_WORN)
    assert worn == 1
    told = ErrorLog.decode(Host(fob).answer(GetData(Tag.ERROR_LOG)))
    assert told is not None
    assert [entry.code for entry in told.entries] == [ErrorCode.FLASH_WORN]
    stored = token_of(fob).journal.entries.get(Key.ERROR_LOG)
    fob.handle(Reset(), START)
    assert [entry.code for entry in token_of(fob).errors].count(ErrorCode.FLASH_WORN) == 1
    if stored:
        assert token_of(fob).journal.entries[Key.ERROR_LOG].startswith(stored)


def test_after_the_next_boot_the_self_test_names_the_flash() -> None:
    fob = built("fob-h6")
    host = Host(fob)
    for page in fob._board.flash.pages:
        page.life, page.erases = 0, 1000
    while host.status(WRITING) == StatusWord.OK:
        pass
    for _ in range(2):
        told = fob.handle(Reset(), START)
        assert FobEvent.SELF_TEST_FAILED in events(told)
        assert shown(told) == ["Err 2"]
        assert Host(fob).answer(GetData(Tag.SELF_TEST)).hex(" ") == "03 fe 00 02"
        assert Host(fob).answer(GetData(Tag.CHIP_ID)) == CHIP_ID
        assert Host(fob).status(WRITING) == StatusWord.CONDITIONS_NOT_SATISFIED
