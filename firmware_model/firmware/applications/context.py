"""What a command works on: the token, and the secure channel it came through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from firmware_model.firmware import keys
from firmware_model.firmware.question import Answer, Question
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.token import Token
from firmware_model.wire import tlv
from firmware_model.wire.activation import GeneralAuthenticate
from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import GetData, GetDataList, Message
from firmware_model.wire.objects import SelfTestResult


@dataclass(slots=True)
class CommandContext:
    """One command's surroundings.

    `dek` is the key-encryption key of the channel that the command came through with at least
    a C-MAC; None where it came in any other way. `app` is a soft token's, None in a fob.
    """

    token: Token
    self_test: SelfTestResult
    dek: bytes | None = field(repr=False)
    app: SoftApp | None = field(default=None, repr=False)


OPERABLE = frozenset({LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED})
"""The states of a fob that is neither locked nor terminated."""

Outcome = Answer | Question
"""What becomes of a command: an answer, or a question to whoever holds the fob."""

Spoken = Message | GeneralAuthenticate
Handler = Callable[[CommandContext, Any], Answer]
Handlers = dict[type[Spoken], Handler]
"""The commands of one application, each with the function that carries it out."""


@dataclass(frozen=True, slots=True)
class Application:
    """Something that SELECT selects.

    `by_instruction` has the commands of `handlers` by their instruction bytes.
    """

    aid: bytes
    handlers: Handlers
    by_instruction: dict[int, tuple[type[Spoken], Handler]] = field(init=False)

    def __post_init__(self) -> None:
        by_instruction = {int(kind.INS): (kind, each) for kind, each in self.handlers.items()}
        object.__setattr__(self, "by_instruction", by_instruction)


class CardSession(Protocol):
    """A published application of other makers' cards, from its selection to the next.

    It follows its own rules; what it remembers between commands ends with it. One that has its own
    security gets every command as it came; to the others GlobalPlatform's channel is open.
    """

    @property
    def continued_by(self) -> int:
        """The instruction byte of GET RESPONSE, or of what stands for it."""

    @property
    def has_own_security(self) -> bool:
        """Whether class bits are its own affair."""

    def answer_select(self) -> Answer:
        """Return the answer to SELECT."""

    def perform(self, command: Command) -> Outcome:
        """Carry out a command in clear."""


@dataclass(frozen=True, slots=True)
class CardApplication:
    """An application of that kind: its name, and how a session with it begins.

    Without an `aid` nothing selects it: where the model names it, it is there after a reset.
    """

    aid: bytes
    start: Callable[[Token], CardSession]


def tries_left(token: Token) -> int:
    """Return how many authentications may still fail before secure commands are blocked."""
    return max(0, token.model.security.tries - keys.failures(token.journal))


def refused_to_write(context: CommandContext, permitted: frozenset[LifeCycle]) -> StatusWord | None:
    """Return why a command that changes the fob is refused, None where it is not.

    It must come through a channel (6982, or 6983 once channels are blocked), and the fob must
    be in one of the `permitted` states (6985).
    """
    if context.dek is None:
        if not tries_left(context.token):
            return StatusWord.AUTHENTICATION_BLOCKED
        return StatusWord.SECURITY_STATUS_NOT_SATISFIED
    if context.token.life_cycle not in permitted:
        return StatusWord.CONDITIONS_NOT_SATISFIED
    return None


def answer_object(tag: int, value: bytes, *, whole: bool) -> Response:
    """Return an object's value or, for class 80, the whole object (WIRE §4)."""
    return Response(tlv.encode(tag, value) if whole else value)


def answer_list(
    get_data: Callable[[CommandContext, GetData], Answer],
) -> Callable[[CommandContext, GetDataList], Answer]:
    """Return the handler of a tag list: each object whole, as `get_data` gives it, or left out."""

    def get_listed(context: CommandContext, message: GetDataList) -> Answer:
        found = [get_data(context, GetData(tag, whole=True)) for tag in message.tags]
        data = b"".join(answer.data for answer in found if isinstance(answer, Response))
        return Response(data) if data else StatusWord.REFERENCED_DATA_NOT_FOUND

    return get_listed
