"""A soft token on its device, its user and its bank: all that a test of the app needs."""

from dataclasses import dataclass, field, replace

from firmware_model.device import Device
from firmware_model.effects import Effect
from firmware_model.inputs import AppInput, AppTap, ContactMoved, Tapped, Typed, Wake
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    ActivationReceipt,
    ActivationTag,
    AppStatus,
    Challenge,
    Confirmation,
    GeneralAuthenticate,
    Grant,
    Proof,
    Request,
    Secrets,
    opened,
    secrets_of,
)
from firmware_model.wire.apdu import NE_MAX, Command, Response
from firmware_model.wire.messages import Select
from firmware_model.wire.scp03_keys import TEST_KEYS
from firmware_model.wire.srp import Server, verifier_of
from tests.firmware_model.fobs import START, built
from tests.firmware_model.wire.activation_vectors import (
    CLIENT_PRIVATE,
    GRANT,
    PASSWORD,
    SALT,
    SERVER_PRIVATE,
)
from tests.firmware_model.wired import Wired

TYPED = Typed("301245", "0001234567", PASSWORD, CLIENT_PRIVATE)
IDENTITY = "301245/0001234567"
VERIFIER = verifier_of(IDENTITY, PASSWORD, SALT)


@dataclass
class Phone:
    """One soft token, and the instant it is at."""

    device: Device = field(default_factory=lambda: built("soft-phone"))
    now: SimTime = START

    def do(self, act: AppInput) -> str:
        """Let the user do something; return what the screen shows then."""
        self.device.handle(act, self.now)
        return self.text()

    def tap(self, tap: AppTap) -> str:
        return self.do(Tapped(tap))

    def text(self) -> str:
        return self.device.face(self.now).text

    def wait(self, seconds: float) -> list[Effect]:
        self.now = SimTime(self.now + int(seconds * NS_PER_SECOND))
        return self.device.handle(Wake(), self.now)

    def press(self, held_seconds: float = 0.2) -> str:
        """Touch the screen; return what it shows then."""
        self.device.handle(ContactMoved(closed=True), self.now)
        self.wait(held_seconds)
        self.device.handle(ContactMoved(closed=False), self.now)
        self.wait(0.1)
        return self.text()

    def status(self) -> AppStatus:
        status = AppStatus.decode(self.line().get(ActivationTag.STATUS).data)
        assert status is not None
        return status

    def line(self) -> "Bank":
        return Bank(Wired(self.device, self.now))

    def activated(self, grant: Grant = GRANT) -> Secrets:
        """Let the user type and the bank agree; return what both now know."""
        self.do(TYPED)
        bank = self.line()
        grant = replace(grant, unix_seconds=self.now // NS_PER_SECOND)
        response = bank.confirm(grant)
        assert response.is_ok
        receipt = opened(ActivationReceipt, response.data)
        assert receipt is not None
        assert receipt.receipt == bank.secrets.receipt
        return bank.secrets


class Bank:
    """The bank's end of the line, with the application selected."""

    def __init__(self, wired: Wired) -> None:
        self.wired = wired
        assert wired.status(Select(ACTIVATION_AID)) == 0x9000
        self.secrets: Secrets
        self._proof = b""

    def get(self, tag: int) -> Response:
        return self.wired.send(Command(0x00, 0xCA, tag >> 8, tag & 0xFF, ne=NE_MAX))

    def request(self) -> Request | None:
        response = self.get(ActivationTag.REQUEST)
        if response.status == 0x6A88:
            return None
        assert response.is_ok
        return Request.decode(response.data)

    def challenge(self, verifier: bytes = VERIFIER) -> Response:
        """Send the first turn; keep what follows from the answer."""
        request = self.request()
        server = Server(IDENTITY, SALT, verifier, SERVER_PRIVATE)
        challenge = Challenge(SALT, server.public)
        response = self.wired.send(GeneralAuthenticate(challenge).command())
        proof = opened(Proof, response.data)
        if proof is not None and request is not None and request.public is not None:
            agreement = server.agree(request.public)
            assert agreement is not None
            self.right = agreement.proves_client(proof.proof)
            self._proof = agreement.server_proof
            self.secrets = secrets_of(agreement.key, request, challenge)
        return response

    def confirmation(self, grant: Grant = GRANT) -> Confirmation:
        return Confirmation(self._proof, self.secrets.seal(grant))

    def confirm(self, grant: Grant = GRANT) -> Response:
        """Send both turns; return the answer to the second."""
        assert self.challenge().is_ok
        return self.send(self.confirmation(grant))

    def send(self, turn: Challenge | Confirmation) -> Response:
        return self.wired.send(GeneralAuthenticate(turn).command())


def has_test_keys(phone: Phone) -> bool:
    host = Wired(phone.device, phone.now)
    assert host.status(Select(ACTIVATION_AID)) == 0x9000
    return host.status(Command(0x80, 0x50, TEST_KEYS.version, 0, bytes(8), ne=256)) == 0x9000
