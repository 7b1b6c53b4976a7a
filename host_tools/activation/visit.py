"""One visit to a soft token on its port: ask what its user wants, and answer it (WIRE §9)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum, unique

from firmware_model.errors import BadAnswer, Denied, Refused
from firmware_model.units import SECONDS_PER_DAY
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    ActivationReceipt,
    ActivationRefusal,
    AppStanding,
    AppStatus,
    GeneralAuthenticate,
    HandedCode,
    Proof,
    Request,
    Wish,
    opened,
)
from firmware_model.wire.apdu import NE_MAX, Command, StatusWord
from firmware_model.wire.messages import CLA_ISO, Instruction
from firmware_model.wire.objects import Clock, ExpiryDate, SerialNumber, Slots
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import Issue, IssueReason, IssueState
from host_tools.client.session import TokenSession


@unique
class What(StrEnum):
    """What came of a visit."""

    NOTHING = "nothing asked"
    ACTIVATED = "activated"
    REFUSED = "refused"
    WRONG_CLOCK = "wrong device clock"
    EXTENDED = "extended"
    CODE = "code handed over"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """What came of a visit: `what`, and for a refusal its `reason`.

    `clock_ahead_seconds` is how far the device's clock is ahead of the host's; None where the
    device has no time. `standing` and `device_id` are the app's own words.
    """

    what: What
    standing: AppStanding
    device_id: str
    serial_number: str = ""
    reason: IssueReason | None = None
    expiry_date: date | None = None
    clock_ahead_seconds: int | None = None
    code: str = field(default="", repr=False)


def serve(session: TokenSession, desk: ActivationDesk, now: Callable[[], Decimal]) -> VisitOutcome:
    """Ask the soft token for its user's wish, and grant or refuse it.

    `now` gives true time in seconds since 1970. A token whose activation was cut off between its
    storing and its receipt is settled on the way.

    Raises:
        KeyfobError: as `TokenSession`; the token is no soft token (Refused, 6A82).
    """
    session.select(ACTIVATION_AID)
    return _Visit(session, desk, now).outcome()


class _Visit:
    def __init__(
        self, session: TokenSession, desk: ActivationDesk, now: Callable[[], Decimal]
    ) -> None:
        self._session = session
        self._desk = desk
        self._now = now

    def outcome(self) -> VisitOutcome:
        settled = self._settle()
        request = self._request()
        if request is None:
            return self._told(What.NOTHING if settled is None else What.ACTIVATED, settled)
        match request.wish:
            case Wish.ACTIVATION:
                return self._activate(request)
            case Wish.EXTENSION:
                return self._extend(request.serial_number or "")
            case Wish.LOGIN:
                return self._take_code(request.serial_number or "")

    def _settle(self) -> Issue | None:
        """Return the issue whose receipt got lost, if this token holds what was granted last."""
        serial_number = self._serial_number()
        issue = self._desk.store.token(serial_number)
        if issue is not None and issue.state is IssueState.GRANTED:
            slots = self._session.get(Slots)
            check = slots.slots[0].seed_check if slots and slots.slots else None
            if check is not None:
                with suppress(Denied):  # an earlier grant, which a later one has made void
                    return self._desk.settle(serial_number, check, self._seconds())
        return None

    def _activate(self, request: Request) -> VisitOutcome:
        run = self._desk.challenge(request, self._seconds())
        answer = self._authenticate(GeneralAuthenticate(run.challenge))
        proof = opened(Proof, answer)
        if proof is None:
            raise BadAnswer("the token's answer is no proof")
        confirmation = self._desk.prove(run, proof.proof, self._seconds())
        if isinstance(confirmation, IssueReason):
            return self._refuse(confirmation)
        try:
            answer = self._authenticate(GeneralAuthenticate(confirmation))
        except Refused as error:
            if error.status == StatusWord.CONDITIONS_NOT_SATISFIED:
                return self._told(What.WRONG_CLOCK)
            raise
        receipt = opened(ActivationReceipt, answer)
        if receipt is None:
            raise BadAnswer("the token's answer is no receipt")
        issue = self._desk.confirm(run, receipt.receipt, self._seconds())
        return self._told(What.ACTIVATED, issue)

    def _extend(self, serial_number: str) -> VisitOutcome:
        issue = self._desk.store.token(serial_number)
        day = IssueReason.UNKNOWN if issue is None else issue.extended(self._seconds())
        if issue is None or isinstance(day, IssueReason):
            assert isinstance(day, IssueReason), "no issue, no day"
            return self._refuse(day)
        self._open_channel(serial_number)
        self._session.store(ExpiryDate(day))
        self._desk.store.extend(issue, day, self._seconds())
        return self._told(What.EXTENDED, self._desk.store.token(serial_number))

    def _take_code(self, serial_number: str) -> VisitOutcome:
        issue = self._desk.store.token(serial_number)
        if issue is None or issue.state is not IssueState.ACTIVATED:
            return self._refuse(IssueReason.UNKNOWN if issue is None else IssueReason.WITHDRAWN)
        self._open_channel(serial_number)
        raw = self._session.send(_get_data(HandedCode.TAG, 256), "to hand its code over")
        code = HandedCode.decode(raw)
        if code is None:
            raise BadAnswer("what the token hands over is no code")
        return self._told(What.CODE, issue, code=code.code)

    def _refuse(self, reason: IssueReason) -> VisitOutcome:
        command = GeneralAuthenticate(ActivationRefusal(refused=True)).command()
        self._session.send(command, "to take a no")
        return self._told(What.REFUSED, reason=reason)

    def _open_channel(self, serial_number: str) -> None:
        keys = self._desk.keys(serial_number)
        if keys is None:
            raise Denied(f"{serial_number}: nothing was granted to it here")
        self._session.open_channel(keys)

    def _request(self) -> Request | None:
        response = self._session.exchange(_get_data(Request.TAG, NE_MAX))
        if response.status == StatusWord.REFERENCED_DATA_NOT_FOUND:
            return None
        request = Request.decode(response.data) if response.is_ok else None
        if request is None:
            raise BadAnswer("the token's request cannot be understood")
        return request

    def _authenticate(self, message: GeneralAuthenticate) -> bytes:
        return self._session.send(message.command(), "to go on with its activation")

    def _told(
        self,
        what: What,
        issue: Issue | None = None,
        *,
        reason: IssueReason | None = None,
        code: str = "",
    ) -> VisitOutcome:
        """Return the outcome with what the app says of itself."""
        raw = self._session.send(_get_data(AppStatus.TAG, 256), "to tell how its app stands")
        status = AppStatus.decode(raw)
        if status is None:
            raise BadAnswer("the app's status cannot be understood")
        clock = self._session.get(Clock)
        days = None if issue is None else issue.expiry_days
        return VisitOutcome(
            what=what,
            standing=status.standing,
            device_id=status.device_id,
            serial_number=issue.serial_number if issue else self._serial_number(),
            reason=reason,
            expiry_date=None
            if days is None
            else datetime.fromtimestamp(days * SECONDS_PER_DAY, UTC).date(),
            clock_ahead_seconds=clock.unix_seconds - self._seconds()
            if clock and clock.valid
            else None,
            code=code,
        )

    def _serial_number(self) -> str:
        found = self._session.get(SerialNumber)
        return found.text if found else ""

    def _seconds(self) -> int:
        return int(self._now())


def _get_data(tag: int, ne: int) -> Command:
    return Command(CLA_ISO, Instruction.GET_DATA, tag >> 8, tag & 0xFF, ne=ne)
