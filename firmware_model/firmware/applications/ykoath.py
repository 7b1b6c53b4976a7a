"""The public OATH applet: credentials that a host names and asks for codes (WIRE §12).

They lie in the fob's ordinary slots. A response under HOTP, and one that needs a touch, leaves only
when its moving factor is durable, or when the button was pressed.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from firmware_model.datasheet.card import PLAIN_CARD
from firmware_model.firmware.applications.context import CardApplication, Outcome
from firmware_model.firmware.applications.room import has_room
from firmware_model.firmware.memory import Key, credential_key, factor_key
from firmware_model.firmware.moving_factor import take_factor
from firmware_model.firmware.question import Answer, Question
from firmware_model.firmware.slots import (
    ONLY_INCREASING,
    REQUIRE_TOUCH,
    Slot,
    credential_entry,
    erase_slot,
    put_named,
    rename_slot,
    store_factor,
)
from firmware_model.firmware.token import Token
from firmware_model.generators import Hash, OtpKind, truncated
from firmware_model.wire import tlv
from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import CLA_ISO
from firmware_model.wire.ykoath import (
    CHALLENGE_BYTES,
    OATH_AID,
    SALT_BYTES,
    Calculate,
    CalculateAll,
    CredentialType,
    DeleteCredential,
    OathInstruction,
    OathTag,
    PutCredential,
    RenameCredential,
    SetCode,
    Validate,
    encode_response,
)

TOUCH_FROM, SHA512_FROM, RENAME_FROM, MORE_FROM = (4, 2, 4), (4, 3, 1), (5, 3, 0), (5, 7, 0)
"""The firmware versions from which on each is there."""

CREDENTIALS_BEFORE = 32
"""How many credentials a firmware before `MORE_FROM` takes."""

TOUCH_TEXT = "touch"
FACTOR_BITS = 64
RESET_P1_P2 = 0xDEAD
_STEP_SECONDS, _STEP_MAX = 30, 86_400
_RESETS_BYTES = 4


class AccessKey(NamedTuple):
    """The key that hosts must know, and the hash of its HMAC."""

    type: CredentialType
    key: bytes

    def prove(self, challenge: bytes) -> bytes:
        """Return the HMAC of `challenge`."""
        return hmac.digest(self.key, challenge, self.type.algorithm.name.lower())

    def __repr__(self) -> str:
        return "AccessKey(…)"


class _Row(NamedTuple):
    """How a command is carried out: its data, P1 P2, whether it is locked, since which version."""

    act: Callable[[Any, Command, Any], Outcome]
    message: Any = None
    p1_p2: tuple[int, ...] = (0,)
    is_locked: bool = True
    since: tuple[int, int, int] = (0, 0, 0)


_WHOLE_OR_TRUNCATED = (0, 1)


class OathSession:
    """The applet since its selection; `_unlocked` where the host has shown the access key."""

    continued_by = OathInstruction.SEND_REMAINING
    has_own_security = False

    __slots__ = ("_challenge", "_token", "_unlocked")

    def __init__(self, token: Token) -> None:
        self._token = token
        access = self._access_key()
        self._unlocked = access is None
        self._challenge = (
            b"" if access is None else token.draw_challenge(access.key, CHALLENGE_BYTES)
        )

    def answer_select(self) -> Answer:
        """Return version, salt and, where there is an access key, a challenge and its hash."""
        said = [(OathTag.VERSION, bytes(self._version)), (OathTag.NAME, self._salt())]
        access = self._access_key()
        if access is not None:
            said.append((OathTag.CHALLENGE, self._challenge))
            said.append((OathTag.ALGORITHM, bytes((access.type.code,))))
        return Response(tlv.encode_all([(int(tag), value) for tag, value in said]))

    def perform(self, command: Command) -> Outcome:
        """Carry out one command of the applet."""
        if command.cla != CLA_ISO:
            return StatusWord.CLASS_NOT_SUPPORTED
        row = self._COMMANDS.get(command.ins)
        if row is None or self._version < row.since:
            return StatusWord.INSTRUCTION_NOT_SUPPORTED
        if self._token.life_cycle is LifeCycle.TERMINATED:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        if row.is_locked and not self._unlocked:
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED
        if command.p1p2 not in row.p1_p2:
            return StatusWord.INCORRECT_P1_P2
        if row.message is None:
            return row.act(self, command, None)
        message = row.message.decode(command.data)
        return StatusWord.WRONG_DATA if message is None else row.act(self, command, message)

    # What is kept -------------------------------------------------------------------------------

    @property
    def _version(self) -> tuple[int, int, int]:
        return (self._token.model.card or PLAIN_CARD).version_numbers

    def _entry(self) -> tuple[int, bytes]:
        """Return how often the applet was reset, and the access key with its type before it."""
        entry = self._token.journal.get(Key.OATH) or bytes(_RESETS_BYTES)
        return int.from_bytes(entry[:_RESETS_BYTES], "big"), entry[_RESETS_BYTES:]

    def _access_key(self) -> AccessKey | None:
        _, coded = self._entry()
        kind = CredentialType.decode(coded[0]) if coded else None
        return None if kind is None else AccessKey(kind, coded[1:])

    def _salt(self) -> bytes:
        resets, _ = self._entry()
        made_of = b"salt" + self._token.chip_id + resets.to_bytes(_RESETS_BYTES, "big")
        return hashlib.sha256(made_of).digest()[:SALT_BYTES]

    def _named(self) -> list[Slot]:
        """Return the applet's own credentials; those of the token application have no name."""
        return [slot for slot in self._token.present_slots() if slot.name]

    def _find(self, name: bytes) -> Slot | None:
        return next((slot for slot in self._named() if slot.name == name), None)

    # Commands -----------------------------------------------------------------------------------

    def _put(self, _: Command, message: PutCredential) -> Outcome:
        version, token = self._version, self._token
        too_new = bool(message.options & REQUIRE_TOUCH) and version < TOUCH_FROM
        too_new |= message.type.algorithm is Hash.SHA512 and version < SHA512_FROM
        if too_new or message.options & ~(ONLY_INCREASING | REQUIRE_TOUCH):
            return StatusWord.WRONG_DATA
        number = self._place_of(message.name)
        if number is None or not has_room(token, number, len(message.seed), len(message.name)):
            return StatusWord.NOT_ENOUGH_SPACE
        entry = credential_entry(
            kind=message.type.kind,
            algorithm=message.type.algorithm,
            digits=message.digits,
            step_seconds=_step_seconds(message.name),
            t0_seconds=0,
            counter=message.counter,
            seed=message.seed,
            name=message.name,
            options=message.options,
        )
        token.retire_presses(number)
        token.slots[number - 1] = put_named(token.journal, number, entry)
        return StatusWord.OK

    def _place_of(self, name: bytes) -> int | None:
        """Return the slot of the credential of that name, else the first that is empty."""
        slots = self._token.slots
        if self._version < MORE_FROM:
            slots = slots[:CREDENTIALS_BEFORE]
        same = self._find(name)
        if same is not None:
            return same.number
        return next((number for number, slot in enumerate(slots, 1) if slot is None), None)

    def _delete(self, _: Command, message: DeleteCredential) -> Outcome:
        slot, token = self._find(message.name), self._token
        if slot is None:
            return StatusWord.REFERENCED_DATA_INVALID
        token.retire_presses(slot.number)
        erase_slot(token.journal, slot.number)
        token.slots[slot.number - 1] = None
        return StatusWord.OK

    def _rename(self, _: Command, message: RenameCredential) -> Outcome:
        slot, token = self._find(message.name), self._token
        if slot is None:
            return StatusWord.REFERENCED_DATA_INVALID
        if self._find(message.new_name) is not None:
            return StatusWord.WRONG_DATA
        rename_slot(token.journal, slot, message.new_name)
        return StatusWord.OK

    def _set_code(self, _command: Command, message: SetCode) -> Outcome:
        resets, _ = self._entry()
        coded = b""
        if message.type is not None:
            access = AccessKey(message.type, message.key)
            if not hmac.compare_digest(access.prove(message.challenge), message.response):
                return StatusWord.REFERENCED_DATA_INVALID
            coded = bytes((message.type.code,)) + message.key
        self._token.journal.put(Key.OATH, resets.to_bytes(_RESETS_BYTES, "big") + coded)
        return StatusWord.OK

    def _validate(self, _: Command, message: Validate) -> Outcome:
        access = self._access_key()
        if access is None:
            return StatusWord.REFERENCED_DATA_INVALID
        if not hmac.compare_digest(access.prove(self._challenge), message.response):
            return StatusWord.WRONG_DATA
        self._unlocked = True
        return Response(tlv.encode(OathTag.RESPONSE, access.prove(message.challenge)))

    def _reset(self, _command: Command, _none: None) -> Outcome:
        """Erase all credentials and the access key in one step, then overwrite them."""
        token = self._token
        resets, _coded = self._entry()
        entries = {int(Key.OATH): ((resets + 1) & 0xFFFF_FFFF).to_bytes(_RESETS_BYTES, "big")}
        for slot in self._named():
            token.retire_presses(slot.number)
            entries |= {credential_key(slot.number): b"", factor_key(slot.number): b""}
            token.slots[slot.number - 1] = None
        token.journal.put_all(entries)
        token.journal.wipe(tuple(key for key, value in token.journal.entries.items() if value))
        self._unlocked = True
        return StatusWord.OK

    def _list(self, _command: Command, _none: None) -> Outcome:
        return Response(
            tlv.encode_all(
                [
                    (int(OathTag.NAME_LIST), bytes((_type_of(slot).code,)) + slot.name)
                    for slot in self._named()
                ]
            )
        )

    def _calculate(self, command: Command, message: Calculate) -> Outcome:
        slot = self._find(message.name)
        if slot is None:
            return StatusWord.REFERENCED_DATA_INVALID

        def answer() -> Answer:
            found = self._respond(slot, message.challenge, truncate=bool(command.p2))
            return found if isinstance(found, StatusWord) else Response(found)

        if not slot.options & REQUIRE_TOUCH:
            return answer()
        seconds = (self._token.model.card or PLAIN_CARD).touch_seconds
        refusal = StatusWord.SECURITY_STATUS_NOT_SATISFIED
        return Question(TOUCH_TEXT, seconds, answer, refusal)

    def _calculate_all(self, command: Command, message: CalculateAll) -> Outcome:
        said: list[bytes] = []
        for slot in self._named():
            said.append(tlv.encode(OathTag.NAME, slot.name))
            if slot.kind is OtpKind.HOTP:
                said.append(tlv.encode(OathTag.NO_RESPONSE, bytes((slot.digits,))))
            elif slot.options & REQUIRE_TOUCH:
                said.append(tlv.encode(OathTag.TOUCH, bytes((slot.digits,))))
            else:
                found = self._respond(slot, message.challenge, truncate=bool(command.p2))
                if isinstance(found, StatusWord):
                    return found
                said.append(found)
        return Response(b"".join(said))

    def _respond(self, slot: Slot, challenge: bytes, *, truncate: bool) -> bytes | StatusWord:
        """Return a credential's response; its moving factor is durable by then."""
        token = self._token
        if token.is_over():
            return StatusWord.CONDITIONS_NOT_SATISFIED
        if slot.kind is OtpKind.HOTP:
            factor = take_factor(token, slot, press=1)
            if isinstance(factor, str):
                return StatusWord.CONDITIONS_NOT_SATISFIED
            challenge = factor.to_bytes(8, "big")
        elif slot.options & ONLY_INCREASING:
            number = int.from_bytes(challenge, "big")
            used = token.journal.get(factor_key(slot.number)) is not None
            if number >> FACTOR_BITS:
                return StatusWord.WRONG_DATA
            if used and number <= slot.factor:
                return StatusWord.SECURITY_STATUS_NOT_SATISFIED
            store_factor(token.journal, slot, number, press=1)
        mcu = token.model.mcu
        token.pins.spend_cycles(mcu.compute_ms * mcu.clock_khz)
        mac = slot.key.mac(challenge)
        return encode_response(mac, slot.digits, number=truncated(mac) if truncate else None)

    _COMMANDS: ClassVar[dict[int, _Row]] = {
        OathInstruction.PUT: _Row(_put, PutCredential),
        OathInstruction.DELETE: _Row(_delete, DeleteCredential),
        OathInstruction.SET_CODE: _Row(_set_code, SetCode),
        OathInstruction.RESET: _Row(_reset, None, (RESET_P1_P2,), is_locked=False),
        OathInstruction.RENAME: _Row(_rename, RenameCredential, since=RENAME_FROM),
        OathInstruction.LIST: _Row(_list),
        OathInstruction.CALCULATE: _Row(_calculate, Calculate, _WHOLE_OR_TRUNCATED),
        OathInstruction.VALIDATE: _Row(_validate, Validate, is_locked=False),
        OathInstruction.CALCULATE_ALL: _Row(_calculate_all, CalculateAll, _WHOLE_OR_TRUNCATED),
    }


def _type_of(slot: Slot) -> CredentialType:
    return CredentialType(slot.kind, slot.algorithm)


def _step_seconds(name: bytes) -> int:
    """Return the time step that hosts write before the name (`60/…`), 30 where they do not."""
    front, slash, _ = name.partition(b"/")
    if slash and front.isdigit() and len(front) < 6 and 1 <= int(front) <= _STEP_MAX:
        return int(front)
    return _STEP_SECONDS


OATH_APPLET = CardApplication(OATH_AID, OathSession)
