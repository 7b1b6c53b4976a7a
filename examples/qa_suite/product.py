"""The product under test: a minimal OTP verifier, standard library only."""

import hmac
import struct
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

LOOK_AHEAD = 10
TOTP_WINDOW = 1
RESYNC_PRESSES = 100
RESYNC_STEPS = 120
MAX_FAILURES = 5


def hotp(seed, factor, digits=6):
    mac = hmac.new(seed, struct.pack(">Q", factor), "sha1").digest()
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


@dataclass
class Token:
    seed: bytes
    time_based: bool
    digits: int = 6
    next_factor: int = 0
    step_seconds: int = 60
    drift: int = 0
    failures: int = 0
    expires: date | None = None
    locked: bool = field(default=False)


class Verifier:
    """Answers "accepted", "wrong", "locked" or "expired"."""

    def __init__(self, clock):
        self.clock = clock
        self.tokens = {}

    def add(self, serial, seed, *, time_based, digits=6, step_seconds=60, counter=0, expires=None):
        self.tokens[serial] = Token(
            seed, time_based, digits, counter, step_seconds, expires=expires
        )

    def _candidates(self, token, ahead, window):
        if token.time_based:
            centre = int(self.clock()) // token.step_seconds + token.drift
            return range(max(token.next_factor, centre - window), centre + window + 1)
        return range(token.next_factor, token.next_factor + ahead + 1)

    def _accept(self, token, factor):
        token.next_factor = factor + 1
        token.failures = 0
        if token.time_based:
            token.drift = factor - int(self.clock()) // token.step_seconds
        return "accepted"

    def _fail(self, token):
        token.failures += 1
        token.locked = token.failures >= MAX_FAILURES
        return "wrong"

    def _closed(self, token):
        if token.locked:
            return "locked"
        today = datetime.fromtimestamp(float(self.clock()), UTC).date()
        if token.expires and today > token.expires:
            return "expired"
        return None

    def verify(self, serial, code):
        token = self.tokens[serial]
        if closed := self._closed(token):
            return closed
        for factor in self._candidates(token, LOOK_AHEAD, TOTP_WINDOW):
            if hmac.compare_digest(hotp(token.seed, factor, token.digits), code):
                return self._accept(token, factor)
        return self._fail(token)

    def resynchronise(self, serial, first, second):
        token = self.tokens[serial]
        if closed := self._closed(token):
            return closed
        for factor in self._candidates(token, RESYNC_PRESSES, RESYNC_STEPS):
            pair = (
                hotp(token.seed, factor, token.digits),
                hotp(token.seed, factor + 1, token.digits),
            )
            if pair == (first, second):
                return self._accept(token, factor + 1)
        return self._fail(token)
