"""An account of an authenticator program as a seed record: named by issuer and account."""

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import ForeignKey, Unusable
from host_tools.seeds.record import SeedRecord, unprintable
from host_tools.seeds.tables.cells import hash_named, identifier

STEAM = "a Steam key, whose codes are five letters"
"""What a key is called whose codes are Steam's."""


def split_label(label: str, issuer: str | None) -> tuple[str, str]:
    """Return issuer and account of a label such as `Acme:alice`.

    A given `issuer` is taken off only where it is exactly the label's prefix; without one the part
    before the first colon is it (Key Uri Format, "Label").
    """
    label = label.strip()
    prefix, colon, account = label.partition(":")
    if issuer:
        exact = label.startswith(f"{issuer}:")
        return issuer.strip(), label[len(issuer) + 1 :].strip() if exact else label
    return (prefix.strip(), account.strip()) if colon and account.strip() else ("", label)


def account_record(
    *,
    issuer: str,
    account: str,
    seed: bytes,
    kind: OtpKind,
    algorithm: str,
    digits: int,
    counter: int = 0,
    step_seconds: int = 30,
    t0_seconds: int = 0,
    doubts: list[str],
) -> SeedRecord:
    """Return the record: the account is its serial number, `issuer:account` its identifier.

    So the same account at two issuers is two keys. Appends to `doubts` what makes codes wrong
    that look right.

    Raises:
        ForeignKey: its codes are Steam's.
        Unusable, ValueError: it cannot be taken, with the reason.
    """
    if issuer.casefold() == "steam" or account.casefold().startswith("steam:"):
        if digits == 5:
            raise ForeignKey(STEAM)
        doubts.append("its issuer is Steam, whose codes are five letters: decimal codes are wrong")
    if t0_seconds:
        doubts.append(
            f"its time steps count from T0 = {t0_seconds} s, where nearly all count from 0"
        )
    name = identifier(account or issuer, "account name")
    if not name.isprintable():
        raise Unusable(unprintable(name, "account name"))
    return SeedRecord(
        serial_number=name,
        credential_id=f"{issuer}:{name}" if issuer and account else name,
        seed=seed,
        kind=kind,
        algorithm=hash_named(algorithm),
        digits=digits,
        counter=counter,
        step_seconds=step_seconds,
        t0_seconds=t0_seconds,
        issuer=issuer,
    )
