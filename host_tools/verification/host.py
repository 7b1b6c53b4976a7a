"""The verification host: the one object a bank's program works with (HOST §1)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Self

from firmware_model.errors import Denied
from host_tools.client.closing import Closing
from host_tools.seeds import SeedRecord
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.postgres_address import StorePlace
from host_tools.verification import attempts, enrolment, moves, rekey, submissions, upkeep
from host_tools.verification.attempts import Attempt, HostAnswer, Said
from host_tools.verification.case import HostContext, open_case
from host_tools.verification.decision import clean_code
from host_tools.verification.intake import is_same_token
from host_tools.verification.policy import Policy, default_text, load_policy
from host_tools.verification.profiles import Opinion, ask, known_profiles, locate
from host_tools.verification.states import Actor, Role, TokenEvent, TokenState
from host_tools.verification.status import TokenStatus, status_of, summary_of
from host_tools.verification.store import HostStore
from host_tools.verification.submissions import Answer, Submission

BANK = Actor(Role.BANK)


class Host(Closing):
    """One verification host over one store: any number of processes may each open their own.

    Times are Unix times in whole seconds, always given by the caller. A token is named by its
    serial number or its Credential ID, a user as `CONTRACT/USER` or by one name.

    Use `Host.create` once, `Host.open` afterwards, and it as a context manager.
    """

    def __init__(self, store: HostStore, keys: KeyRing, policy: Policy) -> None:
        self.policy = policy
        self._store = store
        self._keys = keys
        self._context = HostContext(store, keys, policy)

    @classmethod
    def create(
        cls, path: StorePlace, keys: KeyRing, now_seconds: int, policy_text: str | None = None
    ) -> Self:
        """Make a new store at `path` that lives by the policy in TOML `policy_text`.

        Raises:
            BadInput: there is something at `path`, or the policy is none.
        """
        text = policy_text if policy_text is not None else default_text()
        policy = load_policy(text, "policy")
        return cls(upkeep.create(path, keys, text, policy.name, now_seconds), keys, policy)

    @classmethod
    def open(cls, path: StorePlace, keys: KeyRing, anchor: Anchor | None = None) -> Self:
        """Open the store at `path`; `anchor` keeps the head of its log elsewhere.

        Raises:
            BadInput: it is no store, or the keys are another store's.
            StoreAltered: it was altered or damaged, or is older than its anchor says; any method
                that reads a row raises it too.
            Denied: it is a backup whose restoring nobody has confirmed; see `restore`.
            InUse: others kept it locked for too long.
        """
        store, policy = upkeep.open_store(path, keys, anchor)
        if taken := upkeep.backup_day(store):
            store.abandon()
            raise Denied(
                f"{path} is a backup of {taken}; before it serves again,"
                " confirm with `keyfob host restore` what it can no longer promise"
            )
        return cls(store, keys, policy)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def import_tokens(
        self, records: Iterable[SeedRecord], now_seconds: int, actor: Actor = BANK
    ) -> int:
        """Put tokens on stock, all or none, and return how many.

        Raises:
            BadInput: a serial number or Credential ID is known already, or serves two tokens.
        """
        return upkeep.import_tokens(self._context, records, now_seconds, actor)

    def unknown_tokens(self, records: Iterable[SeedRecord]) -> list[SeedRecord]:
        """Return the records whose tokens this host does not have yet, with the same seed.

        One whose name is known with another seed is among them; importing it is refused.
        """
        found = []
        for record in records:
            token = open_case(self._context, record.serial_number, "").token
            known = token.serial_number.casefold() == record.serial_number.casefold()
            if not (known and is_same_token(token.credential(self._keys), record)):
                found.append(record)
        return found

    def verify(
        self, codes: Sequence[str], now_seconds: int, *, token: str = "", user: str = ""
    ) -> HostAnswer:
        """Decide on one code, or on consecutive ones (resynchronisation, RFC 4226 §7.4).

        Name the token, its user, or both. What is decided is on the disk when this returns: of
        all processes that bring the same code, one is answered yes.

        Raises:
            BadInput: a code is none, or the name fits several.
        """
        return attempts.verify(self._context, Attempt(codes, now_seconds, token, user))

    def verify_all(self, group: Sequence[Attempt]) -> list[Said]:
        """Decide on many attempts with one commit; see `verify`.

        What is decided of all of them is on the disk when this returns. An error stands in the
        place of the answer to an attempt that is none, or whose token's rows were altered.
        """
        return attempts.verify_all(self._context, group)

    def submit(
        self, submission: Submission, act: Callable[[], Answer], now_seconds: int
    ) -> tuple[Answer, bool]:
        """Return what `act` says, or what it said when this was first submitted, and whether.

        Raises:
            KeyReused, UnknownOutcome: another request came under that key; or nobody knows what
                came of the first one.
        """
        return submissions.submit(self._context, submission, act, now_seconds)

    def forget_submissions(self, now_seconds: int) -> int:
        """Delete the submissions that are a day old; return how many."""
        return submissions.forget_submissions(self._context, now_seconds)

    def enroll(
        self, token: str, user: str, codes: Sequence[str], now_seconds: int, actor: Actor = BANK
    ) -> HostAnswer:
        """Put a token into the use of `user`, with as many codes as the policy wants.

        Raises:
            BadInput: too few or too many codes, or one is none.
            Denied: the token's state, another user, or the policy forbids it.
        """
        with self._denials(TokenEvent.ENROLL, token, user, now_seconds, actor):
            return enrolment.enroll(self._context, token, user, codes, now_seconds, actor)

    def exchange(
        self,
        old: str,
        new: str,
        old_codes: Sequence[str],
        new_codes: Sequence[str],
        now_seconds: int,
        actor: Actor = BANK,
        user: str = "",
    ) -> tuple[HostAnswer, HostAnswer | None]:
        """Let the token `new` take the place of `old`, which is void from then on.

        Returns the answers to both, the second None where the first was no.

        Raises:
            BadInput, Denied: as `enroll`.
        """
        with self._denials(TokenEvent.EXCHANGE, old, user, now_seconds, actor):
            return enrolment.exchange(
                self._context, old, new, old_codes, new_codes, now_seconds, actor, user
            )

    def move(
        self,
        event: TokenEvent,
        token: str,
        now_seconds: int,
        actor: Actor = BANK,
        user: str = "",
        until: date | None = None,
    ) -> TokenState:
        """Move a token by any event that needs no code, and return the state it shows then.

        `user` tells who is meant of those who share it (release, unlock) or who gets it (assign).
        `until` is the last day the service works without a code (suspend, release), or the new
        last day of validity (extend).

        Raises:
            BadInput: no such token, or a date that is missing, past or out of place.
            Denied: its state or the policy forbids it.
        """
        with self._denials(event, token, user, now_seconds, actor):
            return moves.move(self._context, event, token, now_seconds, actor, user, until)

    def unlock_user(self, user: str, now_seconds: int, actor: Actor = BANK) -> None:
        """Forget the failures of `user`, or of the contract, with a generator in use or without.

        Raises:
            BadInput: the policy counts failures by generator.
        """
        moves.unlock_user(self._context, user, now_seconds, actor)

    def status(self, token: str, now_seconds: int, user: str = "") -> TokenStatus:
        """Return where a token stands; raises BadInput where there is none of that name."""
        case = open_case(self._context, token, user)
        case.require_known()
        return status_of(case, now_seconds, self.policy)

    def tokens_of(self, user: str, now_seconds: int) -> list[TokenStatus]:
        """Return where each token stands that `user` uses."""
        return [
            self.status(token.serial_number, now_seconds, user)
            for token in self._store.tokens_of(user)
        ]

    def opinions(self, token: str, code: str, now_seconds: int) -> list[Opinion]:
        """Return what every known verifier would say to `code`; nothing is used up or counted.

        Raises:
            BadInput: there is no token of that name, or the code is none.
        """
        code = clean_code(code)
        case = open_case(self._context, token, "")
        case.require_known()
        credential = case.token.credential(self._keys)
        sighting = locate(credential, case.token.progress, code, now_seconds, case.token.used_at)
        return [ask(profile, sighting) for profile in known_profiles()]

    def summary(self) -> dict[str, int]:
        """Return how many tokens are stored in each state, the empty ones left out."""
        return summary_of(self._store)

    def audit_head(self) -> Head:
        """Return where the audit log ends, to be kept elsewhere."""
        return self._store.audit_head()

    def audit_rows(self, after: int = 0, limit: int | None = None) -> list[tuple[int, AuditEntry]]:
        """Return the rows of the audit log after number `after`, at most `limit` of them."""
        return self._store.audit_entries(after, limit)

    def audit_faults(self, kept: Head | None = None) -> list[str]:
        """Return what was altered, deleted, put back or damaged; an empty list when all is whole.

        Reads the whole store: its log, each row, and what the log says of each row.
        """
        return self._store.faults(kept)

    @property
    def is_rekeyed(self) -> bool:
        """Whether every seed and every row has the newest key of the ring."""
        return rekey.is_rekeyed(self._context)

    @classmethod
    def inspect(
        cls, path: StorePlace, keys: KeyRing, kept: Head | None = None
    ) -> tuple[list[str], Head]:
        """Return what was altered, deleted, put back or damaged in a store, and its log's head.

        As `audit_faults`, of a store that `open` may refuse for just that.

        Raises:
            BadInput: it is no store, or the keys are another store's.
        """
        return upkeep.inspect(path, keys, kept)

    @classmethod
    def read_log(
        cls, path: StorePlace, keys: KeyRing, after: int = 0
    ) -> tuple[list[tuple[int, AuditEntry]], Head]:
        """Return the entries after number `after` and the head of a log, whole or not."""
        return upkeep.read_log(path, keys, after)

    def rekey(self, now_seconds: int, actor: Actor = BANK) -> int:
        """Seal every seed with the newest key, and return how many were not yet.

        Others may go on meanwhile if they have that key too. Where it was stopped, it goes on.

        Raises:
            BadInput: a seed cannot be opened by any key of the ring.
        """
        return rekey.rekey(self._context, now_seconds, actor)

    def backup(self, target: Path, now_seconds: int, actor: Actor = BANK) -> Head:
        """Write a copy to `target` (mode 0600) while others go on, and return its audit head.

        The copy is marked: it serves only after `restore`. The keys are not in it.

        Raises:
            BadInput: there is a file at `target` already.
        """
        return upkeep.backup(self._context, target, now_seconds, actor)

    @classmethod
    def restore(
        cls, path: StorePlace, keys: KeyRing, now_seconds: int, actor: Actor = BANK
    ) -> list[str]:
        """Let a backup serve again, and return what it can no longer promise, in words.

        No time-based code made up to now will be accepted any more, so none can be used twice. Of
        press-counted codes nobody knows which were used since: those are named.

        Raises:
            BadInput: it is no backup, or as `open`.
        """
        return upkeep.restore(path, keys, now_seconds, actor)

    @contextmanager
    def _denials(
        self, event: TokenEvent, token: str, user: str, now_seconds: int, actor: Actor
    ) -> Iterator[None]:
        """Log what is denied: who tried what, with which token."""
        try:
            yield
        except Denied as error:
            case = open_case(self._context, token, user, enrolling=True)
            entry = AuditEntry(
                now_seconds, event, "denied", case.name, case.user, str(actor), str(error)
            )
            self._store.commit([entry])
            raise
