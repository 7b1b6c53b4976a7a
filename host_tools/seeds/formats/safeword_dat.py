"""SafeWord's .dat of SafeNet (eToken PASS, Alpine): blocks of `name: value`, seeds in hex.

    # ===== SafeWord Authenticator Records $Version: 100$ =====
    dn: sccAuthenticatorId=00040001
    sccAuthenticatorId: 00040001
    sccTokenType: eToken-PASS-TS
    sccTokenData: sccKey=3132…;sccMode=T;sccPwLen=6;sccTick=30;sccPrTime=2013/03/12 00:00:00
    sccSignature: MC0C…

After what LinOTP 4 (`eTokenDat.py`) and multiOTP 5.9.8 (`ImportTokensFromAlpineDat`) read, and
LinOTP's sample. Both agree on the event-based part; of time-based tokens LinOTP counts the steps
from 2000-01-01 where `sccPrTime` is given, and multiOTP knows none.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import Found, Reading, Remark, SeedEntry, Unusable
from host_tools.seeds.privacy import displayed, quoted
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import hex_seed
from host_tools.seeds.tables.cells import STEP_MISSING, hash_named, identifier, whole_number
from host_tools.seeds.text_lines import TextLines

T0_SAFENET = 946_684_800
"""2000-01-01 00:00 UTC."""

VALUE_CHARACTERS_MAX = 8192

_ATTRIBUTE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)::?\s*(.*)")
_SIGN = re.compile(r"^\s*scc(?:AuthenticatorId|TokenData)\s*:", re.IGNORECASE | re.MULTILINE)
_KINDS = {"E": OtpKind.HOTP, "T": OtpKind.TOTP}

Block = dict[str, str]


def sniff(head: str) -> bool:
    """Tell whether the file calls itself so, or has such a record."""
    return "SafeWord Authenticator Records" in head or _SIGN.search(head) is not None


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield a record for each block; see `TextLines` for what it raises."""
    text = TextLines(file, reading)
    is_signed = False
    for number, block in _blocks(text):
        is_signed = is_signed or "sccsignature" in block
        yield _entry(number, block)
    if is_signed:
        yield Remark("its records are signed, and signatures are not checked", doubtful=True)
    if text.remark:
        yield Remark(text.remark)


def _blocks(lines: TextLines) -> Iterator[tuple[int, Block]]:
    """Yield each record's attributes, names in lower case, with the number of its first line.

    A record begins at its `dn`, or where an attribute comes that the last one has already. A line
    without a name continues the one before it, as LDIF does (RFC 2849).
    """
    first, block, last = 0, Block(), ""
    for number, line in lines:
        if line.startswith("#"):
            continue
        match = _ATTRIBUTE.match(line)
        name = match[1].lower() if match else ""
        if not name:
            if last and len(block[last]) < VALUE_CHARACTERS_MAX:
                block[last] += line
            continue
        if block and (name == "dn" or (name in block and name != "objectclass")):
            yield first, block
            block = Block()
        first = first if block else number
        block[name] = match[2] if match else ""
        last = name
    if block:
        yield first, block


def _entry(number: int, block: Block) -> SeedEntry:
    serial = block.get("sccauthenticatorid", "")
    shown = displayed(serial)
    where = f"line {number}, {shown}" if shown else f"line {number}"
    doubts: list[str] = []
    try:
        return SeedEntry(where, _record(serial, block, doubts), doubts=tuple(doubts))
    except (Unusable, ValueError) as error:
        return SeedEntry(where, fault=str(error), doubts=tuple(doubts), name=serial)


def _record(serial: str, block: Block, doubts: list[str]) -> SeedRecord:
    pairs = (pair.partition("=") for pair in block.get("scctokendata", "").split(";"))
    data = {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}
    mode = data.get("sccmode", "").upper()
    if mode and mode not in _KINDS:
        raise Unusable(f"its sccMode {quoted(mode, 10)} is neither E (event) nor T (time)")
    kind = _KINDS.get(mode, OtpKind.HOTP)
    if not mode:
        doubts.append("it does not name its mode; event-based (HOTP) taken")
    if "sccpwlen" not in data:
        doubts.append("it does not say how many digits; 6 taken")
    timed = kind is OtpKind.TOTP
    t0 = T0_SAFENET if timed and data.get("sccprtime") else 0
    if timed and "scctick" not in data:
        doubts.append(STEP_MISSING)
    if t0:
        doubts.append("its time steps count from 2000-01-01, as SafeNet's time-based tokens do")
    return SeedRecord(
        serial_number=identifier(serial),
        credential_id=serial,
        seed=hex_seed(data.get("scckey", ""), doubts),
        kind=kind,
        algorithm=hash_named(data["crypto"]) if data.get("crypto") else Hash.SHA1,
        digits=whole_number(data.get("sccpwlen", "6"), "sccPwLen"),
        counter=0 if timed else whole_number(data.get("sccseq") or "0", "sccSeq"),
        step_seconds=whole_number(data.get("scctick", "30"), "sccTick") if timed else 30,
        t0_seconds=t0,
        manufacturer="SafeNet",
        model=data.get("productname") or block.get("scctokentype", ""),
    )
