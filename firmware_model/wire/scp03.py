"""GlobalPlatform SCP03 (Amendment D v1.1.1), both ends: the handshake and what it protects.

The fob's end refuses with a status word, the host's end raises. Neither has dice: the host is
given its challenge, the fob derives its own from the sequence counter. WIRE §7.
"""

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from firmware_model.wire.apdu import SECURE_MESSAGING, Command, Response, StatusWord
from firmware_model.wire.messages import (
    CHALLENGE_BYTES,
    MAC_BYTES,
    ChannelOffer,
    ExternalAuthenticate,
    SecurityLevel,
)
from firmware_model.wire.scp03_keys import (
    BLOCK_BYTES,
    CmacKey,
    KeySet,
    pad,
    unpad,
)

SEQUENCE_COUNTER_MAX = 0xFF_FFFF

_CARD_CRYPTOGRAM, _HOST_CRYPTOGRAM, _CARD_CHALLENGE = 0x00, 0x01, 0x02
_S_ENC, _S_MAC, _S_RMAC = 0x04, 0x06, 0x07


class ChannelError(Exception):
    """The other end of a channel did not prove its keys, or a message was changed on the way."""


class WrongCardCryptogramError(ChannelError):
    """The fob does not have the keys it was asked for."""


class WrongResponseError(ChannelError):
    """A response's MAC or padding is wrong, or missing."""


def card_challenge(keys: KeySet, sequence_counter: int, aid: bytes) -> bytes:
    """Return the pseudo-random challenge (§6.2.2.1); `aid` is the selected application's."""
    return _challenge_under(CmacKey(keys.enc), sequence_counter, aid)


def _challenge_under(enc: CmacKey, sequence_counter: int, aid: bytes) -> bytes:
    context = sequence_counter.to_bytes(3, "big") + aid
    return enc.derive(_CARD_CHALLENGE, CHALLENGE_BYTES, context)


