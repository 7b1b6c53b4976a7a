"""Who may do what by which way: `form`, `master_user for others`, `form for master_user`."""

from collections.abc import Iterable, Sequence

from host_tools.services.vocabulary import BANK, BRANCH, PAPER, PHONE

OFFLINE = (PAPER, PHONE, BRANCH, BANK)
ONLINE = "online"
SELF, OTHERS = "self", "others"


def check_way(written: str, roles: Sequence[str]) -> str:
    """Return what is wrong with a permission of a rulebook, or ""."""
    way, _, whom = written.partition(" for ")
    if way not in (*OFFLINE, *roles):
        return f"its way is to be one of {', '.join((*OFFLINE, *roles))}"
    if whom and whom not in (SELF, OTHERS, *roles):
        return f"whom it is for is to be one of {', '.join((SELF, OTHERS, *roles))}"
    return ""


def permitted(
    granted: Iterable[str], way: str, actor: str, role: str, concerned: Sequence[tuple[str, str]]
) -> bool:
    """Tell whether one of the permissions `granted` covers a request.

    Args:
        granted: permissions as a rulebook writes them.
        way: the way of the request; `online` stands for the actor's role.
        actor: who asks.
        role: that person's role, "" for nobody of the contract.
        concerned: name and role of the one it is for, and of all who share the generator.
    """
    used = role if way == ONLINE else way
    return any(
        one.partition(" for ")[0] == used and _covers(one.partition(" for ")[2], actor, concerned)
        for one in granted
    )


def _covers(whom: str, actor: str, concerned: Sequence[tuple[str, str]]) -> bool:
    names = {name for name, _ in concerned}
    if whom == SELF:
        return actor in names
    if whom == OTHERS:
        return actor not in names
    return not whom or whom in {role for _, role in concerned}
