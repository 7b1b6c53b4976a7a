"""The token application: reads what the fob knows of itself, takes what it is given (WIRE §5)."""

import hmac
from collections.abc import Callable
from typing import Any

from firmware_model.firmware.applications.context import (
    OPERABLE,
    Application,
    CommandContext,
    answer_list,
    answer_object,
    refused_to_write,
)
from firmware_model.firmware.applications.life import set_status
from firmware_model.firmware.applications.readings import READINGS
from firmware_model.firmware.applications.room import has_room
from firmware_model.firmware.memory import factor_key
from firmware_model.firmware.question import Answer
from firmware_model.identity import Day
from firmware_model.units import SECONDS_PER_DAY
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.codes import LifeCycle, Tag
from firmware_model.wire.messages import TOKEN_AID, GetData, GetDataList, SetStatus, StoreData
from firmware_model.wire.objects import (
    Clock,
    CredentialObject,
    ExpiryDate,
    Identity,
    seed_check_value,
)
from firmware_model.wire.scp03_keys import unwrap_under_dek

_TERMINATED = LifeCycle.TERMINATED
DAYS_MAX = Day(9999, 12, 31).number
SECONDS_MAX = (DAYS_MAX + 1) * SECONDS_PER_DAY - 1
"""The last day and second that calendars here can write."""

READABLE_TO_THE_END = frozenset(
    {
        Tag.LIFE_CYCLE,
        Tag.SERIAL_NUMBER,
        Tag.CREDENTIAL_ID,
        Tag.CHIP_ID,
        Tag.MODEL_NAME,
        Tag.SELF_TEST,
    }
)
"""What a terminated fob still tells; one that lost its flash is as good as that, and tells why."""


def _get_data(context: CommandContext, message: GetData) -> Answer:
    tag = message.tag
    if context.token.life_cycle is _TERMINATED and tag not in READABLE_TO_THE_END:
        return StatusWord.CONDITIONS_NOT_SATISFIED
    reading = READINGS.get(tag)
    found = None if reading is None else reading(context)
    if found is None:
        return StatusWord.REFERENCED_DATA_NOT_FOUND
    return answer_object(tag, found.encode(), whole=message.whole)


def _store_data(context: CommandContext, message: StoreData) -> Answer:
    permitted, store = _STORES[type(message.content)]
    return refused_to_write(context, permitted) or store(context, message.content)


def _store_identity(context: CommandContext, identity: Identity) -> StatusWord:
    if max(identity.manufacture_days, identity.expiry_days or 0) > DAYS_MAX:
        return StatusWord.WRONG_DATA
    context.token.store_identity(identity)
    return StatusWord.OK


def _store_credential(context: CommandContext, credential: CredentialObject) -> StatusWord:
    """Load a credential: into an empty slot, or while blank into one that never gave a code."""
    token = context.token
    if credential.slot > len(token.slots):
        return StatusWord.RECORD_NOT_FOUND
    if (credential.t0_seconds or 0) > SECONDS_MAX:
        return StatusWord.WRONG_DATA
    if credential.digits > token.model.display.positions:
        return StatusWord.WRONG_DATA
    if token.slots[credential.slot - 1] is not None:
        unused = not token.journal.get(factor_key(credential.slot))
        if token.life_cycle is not LifeCycle.BLANK or not unused:
            return StatusWord.CONDITIONS_NOT_SATISFIED
    assert context.dek is not None, "not refused, so it came through a channel"
    seed = unwrap_under_dek(context.dek, credential.wrapped_seed)
    if seed is None:
        return StatusWord.WRONG_DATA
    if not hmac.compare_digest(seed_check_value(seed), credential.seed_check):
        return StatusWord.SECURITY_STATUS_NOT_SATISFIED  # as PUT KEY's, Amendment D §7.2.2
    if not has_room(token, credential.slot, len(seed)):
        return StatusWord.NOT_ENOUGH_SPACE
    token.load(credential, seed)
    return StatusWord.OK


def _store_clock(context: CommandContext, clock: Clock) -> StatusWord:
    if not clock.valid or clock.unix_seconds > SECONDS_MAX:
        return StatusWord.WRONG_DATA
    context.token.set_clock(clock.unix_seconds)
    return StatusWord.OK


def _store_expiry_date(context: CommandContext, expiry: ExpiryDate) -> StatusWord:
    if expiry.days_since_1970 > DAYS_MAX:
        return StatusWord.WRONG_DATA
    context.token.extend(expiry.days_since_1970)
    return StatusWord.OK


_BLANK = frozenset({LifeCycle.BLANK})
_BEFORE_SEALED = frozenset({LifeCycle.BLANK, LifeCycle.PERSONALISED})

_STORES: dict[type, tuple[frozenset[LifeCycle], Callable[[CommandContext, Any], StatusWord]]] = {
    Identity: (_BLANK, _store_identity),
    CredentialObject: (_BEFORE_SEALED, _store_credential),
    Clock: (OPERABLE, _store_clock),
    ExpiryDate: (OPERABLE, _store_expiry_date),
}
"""Each object that may be stored: in which states, and how."""

TOKEN_APPLICATION = Application(
    TOKEN_AID,
    {
        GetData: _get_data,
        GetDataList: answer_list(_get_data),
        StoreData: _store_data,
        SetStatus: set_status,
    },
)
