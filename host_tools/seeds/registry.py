"""The table of seed-file formats: how each is known, read and written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from host_tools.seeds.entry import Found, Reading, Secret
from host_tools.seeds.formats import (
    authenticator_json,
    entra_csv,
    multiotp_csv,
    oath_csv,
    otpauth,
    pam_oath,
    pskc,
    pskc_writer,
    qr_page,
    qr_picture,
    safenet_xml,
    safeword_dat,
    table_csv,
    vip_xml,
    yubico_csv,
)
from host_tools.seeds.record import SeedRecord

Reader = Callable[[BinaryIO, Reading], Iterator[Found]]
Writer = Callable[[BinaryIO, Iterable[SeedRecord], Secret], int]

_ALL = frozenset(
    {"credential_id", "time_steps", "drift_steps", "manufacturer", "model"}
    | {"issuer", "user", "start_date", "expiry_date"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    `magic` are the bytes with which files of a binary format begin; for the others `sniff` tells
    from the first characters of a file whether it is of this format; formats are
    asked in the table's order. `read` and `write` are None where keyfob cannot; `encrypts` tells
    whether `write` heeds a secret, without which every seed stands in clear. `keeps` names the
    fields of a record, of those that no code depends on, that `write` has a place for.
    """

    name: str
    title: str
    sniff: Callable[[str], bool] = lambda head: False  # noqa: ARG005
    read: Reader | None = None
    write: Writer | None = None
    encrypts: bool = False
    keeps: frozenset[str] = frozenset()
    magic: tuple[bytes, ...] = ()


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            name="pskc",
            title="PSKC (RFC 6030) and its drafts",
            sniff=pskc.sniff,
            read=pskc.read,
            write=pskc_writer.write,
            encrypts=True,
            keeps=_ALL,
        ),
        Format(
            name="pskc-privacyidea",
            title="PSKC as privacyIDEA's import takes it",
            write=pskc_writer.write_for_privacyidea,
            encrypts=True,
            keeps=frozenset({"drift_steps", "manufacturer"}),
        ),
        Format(
            name="vip-xml",
            title="VIP provisioning answer",
            sniff=vip_xml.sniff,
            read=vip_xml.read,
        ),
        Format(
            name="safenet-xml",
            title="SafeNet and Aladdin XML",
            sniff=safenet_xml.sniff,
            read=safenet_xml.read,
        ),
        Format(
            name="safeword-dat",
            title="SafeWord .dat of SafeNet",
            sniff=safeword_dat.sniff,
            read=safeword_dat.read,
        ),
        Format(
            name="otpauth",
            title="otpauth URIs, one a line",
            sniff=otpauth.sniff,
            read=otpauth.read,
            write=otpauth.write,
            keeps=frozenset({"issuer"}),
        ),
        Format(
            name="authenticator-json",
            title="export of an authenticator program (Aegis, 2FAS, FreeOTP+, andOTP)",
            sniff=authenticator_json.sniff,
            read=authenticator_json.read,
        ),
        Format(
            name="qr-picture",
            title="picture with QR codes",
            read=qr_picture.read,
            magic=qr_picture.MAGIC,
        ),
        Format(
            name="entra-csv",
            title="CSV for Microsoft Entra ID, as Token2 and Deepnet deliver",
            sniff=entra_csv.sniff,
            read=entra_csv.read,
            write=entra_csv.write,
            keeps=frozenset({"manufacturer", "model", "user"}),
        ),
        Format(
            name="yubico-traditional",
            title="Yubico's log, traditional",
            sniff=yubico_csv.sniff_traditional,
            read=yubico_csv.read_traditional,
        ),
        Format(
            name="yubico",
            title="Yubico's log, Yubico format",
            sniff=yubico_csv.sniff_yubico,
            read=yubico_csv.read_yubico,
        ),
        Format(
            name="multiotp-csv",
            title="multiOTP CSV",
            sniff=multiotp_csv.sniff,
            read=multiotp_csv.read,
        ),
        Format(
            name="oath-csv",
            title="OATH CSV, versions 1 and 2",
            sniff=oath_csv.sniff,
            read=oath_csv.read,
            write=oath_csv.write,
        ),
        Format(
            name="table",
            title="table, its columns by header, content or --columns",
            sniff=table_csv.sniff,
            read=table_csv.read,
        ),
        Format(
            name="pam-oath",
            title="users file of pam_oath",
            sniff=pam_oath.sniff,
            write=pam_oath.write,
            keeps=frozenset({"user"}),
        ),
        Format(
            name="qr-page",
            title="HTML page of QR codes",
            write=qr_page.write,
            keeps=frozenset({"issuer"}),
        ),
    )
}
"""By name, in the order in which they are asked whether a file is theirs."""


def lost_fields(record: SeedRecord, format: Format) -> list[str]:  # noqa: A002
    """Name what `record` holds and `format` has no place for."""
    lost = []
    for name in sorted(_ALL - format.keeps):
        value = getattr(record, name)
        kept_by_name = name == "credential_id" and value == record.serial_number
        if value and not kept_by_name:
            lost.append(name)
    return lost
