"""One command APDU in, one response APDU out: classes, selection, channel, long answers.

WIRE §4 (ISO/IEC 7816-4 §5). What a command means is in the applications' own modules.
"""

from collections.abc import Callable
from typing import ClassVar

from firmware_model.firmware.applications.activation import ACTIVATION_APPLICATION
from firmware_model.firmware.applications.cards import CARD_APPLICATIONS
from firmware_model.firmware.applications.channel import Gate
from firmware_model.firmware.applications.context import (
    Application,
    CardApplication,
    CardSession,
    CommandContext,
    Outcome,
)
from firmware_model.firmware.applications.issuer import ISSUER_SECURITY_DOMAIN
from firmware_model.firmware.applications.token_application import TOKEN_APPLICATION
from firmware_model.firmware.question import Answer, Question
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.token import Token
from firmware_model.wire.apdu import (
    NE_MAX,
    SECURE_MESSAGING,
    SHORT_NE_MAX,
    Command,
    Response,
    StatusWord,
    bytes_left,
    decode_command,
    exact_length,
)
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import (
    CLA_GLOBALPLATFORM,
    CLA_ISO,
    FciTemplate,
    GetResponse,
    Instruction,
    Select,
)
from firmware_model.wire.objects import SelfTestResult

SELECT_BY_NAME = 0x04
_SELECT, _GET_RESPONSE = Instruction.SELECT, Instruction.GET_RESPONSE
_WRONG_LENGTH = Response(status=StatusWord.WRONG_LENGTH).encode()

COMMAND_DATA_MAX = 255
"""What the answer to SELECT promises: no command here needs more."""

_APPLICATIONS: tuple[Application, ...] = (ISSUER_SECURITY_DOMAIN, TOKEN_APPLICATION)
"""In the order SELECT looks for a name; the first is selected after a reset.

A soft token has its activation application behind them, a card the published ones that its
model names.
"""


