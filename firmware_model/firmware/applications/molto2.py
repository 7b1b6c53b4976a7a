"""The published Molto2 command set: a hundred profiles that a customer key opens (WIRE §13).

Reads and the deletion of a seed need no key, as on the device. Reset and key change wait for the
button, and are answered before.
"""

import hmac
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

from firmware_model.datasheet.card import PLAIN_CARD
from firmware_model.firmware.applications.context import CardApplication, Outcome
from firmware_model.firmware.applications.room import has_room
from firmware_model.firmware.memory import Key, credential_key, factor_key
from firmware_model.firmware.profiles import PROFILE_ENTRIES, Profiles, entry_of
from firmware_model.firmware.question import Answer, Question
from firmware_model.firmware.slots import erase_slot, load_slot, put_named
from firmware_model.firmware.token import Token
from firmware_model.wire import molto2
from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import Instruction
from firmware_model.wire.molto2 import (
    CLA_PLAIN,
    CLA_SECURED,
    Configuration,
    DeviceStatus,
    MoltoInstruction,
    MoltoTag,
    ProfileSettings,
    PublicProfile,
)

LOCK_FROM = (2, 1, 0)
"""The firmware version from which on the screen can be locked."""

SERIAL_DIGITS = 15
RESET_TEXT, KEY_TEXT = "Reset? Press", "New key? Press"
_LOCK_P1_P2 = 0x0C02


class _Row(NamedTuple):
    """How a command is carried out; `profile_p1` where P1 is that and P2 a profile."""

    act: Callable[[Any, int, bytes], Outcome]
    p1_p2: int | None = None
    profile_p1: int | None = None
    is_secured: bool = False
    since: tuple[int, int, int] = (0, 0, 0)


