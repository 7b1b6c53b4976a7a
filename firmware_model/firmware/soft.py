"""The app of a soft token: its user's requests, the bank's answers, whether codes may be shown.

It stores its `Installation`. A request is in RAM only: after a loss of power before the bank's
answer the user asks again.
"""

from dataclasses import dataclass

from firmware_model.datasheet.app import AppRules
from firmware_model.effects import DarkReason, FobEvent
from firmware_model.firmware.installation import (
    KEPT_AFTER_DELETION,
    Installation,
    installation,
)
from firmware_model.firmware.keys import key_set_entry
from firmware_model.firmware.memory import Key
from firmware_model.firmware.slots import credential_entry, store_factor
from firmware_model.firmware.token import Token
from firmware_model.generators import OtpKind
from firmware_model.identity import Day
from firmware_model.inputs import AppInput, AppTap, Installed, Moved, Tapped, Typed
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.activation import (
    AppStanding,
    Challenge,
    Grant,
    Request,
    Secrets,
    Wish,
    is_id,
    secrets_of,
)
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.codes import Condition, LifeCycle
from firmware_model.wire.objects import Identity
from firmware_model.wire.srp import Agreement, Client

NOT_ACTIVATED = "Not activated"
WRONG_DEVICE = "Not this device"
STOPPED = "Stopped"
ASKING = "Asking the bank"
REFUSED = "Refused by the bank"
ALREADY = "Already activated"
BAD_ENTRY = "Check what you typed"
WRONG_CLOCK = "Wrong device clock"
NOT_HERE = "Not available"

LAST_DAY = Day(9999, 12, 31).number
"""The last day that a date can have (WIRE §4.1)."""


@dataclass(slots=True)
class Pending:
    """A request that waits for the bank, made when the RTC read `made_at_ns`.

    `client` has the password until the first challenge uses it up, so that a typed password allows
    one guess. `agreement` and `secrets` are set between the two turns.
    """

    request: Request
    made_at_ns: int
    client: Client | None = None
    agreement: Agreement | None = None
    secrets: Secrets | None = None


