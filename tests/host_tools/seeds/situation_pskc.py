"""Situations of PSKC: encryption, dialects, spellings, foreign keys."""

from functools import partial

from tests.host_tools.seeds.pskc_by_hand import (
    PROFILE,
    RFC_KEY,
    Box,
    HandKey,
    b64,
    derived_box,
    document,
    totp_data,
)
from tests.host_tools.seeds.situations import SEED, Situation

pskc = partial(Situation, "pskc")
KEY = {"KEYFOB_PSK": RFC_KEY.hex()}
PASSPHRASE = {"KEYFOB_PASSPHRASE": "qwerty"}
OTHER = bytes(reversed(SEED))
SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
PRIVACYIDEA = "<Issuer>privacyIDEA</Issuer>"


def key(serial: str = "A1", seed: bytes = SEED, **more: object) -> HandKey:
    fields = {"serial": serial, "key_id": serial, "digits": 6, "issuer": ""} | more
    return HandKey(seed=seed, **fields)  # type: ignore[arg-type]


def timed(data: str = "", serial: str = "A1", seed: bytes = SEED, **more: object) -> HandKey:
    return key(serial, seed, algorithm=PROFILE + "totp", data=data or totp_data(60), **more)


def plain(text: str) -> HandKey:
    return key(secret=f"<Secret><PlainValue>{text}</PlainValue></Secret>")


def value(name: str, text: str) -> str:
    return f"<{name}><PlainValue>{text}</PlainValue></{name}>"


FAR = 2**63
PSKC = [
    pskc("in clear", document(key(), timed(serial="A2", seed=OTHER)), keys=2),
    pskc("AES-128-CBC, its key given", document(key(), box=Box()), environment=KEY),
    pskc(
        "AES key wrap",
        document(
            key(seed=SEED + bytes(4)),
            box=Box(
                algorithm="http://www.w3.org/2001/04/xmlenc#kw-aes128",
                mac_algorithm=None,
                mac_key=None,
            ),
        ),
        "doubted",
        "24 bytes",
        environment=KEY,
        seed=SEED + bytes(4),
    ),
    pskc(
        "passphrase, 20,000 rounds",
        document(key(), box=derived_box(rounds=20_000)),
        environment=PASSPHRASE,
    ),
    pskc(
        "passphrase, 1,000 rounds",
        document(key(), box=derived_box()),
        "doubted",
        "by 1,000 rounds",
        environment=PASSPHRASE,
    ),
    pskc("hash in `Suite`", document(key(suite="<Suite>HmacSHA256</Suite>"))),
    pskc(
        "element names in lower case",
        document(key()).replace("KeyPackage", "keypackage").replace("PlainValue", "plainvalue"),
    ),
    pskc(
        "Shift_JIS",
        document(key(device="<Manufacturer>東京</Manufacturer>"))
        .replace("UTF-8", "Shift_JIS")
        .encode("cp932"),
    ),
    pskc("blanks before `<?xml`", "\n  " + document(key())),
    pskc("byte order mark", document(key()).encode("utf-8-sig")),
    pskc(
        "counter above 2^63-1",
        document(key(data=value("Counter", str(FAR)))),
        "doubted",
        "above 2^63-1",
    ),
    pskc(
        "counter 2^64",
        document(key(data=value("Counter", str(2 * FAR)))),
        "refused",
        "its counter is not within",
        keys=0,
    ),
    pskc(
        "counter with a fraction of zeros",
        document(key(data=value("Counter", "7.0"))),
        "doubted",
        "decimal fraction",
    ),
    pskc("no number of digits", document(key(digits=None)), "doubted", "how many digits"),
    pskc("8 digits", document(key(digits=8))),
    pskc(
        "time-based without a step",
        document(timed(value("Time", "0"))),
        "doubted",
        "does not say its time step",
    ),
    pskc(
        "Feitian without a step",
        document(
            timed(
                value("Time", "0"), device="<Manufacturer>Feitian Technology Co.,Ltd</Manufacturer>"
            )
        ),
        "doubted",
        "fobs of this maker run at 60 s",
    ),
    pskc("step of two days", document(timed(totp_data(172_800))), "doubted", "172800 s"),
    pskc(
        "privacyIDEA: drift in seconds",
        document(timed(totp_data(60) + value("TimeDrift", "-60.0"), issuer=PRIVACYIDEA)),
        "doubted",
        "-1 steps of 60 s taken",
    ),
    pskc(
        "drift with a fraction, another writer",
        document(timed(totp_data(60) + value("TimeDrift", "-60.0"))),
        "refused",
        "its TimeDrift '-60.0' is no whole number",
        keys=0,
    ),
    pskc(
        "Yubico: Length with the identifier",
        document(key("ubhe00508326", digits=18, device="<Manufacturer>Yubico</Manufacturer>")),
        "doubted",
        "counts the 12 characters",
    ),
    pskc(
        "Yubico: AES key beside",
        document(key("A2", algorithm="http://www.yubico.com/#yubikey-aes"), key()),
        "left out",
        "key A2: left out: a Yubico OTP key",
    ),
    pskc(
        "OCRA beside a good key",
        document(key("A2", OTHER, algorithm=PROFILE + "ocra"), key()),
        "left out",
        "key A2: left out: an OCRA key",
    ),
    pskc(
        "PIN beside a good key",
        document(key("A2", b"1234", algorithm=PROFILE + "pin"), key()),
        "left out",
        "key A2: left out: a PIN",
    ),
    pskc(
        "a bare KeyPackage", key().package(None), "doubted", "a KeyPackage without the KeyContainer"
    ),
    pskc(
        "a bare Key with a prefix",
        key()
        .package(None)
        .split("</DeviceInfo>")[1]
        .removesuffix("</KeyPackage>")
        .replace("</", "</p:")
        .replace("<", "<p:")
        .replace("<p:/p:", "</p:"),
        "doubted",
        "a Key without the KeyContainer",
    ),
    pskc(
        "unknown value among the Data",
        document(timed(totp_data(60) + value("Epoch", "3600"))),
        "doubted",
        "its Data holds 'epoch'",
    ),
    pskc(
        "seed that is base64 text",
        document(plain(b64(b64(SEED).encode()))),
        "doubted",
        "text: it was probably not decoded",
        seed=b64(SEED).encode(),
    ),
    pskc("signed", document(key(), tail=SIGNATURE), "doubted", "signed"),
    pskc(
        "expired",
        document(key(device="<ExpiryDate>2020-01-01T00:00:00Z</ExpiryDate>")),
        "doubted",
        "expired",
    ),
    pskc(
        "no MAC, accepted",
        document(key(), box=Box(mac_algorithm=None, mac_key=None)),
        "doubted",
        "no MAC",
        options=("--accept-unauthenticated",),
        environment=KEY,
    ),
]
