"""JSON exports of authenticator programs: Aegis, 2FAS, FreeOTP+ and andOTP.

Each program is a row of `PROGRAMS`: how its file is known, where its accounts stand, what each
says. Encrypted exports of Aegis and 2FAS open with their passphrase (`sealed_json`).

After Aegis's `docs/vault.md` (v3.4.2), 2FAS for Android's `BackupService.kt` (schema 4), FreeOTP+'s
`Token.java` and `OtpTokenFactory.kt` (whose JSON has the counter of the code shown next, and whose
URIs have one more), andOTP's `Entry.java`; exports of all four are in vectors/.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import (
    BadSeedFile,
    ForeignKey,
    Found,
    Reading,
    Remark,
    SeedEntry,
    Unusable,
)
from host_tools.seeds.formats.account import account_record, split_label
from host_tools.seeds.formats.sealed_json import open_2fas, open_aegis
from host_tools.seeds.json_file import member, read_json
from host_tools.seeds.privacy import displayed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import base32_seed
from host_tools.seeds.tables.cells import kind_of


@dataclass(frozen=True, slots=True)
class AuthenticatorProgram:
    """One program's export: `marks` stand at its beginning, `accounts` returns their list."""

    name: str
    marks: tuple[str, ...]
    accounts: Callable[[Any, Reading], list[Any]]
    record: Callable[[Any, list[str]], SeedRecord]


