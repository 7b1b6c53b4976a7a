"""Commands and answers in words. What is or may be a secret is told by its length only."""

from dataclasses import fields
from enum import Enum, Flag

from firmware_model.wire import activation
from firmware_model.wire.apdu import Command, Response, StatusWord, describe_status
from firmware_model.wire.card import CardTag
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    MAC_BYTES,
    TOKEN_AID,
    ChannelOffer,
    ExternalAuthenticate,
    FciTemplate,
    GetData,
    GetDataList,
    GetResponse,
    InitializeUpdate,
    Instruction,
    Message,
    PutKey,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
    decode_message,
)
from firmware_model.wire.objects import READABLE, Slots, Tag
from firmware_model.wire.tlv import decode_all, decode_one

APPLICATIONS = {
    TOKEN_AID: "the token application",
    ISSUER_SECURITY_DOMAIN_AID: "the issuer security domain",
    activation.ACTIVATION_AID: "the activation application",
}
AID_BYTES_SHOWN = 16


def describe_command(command: Command, level: SecurityLevel) -> str:
    """Return what a command asks for; `level` is that of the channel it came through."""
    if command.is_secured and command.ins != ExternalAuthenticate.INS:
        if level.encrypts_commands:
            return f"{_name(command)}, {_count(len(command.data), 'protected byte')}"
        body = command.data[:-MAC_BYTES]
        cla = command.cla & 0x80
        plain = Command(cla, command.ins, command.p1, command.p2, body, command.ne)
        return f"{_in_clear(plain)}, with a MAC"
    return _in_clear(command)


def describe_response(response: Response, asked: Command | None, level: SecurityLevel) -> str:
    """Return what an answer says; `asked` is the command, `level` the channel's."""
    status = "ok" if response.is_ok else describe_status(response.status)
    data = response.data
    if not data:
        return status
    secured = asked is not None and asked.is_secured and asked.ins != ExternalAuthenticate.INS
    if secured and level.encrypts_responses:
        return f"{status}, {_count(len(data), 'protected byte')}"
    if secured and level.authenticates_responses:
        return f"{status}, {_answer(data[:-MAC_BYTES], asked)}, with a MAC"
    return f"{status}, {_answer(data, asked)}"


def _in_clear(command: Command) -> str:
    message = decode_message(command)
    if isinstance(message, StatusWord):
        known = message is StatusWord.INSTRUCTION_NOT_SUPPORTED and command.ins in list(Instruction)
        odd = "" if known else ", malformed or unknown"
        return f"{_name(command)}{odd}, {_count(len(command.data), 'byte')}"
    return _message(message)


def _name(command: Command) -> str:
    """Return the command's name, and what its header tells of its object."""
    message = decode_message(Command(command.cla & 0x80, command.ins, command.p1, command.p2))
    if isinstance(message, GetData | SetStatus):
        return _message(message)
    if command.ins in list(Instruction):
        return Instruction(command.ins).name.replace("_", " ")
    return f"command {command.header.hex(' ').upper()}"


def _message(message: Message) -> str:
    match message:
        case Select(aid):
            return f"SELECT {_application(aid)}"
        case GetData(tag, whole):
            return f"GET DATA {_object_name(tag)}{', whole object' if whole else ''}"
        case GetDataList(tags):
            return f"GET DATA {', '.join(map(_object_name, tags))}"
        case StoreData(content):
            return f"STORE DATA {_object_name(content.TAG)}: {value_in_words(content)}"
        case SetStatus(life_cycle):
            return f"SET STATUS {life_cycle.name.lower()}"
        case PutKey(replaced, key_data):
            new = key_data[0] if key_data else 0
            return f"PUT KEY, set {new:02X} in place of {replaced:02X}, keys masked"
        case InitializeUpdate(key_version):
            return f"INITIALIZE UPDATE, key set {key_version:02X}"
        case ExternalAuthenticate(level):
            return f"EXTERNAL AUTHENTICATE, level {level:02X}, cryptogram masked"
        case GetResponse(ne):
            return f"GET RESPONSE, up to {_count(ne, 'byte')}"


def _application(name: bytes) -> str:
    """Return which application a name, or the beginning of one, selects."""
    for aid, words in APPLICATIONS.items():
        if aid.startswith(name):
            return words
    return f"application {name[:AID_BYTES_SHOWN].hex().upper()}"


def _answer(data: bytes, asked: Command | None) -> str:
    message = None if asked is None else decode_message(asked)
    if isinstance(message, InitializeUpdate) and (offered := ChannelOffer.decode(data)):
        return (
            f"chip ID {offered.diversification_data.hex()}, key set {offered.key_version:02X},"
            f" counter {offered.sequence_counter}, challenge, cryptogram masked"
        )
    if isinstance(message, Select) and (template := FciTemplate.decode(data)):
        return f"this is {_application(template.aid)}"
    if isinstance(message, GetData) and message.tag in READABLE:
        item = decode_one(data) if message.whole else (message.tag, data)
        if item is not None and item[0] == message.tag:
            found = READABLE[message.tag].decode(item[1])
            if found is not None:
                return value_in_words(found)
    if isinstance(message, GetDataList) and (listed := _objects(data)) is not None:
        return listed
    return _count(len(data), "byte")


def _objects(data: bytes) -> str | None:
    """Return the objects of a list in words, None where one is unknown or malformed."""
    words = []
    for tag, value in decode_all(data) or []:
        found = READABLE[tag].decode(value) if tag in READABLE else None
        if found is None:
            return None
        words.append(f"{_object_name(tag)}: {value_in_words(found)}")
    return "; ".join(words) or None


def value_in_words(value: object) -> str:
    """Return the fields of an object; those that hold secrets are masked, absent ones left out."""
    if isinstance(value, Slots):
        return "; ".join(map(value_in_words, value.slots)) or "none"
    shown = []
    for item in fields(value):  # type: ignore[arg-type]  # every object is a dataclass
        content = getattr(value, item.name)
        if content is not None:
            words = _plain(content) if item.repr else "masked"
            shown.append(f"{item.name.replace('_', ' ')} {words}")
    return ", ".join(shown)


def _plain(content: object) -> str:
    if isinstance(content, Flag):
        return (content.name or "none").lower().replace("|", " and ").replace("_", " ")
    if isinstance(content, Enum):
        return content.name.lower().replace("_", " ")
    if isinstance(content, bytes):
        return content.hex()
    if isinstance(content, tuple):
        return "; ".join(map(value_in_words, content)) or "none"
    return ("yes" if content else "no") if isinstance(content, bool) else str(content)


def _object_name(tag: int) -> str:
    for codes in (Tag, CardTag, activation.ActivationTag):
        if tag in list(codes):
            return f"{codes(tag).name.lower().replace('_', ' ')} ({tag:04X})"
    return f"{tag:04X}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
