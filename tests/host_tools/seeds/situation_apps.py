"""Situations of authenticator programs, SafeNet, VIP, pictures and files that are refused."""

import base64
import io
import json
from functools import partial

from tests.host_tools.seeds.pskc_by_hand import RFC_KEY, RFC_SEED
from tests.host_tools.seeds.situations import SEED, Situation
from tests.host_tools.seeds.test_authenticators import SEED as TRANSFERRED
from tests.host_tools.seeds.test_authenticators import account as transferred
from tests.host_tools.seeds.test_authenticators import aegis_sealed, transfer, twofas_sealed
from tests.host_tools.seeds.vector_files import ROOT

B32 = base64.b32encode(SEED).decode()
HEX = SEED.hex()
OTHER = bytes(reversed(SEED)).hex()
otpauth = partial(Situation, "otpauth")
apps = partial(Situation, "authenticator-json")
picture = partial(Situation, "qr-picture")
safenet = partial(Situation, "safenet-xml")
dat = partial(Situation, "safeword-dat")
vip = partial(Situation, "vip-xml")
none = partial(Situation, "none")


def uri(label: str = "x:kim", kind: str = "totp", secret: str = B32, **more: str) -> str:
    query = "".join(f"&{name}={text}" for name, text in more.items())
    return f"otpauth://{kind}/{label}?secret={secret}{query}\n"


OTPAUTH = [
    otpauth(
        "URIs, one a line", uri() + uri("y:kim", period="60"), "doubted", "the same seed", keys=2
    ),
    otpauth("HOTP with its counter", uri(kind="hotp", counter="7")),
    otpauth(
        "HOTP without a counter",
        uri(kind="hotp"),
        "doubted",
        "line 1, x:kim: it does not say its counter",
    ),
    otpauth("names in other scripts", uri("%E9%8A%80%E8%A1%8C:J%C3%BCrgen")),
    otpauth(
        "secret in lower case and groups", uri(secret=B32.lower()[:16] + "%20" + B32.lower()[16:])
    ),
    otpauth("`image=` and the like", uri(image="https%3A%2F%2Fx%2Fa.png")),
    otpauth("7 digits", uri(digits="7")),
    otpauth(
        "Steam (host), beside a good one",
        uri("Steam:kim", "steam", digits="5") + uri(),
        "left out",
        "line 1, Steam:kim: left out: a Steam key",
    ),
    otpauth(
        "Steam (`encoder=`), beside a good one",
        uri("x:lee", encoder="steam") + uri(),
        "left out",
        "line 1, x:lee: left out: a Steam key",
    ),
    otpauth(
        "Steam (five digits), beside a good one",
        uri("Steam:lee", issuer="Steam", digits="5") + uri(),
        "left out",
        "line 1, Steam:lee: left out",
    ),
    otpauth(
        "Steam (`steam://`), beside a good one",
        f"steam://{B32}\n" + uri(),
        "left out",
        "line 1: left out: a Steam key",
    ),
    otpauth(
        "mOTP of multiOTP, beside a good one",
        f"motp://Bank:lee?secret={OTHER[:32]}\n" + uri(),
        "left out",
        "line 1, Bank:lee: left out: an mOTP key",
    ),
    otpauth(
        "Steam, told by the issuer only",
        uri("Steam:kim", issuer="Steam"),
        "doubted",
        "its issuer is Steam",
    ),
    otpauth("`t0=3600`", uri(t0="3600"), "refused", "T0 = 3600 s", keys=0),
    otpauth("`epoch=0`", uri(epoch="0")),
    otpauth("unknown parameter", uri(step="60"), "doubted", "its parameter 'step' is unknown"),
    otpauth(
        "`&` in an issuer, not escaped",
        uri("AT&T:kim", issuer="AT&T"),
        "doubted",
        "an & in a name is probably not escaped",
    ),
    otpauth("`#` in a name, not escaped", uri("a#b"), "refused", "a # cuts it off", keys=0),
    otpauth(
        "a parameter twice",
        uri(issuer="x&issuer=y"),
        "refused",
        "the parameter 'issuer' twice",
        keys=0,
    ),
    otpauth("no secret", uri(secret=""), "refused", "its seed is empty", keys=0),
    otpauth(
        "hexadecimal secret", uri(secret=HEX), "refused", "its seed looks like hexadecimal", keys=0
    ),
    otpauth("MD5", uri(algorithm="MD5"), "refused", "its hash 'MD5'", keys=0),
    otpauth("right-to-left mark in an account", uri("a%E2%80%AEb"), "refused", "U+202E", keys=0),
    otpauth("unknown type", uri(kind="tutp"), "refused", "of type 'tutp'", keys=0),
    otpauth("scheme and type in capitals", uri().replace("otpauth://totp", "OTPAUTH://TOTP")),
    otpauth("no label", uri(""), "refused", "its account name is empty", keys=0),
    otpauth("period 0", uri(period="0"), "refused", "its time step of 0 s", keys=0),
    otpauth(
        "digits in words", uri(digits="six"), "refused", "digits is no whole number: 'six'", keys=0
    ),
    otpauth(
        "base64 secret",
        uri(secret="pfX%2FFS9Ail8rBMkvljMukoUS7Yo%3D"),
        "refused",
        "its seed looks like base64",
        keys=0,
    ),
    otpauth(
        "characters of the secret lost",
        uri(secret=B32[:-5]),
        "refused",
        "its seed is cut off",
        keys=0,
    ),
    otpauth("another encoder", uri(encoder="base20"), "refused", "encoded by 'base20'", keys=0),
    otpauth(
        "a web address among them",
        uri() + "https://example.com/?secret=" + B32 + "\n",
        "refused",
        "line 2: it is no otpauth:// URI",
        keys=0,
    ),
    otpauth(
        "Google's transfer",
        transfer(transferred()) + "\n",
        seed=TRANSFERRED,
    ),
    otpauth(
        "Google's transfer, a part missing",
        transfer(transferred(), size=2) + "\n",
        "doubted",
        "part 2 is missing",
        seed=TRANSFERRED,
    ),
    otpauth(
        "Google's transfer, cut off",
        transfer(transferred())[:70] + "\n",
        "refused",
        "line 1: its transfer data",
        keys=0,
    ),
]


