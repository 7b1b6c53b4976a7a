"""The valid PSKC files of `vectors/seeds/`."""

import hashlib
import hmac
from typing import Any

from tests.host_tools.seeds.pskc_by_hand import (
    HMAC_SHA1,
    HMAC_SHA256,
    PROFILE,
    RFC_KEY,
    RFC_SEED,
    XENC,
    XENC11,
    Box,
    HandKey,
    b64,
    cbc,
    derived_box,
    document,
    totp_data,
)
from tests.host_tools.seeds.vector_files import (
    HAND,
    HEX,
    HEX32,
    KEY,
    PASSPHRASE,
    SEED32,
    found,
    valid,
)

HOTP8 = {
    "serial_number": "987654321",
    "credential_id": "12345678",
    "seed": HEX,
    "kind": "HOTP",
    "digits": 8,
    "manufacturer": "Manufacturer",
    "issuer": "Issuer-A",
}


def totp(**changes: Any) -> dict[str, Any]:
    return HOTP8 | {"kind": "TOTP", "digits": 6, "step_seconds": 60} | changes


def totp_key(**changes: Any) -> HandKey:
    values: dict[str, Any] = {
        "algorithm": PROFILE + "totp",
        "digits": 6,
        "data": totp_data(60),
    } | changes
    return HandKey(**values)


def bare_box(algorithm: str, key: bytes) -> Box:
    return Box(algorithm=algorithm, key=key, mac_algorithm=None)