class SessionCipher:
    """AES-CBC under S-ENC, each message under an initial value of its own: its counter's block.

    Both directions are set up once, where first needed: that costs ten times as much as a message.
    """

    __slots__ = ("_chain", "_decryptor", "_encryptor", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._chain = 0
        self._encryptor: CipherContext | None = None
        self._decryptor: CipherContext | None = None

    def encrypt(self, counter: int, data: bytes) -> bytes:
        """Return whole blocks, encrypted."""
        return self._go_on(counter, data)[BLOCK_BYTES:]

    def decrypt(self, counter: int, data: bytes) -> bytes:
        """Return whole blocks in clear."""
        if self._decryptor is None:
            self._decryptor = Cipher(AES(self._key), ECB()).decryptor()  # noqa: S305  # CBC below
        before = self._go_on(counter, b"") + data[:-BLOCK_BYTES]
        clear = int.from_bytes(self._decryptor.update(data)) ^ int.from_bytes(before)
        return clear.to_bytes(len(data))

    def _go_on(self, counter: int, data: bytes) -> bytes:
        """Return the encrypted block of `counter`, the initial value, and `data` under it.

        One chain goes on through all messages: what it mixes into the counter's block is taken
        out before, so that this block comes out as if it were alone.
        """
        if self._encryptor is None:
            self._encryptor = Cipher(AES(self._key), CBC(bytes(BLOCK_BYTES))).encryptor()
        encrypted = self._encryptor.update((counter ^ self._chain).to_bytes(BLOCK_BYTES) + data)
        self._chain = int.from_bytes(encrypted[-BLOCK_BYTES:])
        return encrypted


class _Session:
    """What both ends hold of one channel: session keys, chaining value and counter.

    `enc` is the static key of that name.
    """

    __slots__ = ("_chaining", "_cipher", "_context", "_counter", "_mac", "_rmac", "level")

    def __init__(self, keys: KeySet, enc: CmacKey, host_challenge: bytes, challenge: bytes) -> None:
        self._context = context = host_challenge + challenge
        length, mac = len(keys.enc), CmacKey(keys.mac)
        self._cipher = SessionCipher(enc.derive(_S_ENC, length, context))
        self._mac = CmacKey(mac.derive(_S_MAC, length, context))
        self._rmac = CmacKey(mac.derive(_S_RMAC, length, context))
        self._chaining = bytes(BLOCK_BYTES)
        self._counter = 0
        self.level = SecurityLevel.NONE

    def cryptogram(self, constant: int) -> bytes:
        return self._mac.derive(constant, CHALLENGE_BYTES, self._context)

    def next_command_mac(self, command: Command, body: bytes) -> bytes:
        """Return the full C-MAC of `command` with `body` and room for the MAC (§6.2.4)."""
        length = command.encode_lc(len(body) + MAC_BYTES)
        return self._mac.mac(b"%b%b%b%b" % (self._chaining, command.header, length, body))

    def secure(self, command: Command, body: bytes) -> Command:
        """Return `command` with `body` and its C-MAC, on which the next one hangs."""
        secured = Command(
            command.cla | SECURE_MESSAGING,
            command.ins,
            command.p1,
            command.p2,
            body + bytes(MAC_BYTES),
            command.ne,
            command.extended,
        )
        full = self.next_command_mac(secured, body)
        self.move_on(full)
        secured.data = body + full[:MAC_BYTES]
        return secured

    def move_on(self, full_mac: bytes) -> None:
        self._chaining = full_mac

    def response_mac(self, data: bytes, status: int) -> bytes:
        """Return the R-MAC (§6.2.5); it does not move the chaining value."""
        message = b"%b%b%b" % (self._chaining, data, status.to_bytes(2, "big"))
        return self._rmac.mac(message)[:MAC_BYTES]

    def count_command(self) -> None:
        """Count a command, with data or without: the ICVs hang on it (§6.2.6)."""
        self._counter += 1

    def encrypt(self, data: bytes, *, response: bool) -> bytes:
        return self._cipher.encrypt(self._number(response=response), pad(data))

    def decrypt(self, data: bytes, *, response: bool) -> bytes | None:
        if not data or len(data) % BLOCK_BYTES:
            return None
        return unpad(self._cipher.decrypt(self._number(response=response), data))

    def _number(self, *, response: bool) -> int:
        """Return what the initial value is made of (§6.2.6, §6.2.7)."""
        return self._counter | (0x80 << 120 if response else 0)


class CardChannel:
    """The fob's end. `level` is None while there is no authenticated channel."""

    __slots__ = ("_session", "level")

    def __init__(self) -> None:
        self._session: _Session | None = None
        self.level: SecurityLevel | None = None

    def close(self) -> None:
        """Forget the channel: on SELECT, a new connection, or the end of one."""
        self._session = self.level = None

    def offer(
        self,
        keys: KeySet,
        sequence_counter: int,
        aid: bytes,
        host_challenge: bytes,
        diversification_data: bytes,
    ) -> ChannelOffer:
        """Answer INITIALIZE UPDATE; any channel before is over.

        `sequence_counter` was increased in memory first, and is not above its maximum: the
        caller refuses that with 6985 (§6.2.2.1).
        """
        enc = CmacKey(keys.enc)
        challenge = _challenge_under(enc, sequence_counter, aid)
        self.level = None
        self._session = session = _Session(keys, enc, host_challenge, challenge)
        cryptogram = session.cryptogram(_CARD_CRYPTOGRAM)
        return ChannelOffer(
            diversification_data, keys.version, challenge, cryptogram, sequence_counter
        )

    def authenticate(self, command: Command) -> StatusWord:
        """Take EXTERNAL AUTHENTICATE: OK opens the channel, anything else ends the attempt.

        6300 says that the host does not know the keys; only that is a failed authentication.
        """
        session = self._session
        if session is None or self.level is not None:
            self.close()
            return StatusWord.CONDITIONS_NOT_SATISFIED
        message = ExternalAuthenticate.decode(command)
        if isinstance(message, StatusWord):
            self.close()
            return message
        expected = session.cryptogram(_HOST_CRYPTOGRAM)
        if not hmac.compare_digest(message.host_cryptogram, expected):
            self.close()
            return StatusWord.HOST_CRYPTOGRAM_FAILED
        full = session.next_command_mac(command, message.host_cryptogram)
        if not command.is_secured or not hmac.compare_digest(message.mac, full[:MAC_BYTES]):
            self.close()
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED
        session.move_on(full)
        self.level = session.level = message.level
        return StatusWord.OK

    def unwrap(self, command: Command) -> Command | StatusWord:
        """Return the command in clear, its class without secure messaging.

        A wrong MAC, a wrong padding, or a command in clear where the level forbids it: 6982, and
        the channel is over (§6.2.1). The caller keeps back what is allowed in clear at any
        time: SELECT, INITIALIZE UPDATE and GET RESPONSE.
        """
        level, session = self.level, self._session
        if level is None or level is SecurityLevel.NONE or session is None:
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED if command.is_secured else command
        body = self._open(session, command) if command.is_secured else None
        if body is None:
            self.close()
            return StatusWord.SECURITY_STATUS_NOT_SATISFIED
        cla = command.cla & ~SECURE_MESSAGING
        return Command(cla, command.ins, command.p1, command.p2, body, command.ne, command.extended)

    @staticmethod
    def _open(session: _Session, command: Command) -> bytes | None:
        body, mac = command.data[:-MAC_BYTES], command.data[-MAC_BYTES:]
        full = session.next_command_mac(command, body)
        if not hmac.compare_digest(mac, full[:MAC_BYTES]):
            return None
        session.move_on(full)
        session.count_command()
        if body and session.level.encrypts_commands:
            return session.decrypt(body, response=False)
        return body

    def wrap(self, response: Response) -> Response:
        """Return the response as it goes out; errors carry neither data nor MAC (§6.2.5).

        The answer to EXTERNAL AUTHENTICATE itself is never wrapped.
        """
        return response if self._session is None else _wrap_response(self._session, response)


def _wrap_response(session: _Session, response: Response) -> Response:
    if not session.level.authenticates_responses:
        return response
    if not _is_protected(response.status):
        return Response(b"", response.status)
    data = response.data
    if data and session.level.encrypts_responses:
        data = session.encrypt(data, response=True)
    return Response(data + session.response_mac(data, response.status), response.status)


class HostChannel:
    """The host's end, from the fob's offer on.

    Raises WrongCardCryptogramError where the fob does not know `keys`; with `aid` given, the
    challenge too must be the one its sequence counter stands for.
    """

    __slots__ = ("_level", "_session")

    def __init__(
        self,
        keys: KeySet,
        host_challenge: bytes,
        offer: ChannelOffer,
        level: SecurityLevel = SecurityLevel.ALL,
        aid: bytes | None = None,
    ) -> None:
        self._level = level
        enc = CmacKey(keys.enc)
        self._session = _Session(keys, enc, host_challenge, offer.card_challenge)
        expected = self._session.cryptogram(_CARD_CRYPTOGRAM)
        if not hmac.compare_digest(offer.card_cryptogram, expected):
            raise WrongCardCryptogramError("the fob's cryptogram is wrong: it has other keys")
        if aid is not None:
            expected = _challenge_under(enc, offer.sequence_counter, aid)
            if not hmac.compare_digest(offer.card_challenge, expected):
                raise WrongCardCryptogramError("the fob's challenge is not its counter's")

    def external_authenticate(self) -> Command:
        """Return EXTERNAL AUTHENTICATE; when the fob answers 9000, the channel is open."""
        cryptogram = self._session.cryptogram(_HOST_CRYPTOGRAM)
        command = ExternalAuthenticate(self._level, cryptogram, b"").command()
        self._session.level = self._level
        return self._session.secure(command, cryptogram)

    def wrap(self, command: Command) -> Command:
        """Return the command as it goes out."""
        session = self._session
        if session.level is SecurityLevel.NONE:
            return command
        session.count_command()
        body = command.data
        if body and session.level.encrypts_commands:
            body = session.encrypt(body, response=False)
        return session.secure(command, body)

    def unwrap(self, response: Response) -> Response:
        """Return the response in clear; raises WrongResponseError where it was tampered with."""
        session = self._session
        if not session.level.authenticates_responses:
            return response
        if not _is_protected(response.status):
            return Response(b"", response.status)
        data, mac = response.data[:-MAC_BYTES], response.data[-MAC_BYTES:]
        if not hmac.compare_digest(mac, session.response_mac(data, response.status)):
            raise WrongResponseError("the MAC of the fob's answer is wrong")
        if data and session.level.encrypts_responses:
            plain = session.decrypt(data, response=True)
            if plain is None:
                raise WrongResponseError("the padding of the fob's answer is wrong")
            data = plain
        return Response(data, response.status)


def _is_protected(status: int) -> bool:
    """Whether a response with this status carries an R-MAC: 9000 and the warnings."""
    return status == StatusWord.OK or status >> 8 in (0x62, 0x63)
