"""Single cells of a table: numbers, types, hashes, and what a cell looks like."""

import re
from datetime import date, datetime

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import ForeignKey, Unusable
from host_tools.seeds.privacy import looks_like_seed, quoted
from host_tools.seeds.seed_text import SCIENTIFIC, SPREADSHEET

STEP_MISSING = "it does not say its time step; 30 s taken, but many such fobs run at 60 s"

_KINDS = {
    "hotp": OtpKind.HOTP,
    "oathhotp": OtpKind.HOTP,
    "event": OtpKind.HOTP,
    "eventbased": OtpKind.HOTP,
    "hmac": OtpKind.HOTP,
    "totp": OtpKind.TOTP,
    "oathtotp": OtpKind.TOTP,
    "time": OtpKind.TOTP,
    "timebased": OtpKind.TOTP,
}
_FOREIGN = {
    "ocra": "an OCRA key (RFC 6287)",
    "ocra2": "an OCRA key (RFC 6287)",
    "tiqr": "an OCRA key (RFC 6287)",
    "motp": "an mOTP key",
    "yubikey": "a Yubico OTP key (AES)",
    "yubico": "a Yubico OTP key (AES)",
    "yubicootp": "a Yubico OTP key (AES)",
    "staticpassword": "a static password",
    "challengeresponse": "a challenge-response key",
    "pin": "a PIN",
    "pw": "a password",
    "spass": "a password",
    "tan": "a list of TANs",
    "steam": "a Steam key, whose codes are five letters",
    "vasco": "a OneSpan (VASCO) key",
    "securid": "an RSA SecurID key",
}
_NOISE = re.compile(r"[\s_.-]+")
_FORMULA = re.compile(r'="(.*)"')


def kind_of(text: str) -> OtpKind:
    """Return the type of token that `text` names.

    Raises:
        ForeignKey: it is a type that is no one-time password of OATH.
        Unusable: it is no type.
    """
    plain = _NOISE.sub("", text).casefold()
    if plain in _KINDS:
        return _KINDS[plain]
    if plain in _FOREIGN or plain.startswith("ocra1:"):
        raise ForeignKey(_FOREIGN.get(plain, _FOREIGN["ocra"]))
    raise Unusable(f"its type {quoted(text, 20)} is neither HOTP nor TOTP")


def is_kind(text: str) -> bool:
    """Tell whether `text` names a type of token, ours or another."""
    plain = _NOISE.sub("", text).casefold()
    return plain in _KINDS or plain in _FOREIGN or plain.startswith("ocra1:")


def hash_named(text: str) -> Hash:
    """Return the hash that `text` names in any of the usual spellings; Unusable for another."""
    try:
        return Hash[re.sub(r"[^A-Z0-9]", "", text.upper()).removeprefix("HMAC")]
    except KeyError:
        raise Unusable(f"its hash {quoted(text, 20)} is none of SHA1, SHA256, SHA512") from None


def is_hash(text: str) -> bool:
    """Tell whether `text` names a hash."""
    try:
        hash_named(text)
    except Unusable:
        return False
    return True


def whole_number(text: str, what: str) -> int:
    """Return the decimal number in `text`; raises Unusable naming `what` where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise Unusable(f"its {what} is no whole number: {quoted(text, 20)}")
    return int(text)


def day(text: str, what: str) -> date:
    """Return the day that `text` names in ISO 8601; raises Unusable naming `what`."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Unusable(
            f"its {what} is no date of the form 2031-12-31: {quoted(text, 20)}"
        ) from None


def identifier(text: str, what: str = "serial number") -> str:
    """Return `text`; raises Unusable where it is empty or was made a number by a spreadsheet."""
    if not text:
        raise Unusable(f"its {what} is empty")
    if SCIENTIFIC.fullmatch(text):
        raise Unusable(f"its {what} is lost: {SPREADSHEET}")
    return text


def unwrapped(text: str) -> str:
    """Return what stands in `="…"`, by which spreadsheets are made to keep a text as it is."""
    match = _FORMULA.fullmatch(text)
    return match[1] if match else text


def seed_encoding(text: str) -> str:
    """Return as which encoding of a seed a cell looks: "hex", "base32", "base64" or ""."""
    plain = text.replace(" ", "").replace("-", "")
    body = plain.removeprefix("0x").removeprefix("0X")
    if len(body) < 16 or not looks_like_seed(text):
        return ""
    if re.fullmatch(r"[0-9a-fA-F]+", body):
        return "hex"
    if re.fullmatch(r"[A-Z2-7]+=*|[a-z2-7]+=*", body):
        return "base32"
    return "base64"