class Applications:
    """The applications of one fob, and what they remember between two commands.

    `self_test` is the result of the last power-on self-test. `delay_ns` is how long the answer
    just given is to be held back; 0 but after failed authentications. `question` is what the last
    command asks of whoever holds the fob, None where it asks nothing.
    """

    __slots__ = (
        "_app",
        "_asked",
        "_continued_by",
        "_gate",
        "_pending",
        "_selected",
        "_session",
        "_token",
        "delay_ns",
        "question",
        "self_test",
    )

    def __init__(self, token: Token, app: SoftApp | None = None) -> None:
        self._token = token
        self._app = app
        self._gate: Gate | None = None
        self._asked: tuple[Command, Gate | None] | None = None
        self._pending = b""
        self.self_test = SelfTestResult(0, 0)
        self.delay_ns = 0
        self.question: Question | None = None
        self._selected: Application | CardApplication
        self._session: CardSession | None = None
        self._select_first()

    def transact(self, command: bytes) -> bytes:
        """Carry out a command APDU and return the response APDU; what a peer sent never raises.

        Where the command waits for a press, returns b""; `decide` returns its answer.
        """
        self.delay_ns = 0
        if self.question is not None:
            self._withdraw_question()
        parsed = decode_command(command)
        if parsed is None:
            return _WRONG_LENGTH
        ins = parsed.ins
        of_session = self._session is not None and not _selects(parsed)
        direct = self._DIRECT.get(ins)
        if of_session and ins == _SELECT:  # the OATH applet's CALCULATE ALL
            direct = None
        if refused := _REFUSED_CLASSES[parsed.cla]:
            return Response(status=refused).encode()
        never_wrapped = direct is not None or ins == _GET_RESPONSE
        if never_wrapped and parsed.cla not in _CLASSES[ins]:
            return _refuse_class(parsed)
        if ins == _GET_RESPONSE or ins == self._continued_by:
            return self._continue(parsed).encode()
        self._pending = b""
        gate: Gate | None = None
        outcome: Outcome
        if of_session and self._session is not None and self._session.has_own_security:
            outcome = self._session.perform(parsed)
        elif direct is not None:
            outcome = direct(self, parsed)
        else:
            outcome, gate = self._protected(parsed)
        if isinstance(outcome, Question):
            self.question = outcome
            self._asked = parsed, gate
            if outcome.meanwhile is None:
                return b""
            outcome = outcome.meanwhile
        return self._complete(parsed, gate, outcome)

    def decide(self, *, pressed: bool) -> bytes:
        """Carry out the command whose question is open, or refuse it; return its answer.

        b"" where it was answered already.
        """
        question, self.question = self.question, None
        assert question is not None, "a question is open"
        assert self._asked is not None, "kept with the question"
        command, gate = self._asked
        ended = self._token.life_cycle is LifeCycle.TERMINATED
        answer = question.confirm() if pressed and not ended else question.refusal
        return b"" if question.meanwhile is not None else self._complete(command, gate, answer)

    def reset(self) -> None:
        """End selection and channel: a new connection, the end of one, or a long silence."""
        self._select_first()
        self._pending = b""
        self._withdraw_question()
        if self._gate is not None:
            self._gate.close()

    def _withdraw_question(self) -> None:
        """End a question whose command waits; one that was answered already goes on by itself."""
        if self.question is not None and self.question.meanwhile is None:
            self.question = None

    def _select_first(self) -> None:
        """Select what is there without a SELECT."""
        card = self._token.model.card
        self._enter(_APPLICATIONS[0], None)
        for application in () if card is None else self._cards:
            if not application.aid:
                self._enter(application, application.start(self._token))

    def _enter(self, selected: Application | CardApplication, session: CardSession | None) -> None:
        self._selected, self._session = selected, session
        self._continued_by: int = _GET_RESPONSE if session is None else session.continued_by

    @property
    def _cards(self) -> tuple[CardApplication, ...]:
        card = self._token.model.card
        if card is None:
            return ()
        return tuple(one for name in card.applications for one in CARD_APPLICATIONS[name])

    def _complete(self, command: Command, gate: Gate | None, answer: Answer) -> bytes:
        """Secure an answer as its command was, and fit it into what the host takes.

        Without Le everything fits that the command's own form allows.
        """
        response = answer if isinstance(answer, Response) else Response(status=answer)
        if gate is not None:
            response = gate.wrap(response)
        limit = command.ne or (NE_MAX if command.extended else SHORT_NE_MAX)
        if len(response.data) > limit:
            response = self._shortened(command, response, limit)
        return response.encode()

    # Commands that are never secured --------------------------------------------------------------

    def _select(self, command: Command) -> Answer:
        """Select an application by its name or the beginning of it; any channel ends."""
        message = Select.decode(command)
        if isinstance(message, StatusWord):
            return message
        of_its_own = (ACTIVATION_APPLICATION,) if self._app else ()
        for application in _APPLICATIONS + of_its_own:
            if application.aid.startswith(message.aid):
                self.reset()
                self._enter(application, None)
                return Response(FciTemplate(application.aid, COMMAND_DATA_MAX).encode())
        for card in self._cards:
            if card.aid and card.aid.startswith(message.aid):
                self.reset()
                session = card.start(self._token)
                self._enter(card, session)
                return session.answer_select()
        return StatusWord.NOT_FOUND

    def _initialize_update(self, command: Command) -> Answer:
        if self._is_out_of_order:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        if self._gate is None:
            self._gate = Gate(self._token)
        answer = self._gate.initialize_update(self._selected.aid, command)
        self.delay_ns = self._gate.delay_ns
        return answer

    def _external_authenticate(self, command: Command) -> Answer:
        if self._gate is None or self._is_out_of_order:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        status = self._gate.external_authenticate(command)
        self.delay_ns = self._gate.delay_ns
        return status

    @property
    def _is_out_of_order(self) -> bool:
        """Whether the fob has come to its end, or cannot trust its own algorithms."""
        return self._token.life_cycle is LifeCycle.TERMINATED or bool(self.self_test.failed)

    # Commands that may be secured -----------------------------------------------------------------

    def _protected(self, command: Command) -> tuple[Outcome, Gate | None]:
        """Unwrap a command and carry it out; return what secures its answer, if anything does."""
        gate, plain = self._gate, command
        if gate is not None:
            unwrapped = gate.unwrap(command)
            if isinstance(unwrapped, StatusWord):
                return unwrapped, None
            plain = unwrapped
        if not command.cla & SECURE_MESSAGING:
            return self._perform(plain, None), None
        if gate is None:
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED, None
        return self._perform(plain, gate.dek), gate

    def _perform(self, command: Command, dek: bytes | None) -> Outcome:
        if self._session is not None:
            return self._session.perform(command)
        assert isinstance(self._selected, Application), "the others have sessions"
        found = self._selected.by_instruction.get(command.ins)
        if found is None:
            return StatusWord.INSTRUCTION_NOT_SUPPORTED
        if command.cla not in _CLASSES[command.ins]:
            return StatusWord.CLASS_NOT_SUPPORTED
        kind, handler = found
        message = kind.decode(command)
        if isinstance(message, StatusWord):
            return message
        return handler(CommandContext(self._token, self.self_test, dek, self._app), message)

    # Long answers ---------------------------------------------------------------------------------

    def _shortened(self, command: Command, response: Response, limit: int) -> Response:
        """Send `limit` bytes and keep the rest for GET RESPONSE (ISO/IEC 7816-4 §5.3.4).

        A GET DATA in clear whose Le is too small is told the right one instead: it may simply be
        sent again.
        """
        size = len(response.data)
        repeatable = command.ins == Instruction.GET_DATA and not command.is_secured
        if repeatable and size <= SHORT_NE_MAX:
            return Response(status=exact_length(size))
        self._pending = response.data[limit:]
        return Response(response.data[:limit], bytes_left(len(self._pending)))

    def _continue(self, command: Command) -> Response:
        """Answer GET RESPONSE; in mid-channel it belongs to the answer that waits."""
        message = GetResponse.decode(command)
        if isinstance(message, StatusWord):
            return Response(status=message)
        if not self._pending:
            return Response(status=StatusWord.CONDITIONS_NOT_SATISFIED)
        part, self._pending = self._pending[: message.ne], self._pending[message.ne :]
        return Response(part, bytes_left(len(self._pending)) if self._pending else StatusWord.OK)

    _DIRECT: ClassVar[dict[int, Callable[["Applications", Command], Answer]]] = {
        Instruction.SELECT: _select,
        Instruction.INITIALIZE_UPDATE: _initialize_update,
        Instruction.EXTERNAL_AUTHENTICATE: _external_authenticate,
    }
    """Commands that open or end a channel, and so never come through one."""