def pskc_valid() -> None:
    own = f"RFC 6030 form, values of RFC 4226 App. D; made by {HAND}"
    valid("pskc/plain-hotp.pskcxml", document(HandKey()), f"{own}; as RFC 6030 figure 3", [HOTP8])
    valid(
        "pskc/plain-totp.pskcxml",
        document(totp_key(data=totp_data(60, drift=-1))),
        f"{own}; time profile of draft-hoyer-keyprov-pskc-algorithm-profiles-01",
        [totp(drift_steps=-1)],
    )
    valid(
        "pskc/totp-uri-with-hash-sign.pskcxml",
        document(totp_key(algorithm="urn:ietf:params:xml:ns:keyprov:pskc#totp")),
        f"{own}; the other spelling of the profile that vendors use",
        [totp()],
    )
    for number, spelling in enumerate(("HMAC-SHA256", "SHA-256", "sha256", "HmacSHA256"), 1):
        valid(
            f"pskc/suite-sha256-{number}.pskcxml",
            document(totp_key(seed=SEED32, suite=f"<Suite>{spelling}</Suite>")),
            f"{own}; a spelling of Suite seen in vendors' files",
            [totp(seed=HEX32, algorithm="SHA256")],
        )
    valid(
        "pskc/suite-as-attribute.pskcxml",
        document(totp_key(seed=SEED32, suite='<Suite hashalgo="sha256"/>')),
        f"{own}; the hash as privacyIDEA 3.14 exports it, which its own import overlooks",
        [totp(seed=HEX32, algorithm="SHA256")],
        agrees=False,
    )
    valid(
        "pskc/figure-6.pskcxml",
        document(HandKey(), box=Box()),
        "RFC 6030 §6.1, figure 6: its key, IVs, MAC key and ciphertexts",
        [HOTP8],
        KEY,
    )
    valid(
        "pskc/figure-7.pskcxml",
        document(
            HandKey(),
            box=derived_box(
                mac_key=bytes.fromhex("bdaab8d648e850d25a3289364f7d7eaaf53ce581"),
                mac_key_iv=bytes.fromhex("d864d39cbc0cdc8e1ee483b9164b9fa0"),
                iv=bytes.fromhex("a13be8f92db69ec992d99fd1b5ca05f0"),
            ),
        ),
        "RFC 6030 §6.2, figure 7: its passphrase, salt, rounds, IVs, MAC key and ciphertexts",
        [HOTP8],
        PASSPHRASE,
    )
    valid(
        "pskc/derived-namespaced.pskcxml",
        document(HandKey(), box=derived_box(namespaced=True, uri=XENC11 + "pbkdf2")),
        f"{own}; children of PBKDF2-params in a namespace, later URI (freeipa issue 884)",
        [HOTP8],
        PASSPHRASE,
    )
    valid(
        "pskc/derived-text-uri.pskcxml",
        document(
            HandKey(),
            box=derived_box(uri="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5#pbkdf2"),
        ),
        f"{own}; the URI in the RFC's text, which differs from its figure",
        [HOTP8],
        PASSPHRASE,
    )
    valid(
        "pskc/derived-sha256.pskcxml",
        document(HandKey(), box=derived_box(prf=HMAC_SHA256)),
        f"{own}; PBKDF2 with HMAC-SHA-256",
        [HOTP8],
        PASSPHRASE,
    )
    for bits in (192, 256):
        key = bytes(range(bits // 8))
        valid(
            f"pskc/aes{bits}-cbc.pskcxml",
            document(HandKey(), box=Box(key=key, algorithm=f"{XENC}aes{bits}-cbc")),
            own,
            [HOTP8],
            {"key": key.hex()},
        )
    for bits in (128, 192, 256):
        key = bytes(range(bits // 8))
        valid(
            f"pskc/kw-aes{bits}.pskcxml",
            document(
                HandKey(seed=SEED32),
                box=Box(algorithm=f"{XENC}kw-aes{bits}", key=key, mac_algorithm=None),
            ),
            f"{own}; RFC 3394 key wrap, which guards itself",
            [HOTP8 | {"seed": HEX32}],
            {"key": key.hex()},
        )
        valid(
            f"pskc/kw-aes{bits}-pad.pskcxml",
            document(
                HandKey(),
                box=Box(algorithm=f"{XENC11}kw-aes-{bits}-pad", key=key, mac_algorithm=None),
            ),
            f"{own}; RFC 5649 key wrap of 20 bytes",
            [HOTP8],
            {"key": key.hex()},
            agrees=False,
        )
    valid(
        "pskc/mac-sha256.pskcxml",
        document(HandKey(), box=Box(mac_algorithm=HMAC_SHA256)),
        own,
        [HOTP8],
        KEY,
    )
    valid(
        "pskc/mac-over-plaintext.pskcxml",
        document(HandKey(), box=Box(mac_over_plain=True)),
        f"{own}; the MAC over the plaintext, as drafts had it",
        [HOTP8],
        KEY,
    )
    valid(
        "pskc/mac-under-encryption-key.pskcxml",
        document(HandKey(), box=Box(mac_key=None)),
        f"{own}; no MACKey, so the encryption key serves, as drafts had it",
        [HOTP8],
        KEY,
    )
    valid(
        "pskc/two-keys-and-a-pin.pskcxml",
        document(
            HandKey(),
            totp_key(key_id="12345679"),
            HandKey(key_id="123456781", algorithm=PROFILE + "pin", seed=b"1234", digits=4),
        ),
        f"{own}; several keys of one device (§8), one of them a PIN (§10.2)",
        [HOTP8, totp(credential_id="12345679")],
    )
    dates = (
        "<Policy><StartDate>2012-08-01T00:00:00Z</StartDate>"
        "<ExpiryDate>2037-12-30T23:00:00-05:00</ExpiryDate><KeyUsage>OTP</KeyUsage></Policy>"
    )
    device = (
        "<Manufacturer>Feitian Technology Co.,Ltd</Manufacturer>"
        "<StartDate>2011-01-01T00:00:00Z</StartDate>"
    )
    valid(
        "pskc/dates.pskcxml",
        document(
            totp_key(
                serial="2600124800001",
                key_id="2600124800001",
                device=device,
                issuer="",
                policy=dates,
            )
        ),
        f"{own}; shape of Feitian's files: 13 digits, policy dates; the later start and the"
        " earlier end hold, in UTC",
        [
            {
                "serial_number": "2600124800001",
                "credential_id": "2600124800001",
                "seed": HEX,
                "kind": "TOTP",
                "digits": 6,
                "step_seconds": 60,
                "manufacturer": "Feitian Technology Co.,Ltd",
                "start_date": "2012-08-01",
                "expiry_date": "2037-12-31",
            }
        ],
    )
    valid(
        "pskc/counter-as-base64.pskcxml",
        document(HandKey(data="<Counter><PlainValue>AAAAAAAAAAw=</PlainValue></Counter>")),
        f"{own}; a counter as eight bytes in base64, as drafts had it",
        [HOTP8 | {"counter": 12}],
    )
    pskc_drafts()
    found(
        "pskc/privacyidea-3.14.xml",
        "privacyIDEA 3.14's own export (lib/importotp.py), by tests/strangers/privacyidea_export.py"
        " export FOLDER; a password among the tokens is left out",
        [
            {
                "serial_number": "TOTP00002",
                "credential_id": "TOTP00002",
                "seed": "01f2f10988b4bcdd5d5e74241381ed87d5f5e62f00112233445566778899aabb",
                "kind": "TOTP",
                "algorithm": "SHA256",
                "digits": 8,
                "step_seconds": 30,
                "issuer": "privacyIDEA",
            },
            {
                "serial_number": "TOTP00001",
                "credential_id": "TOTP00001",
                "seed": "01f2f10988b4bcdd5d5e74241381ed87d5f5e62f",
                "kind": "TOTP",
                "digits": 6,
                "step_seconds": 60,
                "drift_steps": -1,
                "manufacturer": "a fob",
                "issuer": "privacyIDEA",
            },
            {
                "serial_number": "OATH00001",
                "credential_id": "OATH00001",
                "seed": "f26e5f5d78de18314247e5d5ddcb4b88901f2f10",
                "kind": "HOTP",
                "digits": 6,
                "counter": 7,
                "manufacturer": "card",
                "issuer": "privacyIDEA",
            },
        ],
        {"key": bytes(range(16)).hex()},
        agrees=False,
    )


def pskc_drafts() -> None:
    valid(
        "pskc/draft-device.xml",
        '<?xml version="1.0"?>\n<KeyContainer version="1.0"'
        ' xmlns="urn:ietf:params:xml:ns:keyprov:container:1.0"><Device><DeviceId>'
        "<Manufacturer>FT</Manufacturer><SerialNo>1000133500001</SerialNo>"
        "<Expiry>2030-01-31T00:00:00Z</Expiry></DeviceId>"
        '<Key KeyAlgorithm="http://www.ietf.org/keyprov/pskc#hotp" KeyId="1000133500001">'
        '<Issuer>FT</Issuer><Usage OTP="true"><ResponseFormat Format="DECIMAL" Length="6"/></Usage>'
        f'<Data Name="SECRET"><Value>{b64(RFC_SEED)}</Value></Data>'
        '<Data Name="COUNTER"><Value>AAAAAAAAAAU=</Value></Data></Key></Device></KeyContainer>\n',
        "by hand after draft-hoyer-keyprov-portable-symmetric-key-container-05, the"
        ' "Feitian XML" of LinOTP',
        [
            {
                "serial_number": "1000133500001",
                "credential_id": "1000133500001",
                "seed": HEX,
                "kind": "HOTP",
                "digits": 6,
                "counter": 5,
                "manufacturer": "FT",
                "issuer": "FT",
                "expiry_date": "2030-01-31",
            }
        ],
    )
    iv = bytes(range(16, 32))
    data = cbc(RFC_KEY, RFC_SEED, iv)[16:]
    digest = hmac.new(RFC_KEY, RFC_SEED, hashlib.sha1).digest()
    valid(
        "pskc/draft-common-iv.xml",
        '<?xml version="1.0"?>\n<KeyContainer version="1.0"'
        ' xmlns="urn:ietf:params:xml:ns:keyprov:container:1.0">'
        f'<EncryptionMethod Algorithm="{XENC}aes128-cbc"><IV>{b64(iv)}</IV></EncryptionMethod>'
        f'<DigestMethod Algorithm="{HMAC_SHA1}"/><Device><DeviceId>'
        "<Manufacturer>ActivIdentity</Manufacturer><SerialNo>0950380269</SerialNo></DeviceId>"
        '<Key KeyAlgorithm="http://www.ietf.org/keyprov/pskc#hotp" KeyId="0950380269">'
        '<Usage OTP="true"><ResponseFormat Format="DECIMAL" Length="8"/></Usage>'
        f'<Data Name="SECRET"><Value>{b64(data)}</Value><ValueDigest>{b64(digest)}</ValueDigest>'
        "</Data></Key></Device></KeyContainer>\n",
        "by hand, in the shape of ActivIdentity's draft files: one IV for all, digest over the"
        " plaintext under the encryption key",
        [
            {
                "serial_number": "0950380269",
                "credential_id": "0950380269",
                "seed": HEX,
                "kind": "HOTP",
                "digits": 8,
                "manufacturer": "ActivIdentity",
            }
        ],
        KEY,
    )
    valid(
        "pskc/draft-secret-container.xml",
        '<?xml version="1.0"?>\n<SecretContainer version="1.2"'
        ' xmlns="http://www.openauthentication.org/OATH/2006/08/PSKC">'
        '<EncryptionMethod algorithm="NONE"/><Device><DeviceId>'
        "<Manufacturer>Maker</Manufacturer><SerialNo>98765432187</SerialNo></DeviceId>"
        '<Secret SecretAlgorithm="HOTP" SecretId="98765432187"><Issuer>Issuer</Issuer>'
        '<Usage><ResponseFormat format="DECIMAL" length="6"/></Usage>'
        f'<Data Name="SECRET"><Value>{b64(RFC_SEED)}</Value></Data>'
        "</Secret></Device></SecretContainer>\n",
        "by hand after draft-hoyer-keyprov-portable-symmetric-key-container-00 §10.1",
        [
            {
                "serial_number": "98765432187",
                "credential_id": "98765432187",
                "seed": HEX,
                "kind": "HOTP",
                "digits": 6,
                "manufacturer": "Maker",
                "issuer": "Issuer",
            }
        ],
    )