class Molto2Session:
    """The command set since its selection: a challenge, and whether the host has proved the key."""

    continued_by = Instruction.GET_RESPONSE
    has_own_security = True

    __slots__ = ("_challenge", "_is_authenticated", "_profiles", "_token")

    def __init__(self, token: Token) -> None:
        assert token.profiles is not None, "the model names the application"
        self._token = token
        self._profiles: Profiles = token.profiles
        self._challenge = b""
        self._is_authenticated = False

    def answer_select(self) -> Answer:
        """Nothing selects it by name."""
        return StatusWord.NOT_FOUND

    def perform(self, command: Command) -> Outcome:
        """Carry out one command."""
        if command.cla not in (CLA_PLAIN, CLA_SECURED):
            return StatusWord.CLASS_NOT_SUPPORTED
        row = self._COMMANDS.get(command.ins)
        version = (self._token.model.card or PLAIN_CARD).version_numbers
        if row is None or version < row.since:
            return StatusWord.INSTRUCTION_NOT_SUPPORTED
        if self._token.life_cycle is LifeCycle.TERMINATED:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        if row.p1_p2 is not None and command.p1p2 != row.p1_p2:
            return StatusWord.INCORRECT_P1_P2
        of_profile = row.profile_p1 is not None
        if of_profile and (command.p1 != row.profile_p1 or command.p2 >= self._count):
            return StatusWord.INCORRECT_P1_P2
        if not row.is_secured:
            return row.act(self, command.p2 + 1, command.data)
        if command.cla != CLA_SECURED or not self._is_authenticated:
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED
        if len(command.data) <= molto2.MAC_BYTES:
            return StatusWord.WRONG_LENGTH
        if not molto2.is_authentic(self._profiles.key, command.header[1:], command.data):
            return StatusWord.AUTHENTICATION_BLOCKED
        return row.act(self, command.p2 + 1, command.data[: -molto2.MAC_BYTES])

    @property
    def _count(self) -> int:
        return min(len(self._token.slots), molto2.PROFILES)

    # To anybody ---------------------------------------------------------------------------------

    def _read(self, number: int, data: bytes) -> Outcome:
        seconds = max(0, self._token.unix_seconds() or 0)
        if not data:
            if number != 1:
                return StatusWord.INCORRECT_P1_P2
            serial = int.from_bytes(self._token.chip_id[-6:], "big")
            return Response(DeviceStatus(f"{serial:0{SERIAL_DIGITS}d}", seconds).encode())
        if data != bytes((MoltoTag.SEED_INFORMATION,)):
            return StatusWord.WRONG_DATA
        settings = self._profiles.settings(number)
        has_seed = self._token.slots[number - 1] is not None
        return Response(PublicProfile(settings, seconds, has_seed).encode())

    def _delete_seed(self, number: int, _: bytes) -> Outcome:
        token = self._token
        if token.slots[number - 1] is None:
            return StatusWord.RECORD_NOT_FOUND
        token.retire_presses(number)
        erase_slot(token.journal, number)
        token.slots[number - 1] = None
        return StatusWord.OK

    def _get_challenge(self, _number: int, _: bytes) -> Outcome:
        self._is_authenticated = False
        self._challenge = self._token.draw_challenge(self._profiles.key, molto2.CHALLENGE_BYTES)
        return Response(self._challenge)

    def _authenticate(self, _: int, proof: bytes) -> Outcome:
        """Compare the proof; the failure is durable before, and taken back where it was none."""
        challenge, self._challenge = self._challenge, b""
        tries = self._token.model.security.tries
        before = self._profiles.failures
        if before >= tries:
            return StatusWord.AUTHENTICATION_BLOCKED
        if len(proof) != molto2.BLOCK_BYTES:
            return StatusWord.WRONG_LENGTH
        if not challenge:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        self._profiles.store_own(failures=before + 1)
        padded = challenge.ljust(molto2.BLOCK_BYTES, b"\0")
        if not hmac.compare_digest(molto2.encrypt(self._profiles.key, padded), proof):
            return Response(status=molto2.TRIES_LEFT | tries - before - 1)
        self._profiles.store_own(failures=0)
        self._is_authenticated = True
        return StatusWord.OK

    def _reset(self, _number: int, _: bytes) -> Outcome:
        return self._ask(RESET_TEXT, self._forget_everything)

    # To who knows the key -----------------------------------------------------------------------

    def _write_seed(self, number: int, body: bytes) -> Outcome:
        clear = molto2.decrypt(self._profiles.key, body)
        if clear is None:
            return StatusWord.WRONG_LENGTH
        seed, token = molto2.unpadded(clear), self._token
        if not seed:
            status = self._delete_seed(number, b"")
            return StatusWord.OK if status is StatusWord.RECORD_NOT_FOUND else status
        if len(seed) > molto2.SEED_BYTES_MAX:
            return StatusWord.WRONG_DATA
        if not has_room(token, number, len(seed)):
            return StatusWord.NOT_ENOUGH_SPACE
        token.retire_presses(number)
        entry = entry_of(self._profiles.settings(number), seed)
        token.slots[number - 1] = put_named(token.journal, number, entry)
        return StatusWord.OK

    def _write_title(self, number: int, body: bytes) -> Outcome:
        clear = molto2.decrypt(self._profiles.key, body)
        if clear is None or len(clear) != molto2.BLOCK_BYTES:
            return StatusWord.WRONG_LENGTH
        title = molto2.unpadded(clear)
        if not 1 <= len(title) <= molto2.TITLE_BYTES_MAX:
            return StatusWord.WRONG_DATA
        settings = replace(self._profiles.settings(number), title=title)
        self._store(number, settings)
        return StatusWord.OK

    def _configure(self, number: int, body: bytes) -> Outcome:
        asked = Configuration.decode(body)
        if asked is None:
            return StatusWord.WRONG_DATA
        token, before = self._token, self._profiles.settings(number)
        if (asked.digits or 0) > token.model.display.positions:
            return StatusWord.WRONG_DATA
        settings = replace(
            before,
            timeout=before.timeout if asked.timeout is None else asked.timeout,
            algorithm=asked.algorithm or before.algorithm,
            digits=asked.digits or before.digits,
            step_seconds=asked.step_seconds or before.step_seconds,
        )
        if settings != before:
            self._store(number, settings)
        if asked.unix_seconds is not None:
            token.set_clock(asked.unix_seconds)
        return StatusWord.OK

    def _store(self, number: int, settings: ProfileSettings) -> None:
        token = self._token
        slot, seconds = token.slots[number - 1], token.unix_seconds()
        self._profiles.store_settings(number, settings, slot, seconds)
        token.slots[number - 1] = load_slot(token.journal, number)

    def _change_key(self, _: int, body: bytes) -> Outcome:
        clear = molto2.decrypt(self._profiles.key, body)
        key = None if clear is None else molto2.new_key(clear)
        if key is None:
            return StatusWord.WRONG_DATA
        return self._ask(KEY_TEXT, partial(self._take_key, key))

    def _lock_screen(self, _: int, data: bytes) -> Outcome:
        if not self._is_authenticated:
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED
        if data not in (b"", b"\x01"):
            return StatusWord.WRONG_DATA
        self._profiles.store_own(locked=not data)
        return StatusWord.OK

    # After a press ------------------------------------------------------------------------------

    def _ask(self, text: str, confirm: Callable[[], Answer]) -> Question:
        seconds = (self._token.model.card or PLAIN_CARD).touch_seconds
        queued = Response(status=molto2.QUEUED)
        return Question(text, seconds, confirm, StatusWord.CONDITIONS_NOT_SATISFIED, queued)

    def _take_key(self, key: bytes) -> Answer:
        self._is_authenticated = False
        self._profiles.store_own(key=key, failures=0)
        return StatusWord.OK

    def _forget_everything(self) -> Answer:
        """Erase profiles and key in one step, then overwrite them."""
        token = self._token
        self._is_authenticated = False
        entries: dict[int, bytes] = {int(Key.MOLTO2): b""}
        entries |= {Key.PROFILES + number: b"" for number in range(PROFILE_ENTRIES)}
        for slot in token.present_slots():
            token.retire_presses(slot.number)
            entries |= {credential_key(slot.number): b"", factor_key(slot.number): b""}
            token.slots[slot.number - 1] = None
        token.journal.put_all(entries)
        token.journal.wipe(tuple(key for key, value in token.journal.entries.items() if value))
        self._profiles.selected = 1
        return StatusWord.OK

    _COMMANDS: ClassVar[dict[int, _Row]] = {
        MoltoInstruction.READ: _Row(_read, profile_p1=0),
        MoltoInstruction.GET_CHALLENGE: _Row(_get_challenge, p1_p2=0x0800),
        MoltoInstruction.AUTHENTICATE: _Row(_authenticate, p1_p2=0),
        MoltoInstruction.FACTORY_RESET: _Row(_reset, p1_p2=0),
        MoltoInstruction.DELETE_SEED: _Row(_delete_seed, profile_p1=0),
        MoltoInstruction.WRITE_SEED: _Row(_write_seed, profile_p1=1, is_secured=True),
        MoltoInstruction.WRITE_TITLE: _Row(_write_title, profile_p1=0, is_secured=True),
        MoltoInstruction.CONFIGURE: _Row(_configure, profile_p1=1, is_secured=True),
        MoltoInstruction.CHANGE_KEY: _Row(_change_key, p1_p2=0, is_secured=True),
        MoltoInstruction.LOCK_SCREEN: _Row(_lock_screen, p1_p2=_LOCK_P1_P2, since=LOCK_FROM),
    }


MOLTO2 = CardApplication(b"", Molto2Session)
