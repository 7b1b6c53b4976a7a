"""The issuing desk: it gives out IDs, counts wrong passwords, grants tokens, once each.

WIRE §9.3 is the protocol, `issues.TRANSITIONS` the life of an issue. `visit.serve` brings both to
a port.
"""

import hmac
import secrets as dice
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from firmware_model.errors import BadInput, Denied
from firmware_model.generators import OtpKind
from firmware_model.units import SECONDS_PER_DAY
from firmware_model.wire.activation import (
    KEY_VERSION,
    Challenge,
    Confirmation,
    Grant,
    Request,
    Secrets,
    identity_of,
    is_id,
    secrets_of,
)
from firmware_model.wire.objects import SEED_CHECK_BYTES, seed_check_value
from firmware_model.wire.srp import PRIVATE_BYTES, PUBLIC_BYTES, SALT_BYTES, Server, verifier_of
from host_tools.activation.issues import Issue, IssueEvent, IssueReason, IssueState, Terms
from host_tools.activation.store import SoftStore
from host_tools.client.closing import Closing
from host_tools.client.keys import FobKeys
from host_tools.seeds.record import SeedRecord
from host_tools.vault.anchor import Anchor
from host_tools.vault.key_ring import KeyRing

USER_ID_DIGITS = 10
_KEY_BYTES = 16
_KEYS_AT = SEED_CHECK_BYTES
USUAL_STEP_SECONDS = 30
"""What a record says of a press-counted token, whose step means nothing."""

_SEED_AT = _KEYS_AT + 3 * _KEY_BYTES


@dataclass(slots=True)
class Run:
    """One run of the protocol with one token: `challenge` goes out first.

    `issue` is None for a name nobody has; such a run goes on to its end and fails there.
    """

    request: Request
    challenge: Challenge
    issue: Issue | None
    refused: IssueReason | None
    server: Server = field(repr=False)
    secrets: Secrets | None = field(default=None, repr=False)