def aegis(*entries: dict[str, object]) -> dict[str, object]:
    return {
        "version": 1,
        "header": {"slots": None, "params": None},
        "db": {"version": 3, "entries": list(entries)},
    }


def entry(name: str = "kim", kind: str = "totp", **info: object) -> dict[str, object]:
    more = {"secret": B32, "algo": "SHA1", "digits": 6, "period": 30} | info
    return {"type": kind, "name": name, "issuer": "Acme", "info": more}


FREEOTP = {
    "tokens": [
        {
            "algo": "SHA1",
            "counter": 0,
            "digits": 6,
            "issuerExt": "Acme",
            "label": "kim",
            "period": 30,
            "secret": list(SEED),
            "type": "TOTP",
        }
    ],
    "tokenOrder": ["Acme:kim"],
}
TWOFAS = {
    "services": [
        {
            "name": "Acme",
            "secret": B32,
            "otp": {
                "account": "kim",
                "issuer": "Acme",
                "digits": 6,
                "period": 30,
                "algorithm": "SHA1",
                "tokenType": "TOTP",
            },
        }
    ],
    "schemaVersion": 4,
}
ANDOTP = [
    {
        "secret": B32,
        "issuer": "Acme",
        "label": "kim",
        "digits": 6,
        "type": "TOTP",
        "algorithm": "SHA1",
        "period": 30,
    }
]
APPS = [
    apps("Aegis", json.dumps(aegis(entry()))),
    apps("2FAS", json.dumps(TWOFAS)),
    apps("2FAS, encrypted", json.dumps(twofas_sealed("pass word")), "locked", keys=0),
    apps(
        "2FAS, encrypted, its passphrase given",
        json.dumps(twofas_sealed("pass word")),
        "doubted",
        "the same seed",
        keys=2,
        environment={"KEYFOB_PASSPHRASE": "pass word"},
        seed=TRANSFERRED,
    ),
    apps("FreeOTP+", json.dumps(FREEOTP)),
    apps("andOTP", json.dumps(ANDOTP)),
    apps("Aegis, encrypted", json.dumps(aegis_sealed("pass word")), "locked", "", keys=0),
    apps(
        "Aegis with Steam and mOTP",
        json.dumps(aegis(entry("lee", "steam", digits=5), entry("pat", "motp"), entry())),
        "left out",
        "account 1, lee: left out: a Steam key",
    ),
    apps(
        "Aegis, hash MD5",
        json.dumps(aegis(entry(algo="MD5"))),
        "refused",
        "account 1: its hash 'MD5'",
        keys=0,
    ),
    apps(
        "Aegis, seed missing",
        json.dumps(aegis(entry(secret=""))),
        "refused",
        "account 1: its seed is empty",
        keys=0,
    ),
    apps("JSON cut off", json.dumps(TWOFAS)[:-20], "refused", "line 1: no JSON", keys=0),
]


