"""The issuer security domain: what this card is, which keys it has, and how they are replaced.

WIRE §6. Its life-cycle is the fob's, so SET STATUS is here as well as in the token application.
"""

from collections.abc import Callable

from firmware_model.firmware import keys
from firmware_model.firmware.applications.context import (
    OPERABLE,
    Application,
    CommandContext,
    answer_list,
    answer_object,
    refused_to_write,
)
from firmware_model.firmware.applications.life import set_status
from firmware_model.firmware.question import Answer
from firmware_model.identity import Day
from firmware_model.wire.apdu import Response, StatusWord
from firmware_model.wire.card import (
    CARD_RECOGNITION_DATA,
    CardTag,
    KeyInformation,
    ProductionLifeCycle,
    SequenceCounter,
)
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    GetData,
    GetDataList,
    PutKey,
    SetStatus,
)
from firmware_model.wire.scp03_keys import DEFAULT_VERSION, TEST_KEYS, decode_key_data

READABLE_TO_THE_END = frozenset({CardTag.CARD_RECOGNITION_DATA, CardTag.PRODUCTION_LIFE_CYCLE})
"""What a terminated fob still tells: nothing of keys."""


def _get_data(context: CommandContext, message: GetData) -> Answer:
    reading = _READINGS.get(message.tag)
    if reading is None:
        return StatusWord.REFERENCED_DATA_NOT_FOUND
    ended = context.token.life_cycle is LifeCycle.TERMINATED
    if ended and message.tag not in READABLE_TO_THE_END:
        return StatusWord.CONDITIONS_NOT_SATISFIED
    return answer_object(message.tag, reading(context), whole=message.whole)


def _production_life_cycle(context: CommandContext) -> bytes:
    chip_id = context.token.chip_id
    return ProductionLifeCycle(
        chip_serial_number=int.from_bytes(chip_id[-4:], "big"),
        chip_batch=int.from_bytes(chip_id[-6:-4], "big"),
        fabrication_date=_year_and_day(context.token.made_days),
    ).encode()


def _year_and_day(days_since_1970: int) -> int:
    """Return a day as CPLC writes it: last digit of the year, day of the year, in BCD."""
    year = Day.from_number(days_since_1970).year
    day_of_year = days_since_1970 - Day(year, 1, 1).number + 1
    return int(f"{year % 10}{day_of_year:03d}", 16)


_READINGS: dict[int, Callable[[CommandContext], bytes]] = {
    CardTag.CARD_RECOGNITION_DATA: lambda _: CARD_RECOGNITION_DATA,
    CardTag.KEY_INFORMATION: lambda context: KeyInformation.of(
        keys.key_set(context.token.journal)
    ).encode(),
    CardTag.SEQUENCE_COUNTER: lambda context: SequenceCounter(
        keys.sequence_counter(context.token.journal)
    ).encode(),
    CardTag.PRODUCTION_LIFE_CYCLE: _production_life_cycle,
}


def _put_key(context: CommandContext, message: PutKey) -> Answer:
    """Replace the key set (Amendment D §7.2); a fob has one, and the first one is the factory's.

    Version 0 adds a set, which is possible only where that replaces the public test keys.
    """
    if refused := refused_to_write(context, OPERABLE):
        return refused
    assert context.dek is not None, "not refused, so it came through a channel"
    journal = context.token.journal
    version = keys.key_set(journal).version
    if message.replaced_version == DEFAULT_VERSION:
        if version != TEST_KEYS.version:
            return StatusWord.NOT_ENOUGH_SPACE
    elif message.replaced_version != version:
        return StatusWord.REFERENCED_DATA_NOT_FOUND
    new = decode_key_data(message.key_data, context.dek)
    if isinstance(new, StatusWord):
        return new
    keys.replace_key_set(journal, new)
    return Response(new.check_values)


ISSUER_SECURITY_DOMAIN = Application(
    ISSUER_SECURITY_DOMAIN_AID,
    {
        GetData: _get_data,
        GetDataList: answer_list(_get_data),
        PutKey: _put_key,
        SetStatus: set_status,
    },
)
