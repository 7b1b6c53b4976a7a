"""Who may do what at the desk: operators with secrets, two for some acts (STATION §8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from firmware_model.errors import BadInput, Denied
from host_tools.ceremony.sealed import COST, seal, unseal
from host_tools.provisioning.station.ledger import Ledger

NAME_CHARACTERS_MAX = 40
SECRET_CHARACTERS_MIN = 8
OPERATORS_MAX = 2
"""How many operators an act may need."""


@unique
class CustodyAct(StrEnum):
    """What an operator answers for."""

    RUN = "run"
    GIVE_UP = "give-up"
    EXPORT = "export"
    CLOCK = "clock"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"
    BATCH = "batch"
    CUSTODY = "custody"


DEFAULTS: Mapping[CustodyAct, int] = {
    **dict.fromkeys(CustodyAct, 1),
    CustodyAct.CLOCK: 2,
    CustodyAct.CUSTODY: 2,
}
"""How many operators each act needs, once operators are enrolled."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An operator's name and secret, as given for one act."""

    name: str
    secret: str = field(repr=False)


class Custody:
    """The operators of `ledger` and how many of them each act needs.

    Where none is enrolled, any name will do for any act but accepting a clock. `cost` is scrypt's N
    for new secrets.
    """

    def __init__(self, ledger: Ledger, cost: int = COST) -> None:
        self._ledger = ledger
        self._cost = cost

    def names(self) -> list[str]:
        """Return the enrolled operators' names."""
        return [row["name"] for row in self._ledger.rows("operator")]

    def policy(self) -> dict[CustodyAct, int]:
        """Return how many operators each act needs once some are enrolled."""
        kept = {row["act"]: row["operators"] for row in self._ledger.rows("custody")}
        return {act: kept.get(act, DEFAULTS[act]) for act in CustodyAct}

    def needed(self, act: CustodyAct) -> int:
        """Return how many enrolled operators `act` needs now; 0 where any name will do.

        To enrol the first operator takes nobody, to enrol the second takes the first.
        """
        enrolled = len(self.names())
        if act is CustodyAct.CUSTODY:
            return min(self.policy()[act], enrolled)
        if not enrolled and act is not CustodyAct.CLOCK:
            return 0
        return self.policy()[act]

    def authorize(self, act: CustodyAct, given: list[Credentials], at: int) -> str:
        """Make sure that as many operators as needed stand behind `act`; return who, for the log.

        Raises:
            Denied: a secret is wrong, an operator is not enrolled, or there are too few.
        """
        needed = self.needed(act)
        enrolled = self.names()
        if len(enrolled) < needed:
            raise Denied(
                f"{act} needs {needed} enrolled operators, and {self._ledger.name} has"
                f" {len(enrolled)}: keyfob station operators add NAME"
            )
        people = {each.name.casefold() for each in given[:needed]}
        if len(people) < needed:
            raise Denied(f"{act} needs {needed} different operators: name the other with --second")
        for each in given[:needed]:
            self._check(act, each, at)
        return " and ".join(each.name for each in given[: max(needed, 1)])

    def enrol(self, operator: Credentials, at: int) -> None:
        """Enrol an operator, or give one a new secret.

        Raises:
            BadInput: the name or the secret is not usable.
        """
        name, secret = operator.name, operator.secret
        if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
            raise BadInput(
                f"operator {name!r}: expected 1 to {NAME_CHARACTERS_MAX} printable characters"
            )
        if len(secret) < SECRET_CHARACTERS_MIN:
            raise BadInput(
                f"the secret of {name} is too short: expected {SECRET_CHARACTERS_MIN} characters"
                " or more"
            )
        row = {"name": name, "verifier": seal(_claim(name), secret, self._cost), "at": at}
        self._ledger.put("operator", row, self._ledger.entry(at, "operator", "enrolled", name))

    def dismiss(self, name: str, at: int) -> None:
        """Remove an operator.

        Raises:
            BadInput: nobody of that name is enrolled.
        """
        self._known(name)
        entry = self._ledger.entry(at, "operator", "dismissed", name)
        self._ledger.remove("operator", {"name": name}, entry)

    def set_needed(self, act: CustodyAct, operators: int, at: int) -> None:
        """Set how many operators an act needs, 1 or 2.

        Raises:
            BadInput: it is another number, or one operator for accepting a clock.
        """
        least = 2 if act is CustodyAct.CLOCK else 1
        if not least <= operators <= OPERATORS_MAX:
            raise BadInput(f"{act}={operators}: expected {least} to {OPERATORS_MAX} operators")
        entry = self._ledger.entry(at, "custody", str(operators), act)
        self._ledger.put("custody", {"act": act, "operators": operators}, entry)

    def _check(self, act: CustodyAct, given: Credentials, at: int) -> None:
        try:
            row = self._known(given.name)
            right = unseal(row, given.secret, given.name) == _claim(given.name)
        except BadInput:
            right = False
        if not right:
            entry = self._ledger.entry(at, "operator", "rejected", given.name, act=act)
            self._ledger.note(entry)
            raise Denied(
                f"{act}: {given.name} is not enrolled in {self._ledger.name}, or the secret is"
                " another; keyfob station operators lists who is"
            )

    def _known(self, name: str) -> str:
        rows = self._ledger.rows("operator", name=name)
        if not rows:
            names = ", ".join(self.names()) or "nobody"
            raise BadInput(f"no operator {name} in {self._ledger.name}; enrolled: {names}")
        return str(rows[0]["verifier"])


def _claim(name: str) -> bytes:
    return f"operator {name.casefold()}".encode()