def qr_code(text: str) -> bytes:
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=5)
    return out.getvalue()


def token(serial: str = "00040008CFA5", seed: str = HEX) -> str:
    return (
        f'<Tokens><Token serial="{serial}"><ProductName>eToken PASS</ProductName><Applications>'
        f'<Application ConnectorID="{{a61c4073}}"><Seed>{seed}</Seed><MovingFactor>1</MovingFactor>'
        "</Application></Applications></Token></Tokens>"
    )


def block(data: str, serial: str = "00040001") -> str:
    return (
        "# ===== SafeWord Authenticator Records $Version: 100$ =====\n"
        f"dn: sccAuthenticatorId={serial}\nsccAuthenticatorId: {serial}\n"
        f"sccTokenType: eToken-PASS\nsccTokenData: {data}\n"
    )


ANSWER = (ROOT / "vip-xml/answer.xml").read_bytes()
REST = [
    picture("a QR code of a URI", qr_code(uri().strip())),
    picture(
        "a picture without a code",
        qr_code("https://example.com"),
        "refused",
        "its QR codes hold no otpauth URI",
        keys=0,
    ),
    picture(
        "a picture cut off", qr_code(uri().strip())[:200], "refused", "damaged or cut off", keys=0
    ),
    safenet("eToken PASS", token(), "doubted", "does not say how many digits"),
    safenet(
        "seed of 24 bytes",
        token(seed=HEX + "01020304"),
        "doubted",
        "its seed has 24 bytes",
        seed=SEED + bytes([1, 2, 3, 4]),
    ),
    safenet(
        "no serial number", token(""), "refused", "key number 1: its serial number is empty", keys=0
    ),
    safenet(
        "digit of the seed lost",
        token(seed=HEX[1:]),
        "refused",
        "key 00040008CFA5: its seed has an odd number",
        keys=0,
    ),
    dat("event-based", block(f"sccKey={HEX};sccMode=E;sccPwLen=6;sccSeq=0001;")),
    dat(
        "time-based, counted from 2000-01-01",
        block(f"sccKey={HEX};sccMode=T;sccPwLen=6;sccTick=60;sccPrTime=2026/03/12 00:00:00"),
        "refused",
        "count from 2000-01-01",
        keys=0,
    ),
    dat(
        "signed",
        block(f"sccKey={HEX};sccMode=E;sccPwLen=6;") + "sccSignature: MC0CFAEC\n",
        "doubted",
        "signed",
    ),
    dat("no mode, no length", block(f"sccKey={HEX};"), "doubted", "event-based (HOTP) taken"),
    dat(
        "no key",
        block("sccMode=E;sccPwLen=6;"),
        "refused",
        "line 2, 00040001: its seed is empty",
        keys=0,
    ),
    dat("mode R", block(f"sccKey={HEX};sccMode=R;"), "refused", "neither E (event) nor T", keys=0),
    vip(
        "its key given, accepted",
        ANSWER,
        "doubted",
        "its digest cannot be checked",
        options=("--accept-unauthenticated",),
        environment={"KEYFOB_PSK": RFC_KEY.hex()},
        seed=RFC_SEED,
    ),
    vip(
        "its key given",
        ANSWER,
        "refused",
        "key SYMC26070843: it has no MAC",
        keys=0,
        environment={"KEYFOB_PSK": RFC_KEY.hex()},
        seed=RFC_SEED,
    ),
    vip("no key given", ANSWER, "locked", "", keys=0, seed=RFC_SEED),
    none("OneSpan DPX", "DPX file\n", "refused", "OneSpan", keys=0),
    none(
        "RSA SecurID", '<?xml version="1.0"?><TKNBatch></TKNBatch>\n', "refused", "SecurID", keys=0
    ),
    none("OpenPGP", "-----BEGIN PGP MESSAGE-----\n", "refused", "gpg --decrypt", keys=0),
    none("ZIP or .xlsx", b"PK\x03\x04\x14\0", "refused", "save it as CSV", keys=0),
    none(
        ".xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "refused", "save it as CSV", keys=0
    ),
    none("gzip", b"\x1f\x8b\x08" + bytes(20), "refused", "gunzip", keys=0),
    none("PDF", b"%PDF-1.7\n", "refused", "PDF", keys=0),
    none("a letter", "Dear Sir or Madam,\n", "refused", "unrecognised format; supported: ", keys=0),
    none("empty", "\n \n", "refused", "it is empty", keys=0),
]