class ActivationDesk(Closing):
    """The desk over its store at `path`, which `keys` seal; see `SoftStore` for what it raises."""

    def __init__(
        self, path: Path, keys: KeyRing, *, create: bool = False, anchor: Anchor | None = None
    ) -> None:
        self.store = SoftStore(path, keys, create=create, anchor=anchor)
        decoy_key = keys.audit_key(keys.newest)
        assert decoy_key is not None, "the newest key is in the ring"
        self._decoy_key = decoy_key

    def close(self) -> None:
        """Close the store; everything is on the disk already."""
        self.store.close()

    def issue(
        self,
        service_id: str,
        start_password: str,
        now_seconds: int,
        terms: Terms | None = None,
        *,
        user_id: str | None = None,
    ) -> Issue:
        """Issue a soft token to a user who chose that start password.

        Args:
            service_id: the bank's own, 1 to 32 letters, digits and hyphens.
            start_password: good for this issue only; the desk keeps a verifier of it.
            now_seconds: Unix time.
            terms: the service's; the defaults if None.
            user_id: as `service_id`; ten random digits if None.

        Raises:
            BadInput: an ID or the password is not as it should be, or the user ID is taken.
        """
        terms = terms or Terms()
        terms.check_password(start_password)
        user = user_id or str(dice.randbelow(10**USER_ID_DIGITS)).zfill(USER_ID_DIGITS)
        if not (is_id(service_id) and is_id(user)):
            raise BadInput("service ID and user ID have 1 to 32 letters, digits and hyphens")
        salt = dice.token_bytes(SALT_BYTES)
        verifier = verifier_of(identity_of(service_id, user), start_password, salt)
        today = now_seconds // SECONDS_PER_DAY
        issue = Issue(
            service_id=service_id,
            user_id=user,
            serial_number="",
            state=IssueState.OPEN,
            failures=0,
            tries=terms.tries,
            valid_until=now_seconds + terms.password_days * SECONDS_PER_DAY,
            issue_days=today,
            expiry_days=None,
            life_days=terms.life_days,
            extend_from_days=terms.extend_from_days,
            algorithm=terms.algorithm,
            digits=terms.digits,
            step_seconds=terms.step_seconds,
        )
        return self.store.add(issue, terms.serial_prefix, salt, verifier, now_seconds)

    # An activation, turn by turn ------------------------------------------------------------------

    def challenge(self, request: Request, now_seconds: int) -> Run:
        """Begin a run. Who asks for a name that cannot be activated gets a challenge all the same.

        So nobody learns by asking which names exist (RFC 5054 §2.5.1.3).
        """
        issue = self.store.find(request.service_id or "", request.user_id or "")
        refused = IssueReason.UNKNOWN if issue is None else issue.refusal(now_seconds)
        verifier = dice.token_bytes(PUBLIC_BYTES)
        if issue is None:
            mark = b"decoy " + request.identity.encode()
            salt = hmac.digest(self._decoy_key, mark, "sha256")[:SALT_BYTES]
        else:
            salt, right_one = self.store.salt_and_verifier(issue)
            verifier = verifier if refused else right_one
        server = Server(request.identity, salt, verifier, dice.token_bytes(PRIVATE_BYTES))
        return Run(request, Challenge(salt, server.public), issue, refused, server)

    def prove(self, run: Run, proof: bytes, now_seconds: int) -> Confirmation | IssueReason:
        """Take the token's proof: grant the token, or say why not.

        A wrong password is counted durably before the proof is looked at; what is granted is
        durable before this returns.
        """
        issue, request = run.issue, run.request
        if issue is None or run.refused is not None:
            return run.refused or IssueReason.UNKNOWN
        counted = self.store.count_failure(issue, now_seconds)
        if counted is None:
            found = self.store.token(issue.serial_number)
            return (found and found.refusal(now_seconds)) or IssueReason.LOCKED
        agreement = run.server.agree(request.public or b"")
        if agreement is None or not agreement.proves_client(proof):
            if counted.failures >= counted.tries:
                self.store.move(counted, IssueEvent.LOCK, now_seconds)
            return IssueReason.WRONG
        secrets = secrets_of(agreement.key, request, run.challenge)
        seed = secrets.seed(issue.algorithm)
        today = now_seconds // SECONDS_PER_DAY
        expiry_days = None if issue.life_days is None else today + issue.life_days
        kept = seed_check_value(seed) + b"".join(secrets.key_set.keys) + seed
        try:
            self.store.grant(issue, request.device_id, expiry_days, kept, now_seconds)
        except Denied:
            return IssueReason.USED
        run.secrets = secrets
        grant = Grant(
            serial_number=issue.serial_number,
            credential_id=issue.serial_number,
            issue_days=today,
            algorithm=issue.algorithm,
            digits=issue.digits,
            step_seconds=issue.step_seconds,
            unix_seconds=now_seconds,
            expiry_days=expiry_days,
        )
        return Confirmation(agreement.server_proof, secrets.seal(grant))

    def confirm(self, run: Run, receipt: bytes, now_seconds: int) -> Issue:
        """Take the token's receipt: the activation is done, and cannot be done again.

        Raises:
            Denied: this is not the receipt of the grant that counts.
        """
        assert run.issue is not None, "a receipt follows a grant"
        if run.secrets is None or not hmac.compare_digest(run.secrets.receipt, receipt):
            raise Denied(f"{run.issue.serial_number}: this is no receipt for what was granted")
        seed = run.secrets.seed(run.issue.algorithm)
        return self.settle(run.issue.serial_number, seed_check_value(seed), now_seconds)

    def settle(self, serial_number: str, seed_check: bytes, now_seconds: int) -> Issue:
        """Take it that a token holds the seed of that check value, though no receipt came.

        Raises:
            Denied: it is not what was granted last, or nothing waits for it.
        """
        issue = self.store.token(serial_number)
        kept = None if issue is None else self.store.secrets(issue)
        if issue is None or kept is None or kept[:SEED_CHECK_BYTES] != seed_check:
            raise Denied(f"{serial_number}: nothing was granted that ends so")
        return self.store.move(issue, IssueEvent.CONFIRM, now_seconds)

    # A token in use -------------------------------------------------------------------------------

    def keys(self, serial_number: str) -> FobKeys | None:
        """Return the SCP03 keys of a token; None while it has none from here."""
        issue = self.store.token(serial_number)
        kept = None if issue is None else self.store.secrets(issue)
        if kept is None:
            return None
        enc, mac, dek = (kept[at : at + _KEY_BYTES] for at in range(_KEYS_AT, _SEED_AT, _KEY_BYTES))
        return FobKeys(f"the keys of {serial_number}", KEY_VERSION, (enc, mac, dek))

    def record(self, serial_number: str) -> SeedRecord:
        """Return the seed record of an activated token, for a verification host.

        Raises:
            BadInput: there is none of that name.
            Denied: it is not activated.
        """
        issue = self._issued(serial_number)
        if issue.state is not IssueState.ACTIVATED:
            raise Denied(f"{issue.serial_number} is {issue.state}, not activated")
        kept = self.store.secrets(issue)
        assert kept is not None, "an activated token has a seed"
        expiry = issue.expiry_days
        return SeedRecord(
            serial_number=issue.serial_number,
            credential_id=issue.serial_number,
            seed=kept[_SEED_AT:],
            kind=OtpKind.TOTP if issue.step_seconds else OtpKind.HOTP,
            algorithm=issue.algorithm,
            digits=issue.digits,
            step_seconds=issue.step_seconds or USUAL_STEP_SECONDS,
            issuer=issue.service_id,
            user=issue.user_id,
            expiry_date=None
            if expiry is None
            else datetime.fromtimestamp(expiry * SECONDS_PER_DAY, UTC).date(),
        )

    def withdraw(self, serial_number: str, now_seconds: int) -> Issue:
        """End an issue for good: it cannot be activated, extended or used for a direct login.

        Raises:
            BadInput: there is none of that name.
            Denied: it was withdrawn before.
        """
        return self.store.move(self._issued(serial_number), IssueEvent.WITHDRAW, now_seconds)

    def _issued(self, serial_number: str) -> Issue:
        issue = self.store.token(serial_number.strip())
        if issue is None:
            raise BadInput(f"no soft token {serial_number} was issued here")
        return issue
