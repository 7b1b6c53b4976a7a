"""The app's end of an activation as values: what a desk hears from a phone, without any line."""

import os
from dataclasses import dataclass

from firmware_model.wire.activation import Confirmation, Grant, Request, Secrets, Wish, secrets_of
from firmware_model.wire.srp import Client
from host_tools.activation.desk import ActivationDesk, Run
from host_tools.activation.issues import Issue, IssueReason

NOW = 1_800_000_000
PASSWORD = "4711"


@dataclass
class App:
    """One app into which somebody types; each `ask` is another run."""

    user_id: str
    password: str = PASSWORD
    service_id: str = "301245"
    device_id: str = "phone-1"

    def ask(self) -> Request:
        identity = f"{self.service_id}/{self.user_id}"
        self.client = Client(identity, self.password, os.urandom(32))
        self.request = Request(
            Wish.ACTIVATION, self.device_id, NOW, self.service_id, self.user_id, self.client.public
        )
        return self.request

    def prove(self, run: Run) -> bytes:
        agreement = self.client.agree(run.challenge.salt, run.challenge.public)
        assert agreement is not None
        self.agreement = agreement
        self.secrets: Secrets = secrets_of(agreement.key, self.request, run.challenge)
        return agreement.client_proof

    def take(self, confirmation: Confirmation) -> Grant:
        """Check the bank's proof, and return what it grants."""
        assert self.agreement.proves_server(confirmation.proof)
        grant = self.secrets.open(confirmation.sealed)
        assert grant is not None
        return grant


def tried(desk: ActivationDesk, app: App, now: int = NOW) -> Confirmation | IssueReason:
    """Run the protocol up to the desk's answer to the proof."""
    run = desk.challenge(app.ask(), now)
    return desk.prove(run, app.prove(run), now)


def activated(desk: ActivationDesk, app: App, now: int = NOW) -> Issue:
    """Run the protocol to its end."""
    run = desk.challenge(app.ask(), now)
    confirmation = desk.prove(run, app.prove(run), now)
    assert isinstance(confirmation, Confirmation)
    app.take(confirmation)
    return desk.confirm(run, app.secrets.receipt, now)
