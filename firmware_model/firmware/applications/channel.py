"""Opening a secure channel: INITIALIZE UPDATE and EXTERNAL AUTHENTICATE, with the fob's patience.

WIRE §7, Amendment D §7.1. A wrong host cryptogram is counted in flash; from the third in a row
on, every answer to an authentication is held back, twice as long each time.
"""

from firmware_model.firmware import keys
from firmware_model.firmware.applications.context import tries_left
from firmware_model.firmware.question import Answer
from firmware_model.firmware.token import Token
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.codes import ErrorCode
from firmware_model.wire.messages import ExternalAuthenticate, InitializeUpdate, SecurityLevel
from firmware_model.wire.scp03 import CardChannel
from firmware_model.wire.scp03_keys import DEFAULT_VERSION

DELAYED_FROM = 3
"""The failure in a row from which on answers are held back."""

DELAY_NS = NS_PER_SECOND
DELAY_MAX_NS = 32 * NS_PER_SECOND


class Gate:
    """The way into a channel, and the channel while there is one.

    `dek` is the key-encryption key that the channel was opened with.
    """

    __slots__ = ("_channel", "_closed_until", "_dek", "_token")

    def __init__(self, token: Token) -> None:
        self._token = token
        self._channel = CardChannel()
        self._dek = b""
        self._closed_until = 0

    def close(self) -> None:
        """Forget the channel; the delay after failures goes on."""
        self._channel.close()
        self._dek = b""

    @property
    def delay_ns(self) -> int:
        """How long an answer to an authentication is to be held back now."""
        return max(0, self._closed_until - self._token.pins.rtc_ns)

    @property
    def dek(self) -> bytes | None:
        """The key-encryption key, None while no channel is open that authenticates commands."""
        level = self._channel.level
        return None if level in (None, SecurityLevel.NONE) else self._dek

    def initialize_update(self, aid: bytes, command: Command) -> Answer:
        """Offer a channel to a host that selected `aid`; the counter is durable first."""
        self.close()  # an attempt at a new session ends the old one, however it goes (WIRE §7.2)
        message = InitializeUpdate.decode(command)
        if isinstance(message, StatusWord):
            return message
        journal = self._token.journal
        if not tries_left(self._token):
            return StatusWord.AUTHENTICATION_BLOCKED
        key_set = keys.key_set(journal)
        if message.key_version not in (DEFAULT_VERSION, key_set.version):
            return StatusWord.REFERENCED_DATA_NOT_FOUND
        count = keys.next_sequence_counter(journal)
        if count is None:
            return StatusWord.CONDITIONS_NOT_SATISFIED
        self._dek = key_set.dek
        chip_id = self._token.chip_id
        offer = self._channel.offer(key_set, count, aid, message.host_challenge, chip_id)
        return Response(offer.encode())

    def external_authenticate(self, command: Command) -> StatusWord:
        """Open the channel that was offered, or count a failure.

        It is counted before anything is compared, and taken back where it was none, so that no
        cut of the power at the right moment gives a try for nothing.
        """
        if not tries_left(self._token):
            return StatusWord.AUTHENTICATION_BLOCKED
        if not self._dek or self._channel.level is not None:
            self.close()
            return StatusWord.CONDITIONS_NOT_SATISFIED
        if isinstance(refused := ExternalAuthenticate.decode(command), StatusWord):
            self.close()
            return refused
        journal = self._token.journal
        before = keys.failures(journal)
        keys.store_failures(journal, before + 1)
        status = self._channel.authenticate(command)
        if status is StatusWord.HOST_CRYPTOGRAM_FAILED:
            self._hold_back(before + 1)
        else:
            keys.store_failures(journal, 0 if status is StatusWord.OK else before)
        if status is not StatusWord.OK:
            self.close()
        return status

    def unwrap(self, command: Command) -> Command | StatusWord:
        """Return the command in clear, or why it is refused (see `CardChannel.unwrap`)."""
        return self._channel.unwrap(command)

    def wrap(self, response: Response) -> Response:
        """Return the answer to a secured command as it goes out."""
        return self._channel.wrap(response)

    def _hold_back(self, failures: int) -> None:
        blocked = not tries_left(self._token)
        self._token.log(
            ErrorCode.AUTHENTICATION_BLOCKED if blocked else ErrorCode.AUTHENTICATION_FAILED
        )
        if failures >= DELAYED_FROM:
            delay_ns = min(DELAY_NS << (failures - DELAYED_FROM), DELAY_MAX_NS)
            self._closed_until = self._token.pins.rtc_ns + delay_ns