_SECURED_GLOBALPLATFORM = CLA_GLOBALPLATFORM | SECURE_MESSAGING
_EITHER = (CLA_ISO, CLA_GLOBALPLATFORM)
_CLASSES: dict[int, tuple[int, ...]] = {
    Instruction.SELECT: (CLA_ISO,),
    Instruction.GENERAL_AUTHENTICATE: (CLA_ISO,),
    Instruction.GET_RESPONSE: _EITHER,
    Instruction.GET_DATA: _EITHER,
    Instruction.GET_DATA_LIST: _EITHER,
    Instruction.INITIALIZE_UPDATE: (CLA_GLOBALPLATFORM,),
    Instruction.EXTERNAL_AUTHENTICATE: (_SECURED_GLOBALPLATFORM,),
    Instruction.PUT_KEY: (CLA_GLOBALPLATFORM,),
    # GlobalPlatform's class is 80; a widespread host library sends 00.
    Instruction.STORE_DATA: _EITHER,
    Instruction.SET_STATUS: (CLA_GLOBALPLATFORM,),
}
"""The classes of each instruction, as they are once a channel has unwrapped it."""

_RESERVED_BITS, _RESERVED = 0x60, 0x20
_FURTHER_CHANNELS = 0x40
_CHANNEL_NUMBER = 0x03
_CHAINING = 0x10
_ISO_SECURE_MESSAGING = 0x08


def _refused_class(cla: int) -> StatusWord | None:
    """Return why a class byte is refused, None where it is not (ISO/IEC 7816-4 §5.4.1)."""
    if cla == 0xFF or cla & _RESERVED_BITS == _RESERVED:
        return StatusWord.CLASS_NOT_SUPPORTED
    if cla & (_FURTHER_CHANNELS | _CHANNEL_NUMBER):
        return StatusWord.LOGICAL_CHANNEL_NOT_SUPPORTED
    if cla & _CHAINING:
        return StatusWord.CHAINING_NOT_SUPPORTED
    if cla & _ISO_SECURE_MESSAGING:
        return StatusWord.SECURE_MESSAGING_NOT_SUPPORTED
    return None


_REFUSED_CLASSES = tuple(map(_refused_class, range(0x100)))


def _refuse_class(command: Command) -> bytes:
    """Return the answer to a command that is never wrapped, whose class is another."""
    if command.is_secured:
        return Response(status=StatusWord.SECURE_MESSAGING_NOT_SUPPORTED).encode()
    return Response(status=StatusWord.CLASS_NOT_SUPPORTED).encode()


def _selects(command: Command) -> bool:
    """Whether a command is SELECT by name; applets use its instruction byte for others too."""
    return command.ins == _SELECT and command.p1 == SELECT_BY_NAME
