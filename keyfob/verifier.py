"""A verification host for Python programs: seeds in, codes judged, each accepted once."""

import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from host_tools.client.closing import Closing
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file
from host_tools.verification.attempts import HostAnswer
from host_tools.verification.host import Host
from host_tools.verification.status import TokenStatus

Clock = Callable[[], Decimal | float]
"""Gives Unix time in seconds."""


class Verifier(Closing):
    """keyfob's verification host over one store, as `keyfob host` works with it (HOST).

    A context manager; or `close` it. Tokens are named by serial number or Credential ID.

    Args:
        store: its file, mode 0600; made if it does not exist. None for a temporary one.
        key_file: of the key that seals the store's seeds; None for the store's name with `.key`.
        clock: gives Unix time in seconds; the machine's by default, `rack.time.now` for a rack.
        policy: TOML that names what differs from the default policy (HOST §3); for a new store.

    Raises:
        BadInput: the store or the key file is not one, or they do not belong together.
        Denied: the store is a backup that `keyfob host restore` has not confirmed.
        InUse: others kept it locked for too long.

    Example:
        >>> with keyfob.Rack.start() as rack, keyfob.Verifier(clock=rack.time.now) as host:
        ...     host.import_seeds([rack[1].record])
        ...     host.enroll(rack[1].serial_number, "Sato", rack[1].code()).accepted
        ...     rack[1].wait_until_dark()
        ...     code = rack[1].code()
        ...     host.verify(code, user="Sato").accepted
        ...     host.verify(code, user="Sato").decision.verdict.value
        1
        True
        True
        'replayed'
    """

    def __init__(
        self,
        store: Path | None = None,
        key_file: Path | None = None,
        *,
        clock: Clock = time.time,
        policy: str | None = None,
    ) -> None:
        self._clock = clock
        with ExitStack() as ends:
            if store is None:
                folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="keyfob-"))
                store = Path(folder) / "host.db"
            key_file = store.with_suffix(".key") if key_file is None else key_file
            if store.exists():
                host = Host.open(store, read_key_file(key_file))
            else:
                if not key_file.exists():
                    write_key_file(key_file, KeyRing.generate()[1])
                host = Host.create(store, read_key_file(key_file), self._now(), policy)
            self.host = ends.enter_context(host)
            self._ends = ends.pop_all()

    def import_seeds(self, records: Iterable[SeedRecord]) -> int:
        """Put tokens on stock, all or none, and return how many.

        Raises:
            BadInput: a serial number or Credential ID is known already, or names two tokens.
        """
        return self.host.import_tokens(records, self._now())

    def enroll(self, token: str, user: str, *codes: str) -> HostAnswer:
        """Give a token to `user`, with as many consecutive codes as the policy wants (1).

        Raises:
            BadInput: too few or too many codes, or one is not a code.
            Denied: the token's state, another user, or the policy forbids it.
        """
        return self.host.enroll(token, user, codes, self._now())

    def verify(self, code: str, *, token: str = "", user: str = "") -> HostAnswer:
        """Decide on a code; name the token, its user, or both. An accepted code is used up.

        Raises:
            BadInput: it is not a code, no name is given, or the name fits several tokens.
        """
        return self.host.verify([code], self._now(), token=token, user=user)

    def resynchronise(
        self, first: str, second: str, *, token: str = "", user: str = ""
    ) -> HostAnswer:
        """Catch up with a token far ahead, or off in time, by two consecutive codes.

        Raises:
            BadInput: as `verify`.
        """
        return self.host.verify([first, second], self._now(), token=token, user=user)

    def status(self, token: str) -> TokenStatus:
        """Return the state of a token: users, next moving factor, drift, failures, locks.

        Raises:
            BadInput: there is no token of that name.
        """
        return self.host.status(token, self._now())

    def close(self) -> None:
        """Close the store."""
        self._ends.close()

    def _now(self) -> int:
        return int(self._clock())