def sniff(head: str) -> bool:
    """Tell whether a JSON file begins as one of these exports does."""
    return _program(head) is not None


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the accounts of an export.

    Raises:
        BadSeedFile: it is no JSON, or not of this form.
        LockedSeedFile: it is encrypted and no passphrase was given.
    """
    content = read_json(file, reading)
    program = next((one for one in PROGRAMS if _is_of(one, content)), None)
    if program is None:
        raise BadSeedFile(reading.path, "no export of Aegis, 2FAS, FreeOTP+ or andOTP")
    yield Remark(f"an export of {program.name}")
    try:
        accounts = program.accounts(content, reading)
    except Unusable as error:
        raise BadSeedFile(reading.path, str(error)) from None
    for number, account in enumerate(accounts, 1):
        where, doubts = f"account {number}", list[str]()
        try:
            record = program.record(account, doubts)
        except ForeignKey as error:
            name = _name_of(account)
            shown = displayed(name)
            place = f"{where}, {shown}" if shown else where
            yield Remark(f"left out: {error}", place, left_out=True, name=name)
        except (Unusable, ValueError) as error:
            yield SeedEntry(where, fault=str(error), doubts=tuple(doubts))
        else:
            shown = displayed(record.credential_id)
            yield SeedEntry(f"{where}, {shown}" if shown else where, record, doubts=tuple(doubts))


def _name_of(account: object) -> str:
    """Return what an account that is left out calls itself, "" where that is unknown."""
    values = account if isinstance(account, dict) else {}
    names = (values.get(name) for name in ("label", "name"))
    return next((name for name in names if isinstance(name, str) and name), "")


def _aegis_accounts(content: Any, reading: Reading) -> list[Any]:
    database = content.get("db")
    if isinstance(database, str):
        database = open_aegis(content, reading)
    return list(member(database, "entries", list))


def _aegis(account: Any, doubts: list[str]) -> SeedRecord:
    kind = kind_of(member(account, "type", str))
    info = member(account, "info", dict)
    return _record(
        doubts,
        kind=kind,
        issuer=member(account, "issuer", str, ""),
        account=member(account, "name", str, ""),
        seed=base32_seed(member(info, "secret", str), doubts),
        algorithm=member(info, "algo", str),
        digits=member(info, "digits", int),
        counter=member(info, "counter", int, 0),
        period=member(info, "period", int, 30),
    )


def _2fas_accounts(content: Any, reading: Reading) -> list[Any]:
    services = content.get("services")
    if not services and content.get("servicesEncrypted"):
        services = open_2fas(content, reading)
    if not isinstance(services, list):
        raise Unusable("its 'services' is missing or no list")
    return services


def _2fas(account: Any, doubts: list[str]) -> SeedRecord:
    otp = member(account, "otp", dict)
    kind = kind_of(member(otp, "tokenType", str, "TOTP"))
    name = member(account, "name", str, "")
    label = member(otp, "account", str, "") or member(otp, "label", str, "")
    issuer = member(otp, "issuer", str, "") or (name if label and name != label else "")
    return _record(
        doubts,
        kind=kind,
        issuer=issuer,
        account=split_label(label or name, issuer)[1],
        seed=base32_seed(member(account, "secret", str), doubts),
        algorithm=member(otp, "algorithm", str, "SHA1"),
        digits=member(otp, "digits", int, 6),
        counter=member(otp, "counter", int, 0),
        period=member(otp, "period", int, 30),
    )


def _freeotp_accounts(content: Any, reading: Reading) -> list[Any]:
    del reading
    return list(member(content, "tokens", list))


def _freeotp(account: Any, doubts: list[str]) -> SeedRecord:
    kind = kind_of(member(account, "type", str))
    octets = member(account, "secret", list)
    try:
        seed = bytes(octet & 0xFF for octet in octets)
    except TypeError:
        raise Unusable("its 'secret' is no list of numbers") from None
    issuer = member(account, "issuerExt", str, "")
    return _record(
        doubts,
        kind=kind,
        issuer=issuer,
        account=split_label(member(account, "label", str, ""), issuer)[1],
        seed=seed,
        algorithm=member(account, "algo", str),
        digits=member(account, "digits", int),
        counter=member(account, "counter", int, 0),
        period=member(account, "period", int, 30),
    )


def _andotp_accounts(content: Any, reading: Reading) -> list[Any]:
    del reading
    return list(content)


def _andotp(account: Any, doubts: list[str]) -> SeedRecord:
    kind = kind_of(member(account, "type", str))
    issuer = member(account, "issuer", str, "")
    return _record(
        doubts,
        kind=kind,
        issuer=issuer,
        account=split_label(member(account, "label", str, ""), issuer)[1],
        seed=base32_seed(member(account, "secret", str), doubts),
        algorithm=member(account, "algorithm", str, "SHA1"),
        digits=member(account, "digits", int),
        counter=member(account, "counter", int, 0),
        period=member(account, "period", int, 30),
    )


def _record(
    doubts: list[str],
    *,
    kind: OtpKind,
    issuer: str,
    account: str,
    seed: bytes,
    algorithm: str,
    digits: int,
    counter: int,
    period: int,
) -> SeedRecord:
    if not seed:
        raise Unusable("its seed is empty")
    timed = kind is OtpKind.TOTP
    return account_record(
        issuer=issuer.strip(),
        account=account.strip(),
        seed=seed,
        kind=kind,
        algorithm=algorithm,
        digits=digits,
        counter=0 if timed else counter,
        step_seconds=period if timed else 30,
        doubts=doubts,
    )


PROGRAMS = (
    AuthenticatorProgram("Aegis", ('"header"', '"db"'), _aegis_accounts, _aegis),
    AuthenticatorProgram("2FAS", ('"services"', '"schemaVersion"'), _2fas_accounts, _2fas),
    AuthenticatorProgram("FreeOTP+", ('"tokenOrder"', '"tokens"'), _freeotp_accounts, _freeotp),
    AuthenticatorProgram("andOTP", ('"secret"', '"label"'), _andotp_accounts, _andotp),
)
"""In the order in which a file is held against them."""


def _program(head: str) -> AuthenticatorProgram | None:
    start = head.lstrip("\ufeff \t\r\n")
    if not start.startswith(("{", "[")):
        return None
    for program in PROGRAMS:
        listed = program.record is _andotp
        if start.startswith("[") is listed and any(mark in start for mark in program.marks):
            return program
    return None


def _is_of(program: AuthenticatorProgram, content: object) -> bool:
    if program.record is _andotp:
        return isinstance(content, list)
    names = [mark.strip('"') for mark in program.marks]
    return isinstance(content, dict) and any(name in content for name in names)