class SoftApp:
    """The app on its device. `message` is the text to show next, None where there is none."""

    __slots__ = ("_pending", "_spec", "_token", "message")

    def __init__(self, token: Token, spec: AppRules) -> None:
        self._token = token
        self._spec = spec
        self._pending: Pending | None = None
        self.message: str | None = None

    @property
    def device_id(self) -> str:
        """The device it is on, "" where it is not installed."""
        return self._installation.device_id

    @property
    def installed(self) -> bool:
        """Whether the app is installed; without it there are no answers and a dark screen."""
        return bool(self.device_id)

    @property
    def standing(self) -> AppStanding:
        """The app's state; a token that was never bound to a device runs on any device."""
        if self._token.life_cycle is LifeCycle.TERMINATED:
            return AppStanding.STOPPED
        if self._token.first_slot() is None:
            return AppStanding.NOT_ACTIVATED
        device_id, bound_to, stopped = self._installation
        if bound_to not in ("", device_id):
            return AppStanding.WRONG_DEVICE
        return AppStanding.STOPPED if stopped else AppStanding.ACTIVATED

    def blocking_text(self) -> str | None:
        """Return the text shown instead of a code or a page, None where codes are shown.

        "" is a dark screen.
        """
        if not self.installed:
            return ""
        return _BLOCKING_TEXTS.get(self.standing)

    # The user -------------------------------------------------------------------------------------

    def take_input(self, act: AppInput) -> None:
        """Carry out an act of the user; `message` is the app's answer to it."""
        self._pending = None
        match act:
            case Installed(device_id):
                self._install(device_id)
            case _ if not self.installed:
                self.message = ""
            case Moved(device_id):
                self._store(self._installation._replace(device_id=device_id))
                self.message = self.blocking_text() or ""
            case Typed():
                self.message = self._ask_activation(act)
            case Tapped(AppTap.DELETE):
                self._token.journal.wipe(KEPT_AFTER_DELETION)
                self._token.reload()
                self.message = ""
            case Tapped(tap):
                self.message = self.blocking_text()
                if self.message is None:
                    self.message = self._take_tap(tap)

    def _install(self, device_id: str) -> None:
        """Install a fresh app on the device, in place of an earlier one and all its data."""
        self._token.journal.wipe(KEPT_AFTER_DELETION)
        self._store(Installation(device_id))
        self._token.reload()
        self.message = NOT_ACTIVATED

    def _ask_activation(self, typed: Typed) -> str:
        seconds = self._token.unix_seconds()
        if self._token.life_cycle is not LifeCycle.BLANK:
            return self.blocking_text() or ALREADY
        if seconds is None or seconds < 0:
            return WRONG_CLOCK
        if not (is_id(typed.service_id) and is_id(typed.user_id) and typed.start_password):
            return BAD_ENTRY
        identity = f"{typed.service_id}/{typed.user_id}"
        client = Client(identity, typed.start_password, typed.random)
        request = Request(
            Wish.ACTIVATION,
            self.device_id,
            seconds,
            typed.service_id,
            typed.user_id,
            client.public,
        )
        self._pending = Pending(request, self._token.pins.rtc_ns, client)
        return ASKING

    def _take_tap(self, tap: AppTap) -> str:
        token = self._token
        if tap is AppTap.STOP:
            self._store(self._installation._replace(stopped=True))
            return STOPPED
        wish = Wish.EXTENSION if tap is AppTap.EXTEND else Wish.LOGIN
        possible = (
            token.expiry_days is not None if tap is AppTap.EXTEND else self._spec.direct_login
        )
        seconds = token.unix_seconds()
        if not possible or token.identity is None:
            return NOT_HERE
        if seconds is None or seconds < 0:
            return WRONG_CLOCK
        if wish is Wish.LOGIN and token.is_over():
            return token.model.life.end_text
        serial_number = token.identity.serial_number
        request = Request(wish, self.device_id, seconds, serial_number=serial_number)
        self._pending = Pending(request, token.pins.rtc_ns)
        return ASKING

    @property
    def _installation(self) -> Installation:
        return installation(self._token.journal)

    def _store(self, changed: Installation) -> None:
        self._token.journal.put(Key.APP, changed.encode())

    # The bank's host ------------------------------------------------------------------------------

    def open_request(self, wish: Wish | None = None) -> Pending | None:
        """Return the open request (for `wish`, if given); None without one, or once timed out."""
        pending = self._pending
        if pending is None:
            return None
        age_ns = self._token.pins.rtc_ns - pending.made_at_ns
        if age_ns > self._spec.request_seconds * NS_PER_SECOND:
            self._pending = pending = None
        elif wish is not None and pending.request.wish is not wish:
            return None
        return pending

    def withdraw_request(self) -> None:
        """Forget the request, because the token has changed; a granted extension is reported."""
        extension, self._pending = self.open_request(Wish.EXTENSION), None
        if extension is not None and self._token.expiry_days is not None:
            self.message = f"Expires {Day.from_number(self._token.expiry_days)}"

    def refuse_request(self) -> None:
        """End the request, and report to the user that the bank refused it."""
        self._pending = None
        self.message = REFUSED

    def prove_password(self, challenge: Challenge) -> bytes | None:
        """Return the proof of the typed password; None where no request is open.

        None also for an invalid challenge. Either challenge uses the password up.
        """
        pending = self.open_request(Wish.ACTIVATION)
        if pending is None or pending.client is None:
            return None
        client, pending.client = pending.client, None
        agreement = client.agree(challenge.salt, challenge.public)
        if agreement is None:
            return None
        pending.agreement = agreement
        pending.secrets = secrets_of(agreement.key, pending.request, challenge)
        return agreement.client_proof

    def activate(self, proof: bytes, sealed: bytes) -> bytes | StatusWord:
        """Store all of the bank's grant in one step; return the receipt.

        6982 where the bank did not prove that it knows the password, 6A80 where the grant does
        not fit, 6985 where the device's clock is wrong. Each of these ends the request.
        """
        pending = self.open_request(Wish.ACTIVATION)
        self._pending = None
        if pending is None or pending.agreement is None or pending.secrets is None:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        grant = pending.secrets.open(sealed) if pending.agreement.proves_server(proof) else None
        if grant is None or not self._fits(grant):
            self.message = REFUSED
            if grant is None:
                return StatusWord.SECURITY_STATUS_NOT_SATISFIED
            return StatusWord.WRONG_DATA
        own = self._token.unix_seconds()
        if own is None or abs(own - grant.unix_seconds) > self._spec.clock_tolerance_seconds:
            self.message = WRONG_CLOCK
            return StatusWord.CONDITIONS_NOT_SATISFIED
        self._store_grant(grant, pending.secrets)
        self.message = self._spec.activated_text
        return pending.secrets.receipt

    def _fits(self, grant: Grant) -> bool:
        days = max(grant.issue_days, grant.expiry_days or 0)
        if (self._token.model.otp.kind is OtpKind.TOTP) is not bool(grant.step_seconds):
            return False
        return grant.digits <= self._token.model.display.positions and days <= LAST_DAY

    def _store_grant(self, grant: Grant, secrets: Secrets) -> None:
        token, key_set = self._token, secrets.key_set
        identity = Identity(
            grant.serial_number, grant.credential_id, grant.issue_days, grant.expiry_days
        )
        token.journal.put_all(
            {
                Key.APP: Installation(self.device_id, bound_to=self.device_id).encode(),
                Key.IDENTITY: identity.encode(),
                Key.LIFE_CYCLE: bytes((LifeCycle.SEALED, Condition.IN_USE)),
                Key.KEY_SET: key_set_entry(key_set),
                Key.SEQUENCE: bytes(3),
                Key.FAILURES: bytes(1),
                Key.CREDENTIAL: credential_entry(
                    kind=OtpKind.TOTP if grant.step_seconds else OtpKind.HOTP,
                    algorithm=grant.algorithm,
                    digits=grant.digits,
                    step_seconds=grant.step_seconds or token.model.otp.step_seconds,
                    t0_seconds=0,
                    counter=0,
                    seed=secrets.seed(grant.algorithm),
                ),
            }
        )
        token.reload()
        token.observer.on_event(FobEvent.ACTIVATED)

    def hand_over_code(self) -> str | None:
        """Return the present step's code, once, after its moving factor is durable.

        None without an open request for it, after expiry, and where codes are blocked.
        """
        token = self._token
        pending, slot = self.open_request(Wish.LOGIN), token.first_slot()
        seconds = token.unix_seconds()
        self._pending = None
        if pending is None or slot is None or seconds is None:
            return None
        step = slot.step_at(seconds)
        if self.blocking_text() is not None or token.is_over() or step < max(0, slot.earliest_step):
            return None
        store_factor(token.journal, slot, step, press=1)
        self.message = ""
        return slot.code(step)

    def dark_reason(self) -> DarkReason | None:
        """Return why the app shows nothing; None where the reason is the token's."""
        if not self.installed:
            return DarkReason.NOT_INSTALLED
        if self.standing is AppStanding.NOT_ACTIVATED:
            return DarkReason.NOT_ACTIVATED
        return None


_BLOCKING_TEXTS = {
    AppStanding.NOT_ACTIVATED: NOT_ACTIVATED,
    AppStanding.WRONG_DEVICE: WRONG_DEVICE,
    AppStanding.STOPPED: STOPPED,
}
