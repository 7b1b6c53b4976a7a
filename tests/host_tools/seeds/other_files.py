"""URIs, vendors' XML and files to refuse of `vectors/seeds/`."""

import base64

from tests.host_tools.seeds.pskc_by_hand import (
    RFC_KEY,
    RFC_SEED,
    b64,
    cbc,
)
from tests.host_tools.seeds.vector_files import (
    BASE32,
    HEX,
    HEX32,
    KEY,
    SEED32,
    invalid,
    valid,
)


def safeword() -> None:
    """Add .dat files of SafeWord."""
    origin = "by hand, in the shape of SafeWord's .dat as LinOTP and multiOTP read it"
    title = "# ===== SafeWord Authenticator Records $Version: 100$ =====\n"

    def block(serial: str, kind: str, data: str) -> str:
        return (
            f"dn: sccAuthenticatorId={serial}\nobjectclass: sccCompatibleToken\n"
            f"sccAuthenticatorId: {serial}\nsccTokenType: {kind}\nsccTokenData: {data}\n"
            "sccSignature: MC0CFAECAwQFBgcICQoLDA0ODxAREhMUAhUAAQIDBAUGBwgJCgsMDQ4PEBESExQ=\n\n"
        )

    events = f"sccKey={HEX.upper()};sccMode=E;sccPwLen=6;sccSeq=0001;sccVer=6.20;"
    times = f"sccKey={HEX32};sccMode=T;sccPwLen=8;sccTick=60;sccPrTime=2026/03/12 00:00:00;"
    event = {"seed": HEX, "kind": "HOTP", "counter": 1, "manufacturer": "SafeNet"}
    time = {"seed": HEX32, "kind": "TOTP", "digits": 8, "step_seconds": 60, "algorithm": "SHA256"}
    valid(
        "safeword-dat/tokens.dat",
        title
        + block("00040001", "eToken-PASS-ES", events)
        + block("00040002", "eToken-PASS-TS", times + "crypto=HmacSHA256"),
        origin,
        [
            event
            | {
                "serial_number": "00040001",
                "credential_id": "00040001",
                "model": "eToken-PASS-ES",
            },
            time
            | {
                "serial_number": "00040002",
                "credential_id": "00040002",
                "model": "eToken-PASS-TS",
                "manufacturer": "SafeNet",
                "t0_seconds": 946684800,
            },
        ],
    )
    for name, data, reason in (
        ("bad-no-key", "sccMode=E;sccPwLen=6;", "line 2, 00040003: its seed is empty"),
        ("bad-mode", f"sccKey={HEX};sccMode=R;", "its sccMode 'R' is neither E (event) nor T"),
        ("bad-length", f"sccKey={HEX[1:]};sccMode=E;", "odd number of hex digits"),
    ):
        text = title + block("00040003", "eToken-PASS-ES", data)
        invalid(f"safeword-dat/{name}.dat", text, origin, reason)


def others() -> None:
    uri = "by hand after the Key Uri Format of Google Authenticator's wiki"
    base = {"seed": HEX, "digits": 6}
    valid(
        "otpauth/uris.txt",
        f"otpauth://totp/Example%20Bank:FOB0001?secret={BASE32}&issuer=Example%20Bank&period=60\n"
        f"otpauth://hotp/FOB0002?secret={BASE32}&algorithm=SHA1&digits=8&counter=3\n"
        f"otpauth://totp/FOB0003?secret={base64.b32encode(SEED32).decode().rstrip('=')}"
        "&algorithm=SHA256\n",
        uri,
        [
            base
            | {
                "serial_number": "FOB0001",
                "credential_id": "Example Bank:FOB0001",
                "kind": "TOTP",
                "step_seconds": 60,
                "issuer": "Example Bank",
            },
            base
            | {
                "serial_number": "FOB0002",
                "credential_id": "FOB0002",
                "kind": "HOTP",
                "digits": 8,
                "counter": 3,
            },
            {
                "serial_number": "FOB0003",
                "credential_id": "FOB0003",
                "kind": "TOTP",
                "digits": 6,
                "seed": HEX32,
                "algorithm": "SHA256",
                "step_seconds": 30,
            },
        ],
    )
    invalid(
        "otpauth/bad-algorithm.txt",
        f"otpauth://totp/X?secret={BASE32}&algorithm=MD5\n",
        uri,
        "'MD5'",
    )
    invalid("otpauth/bad-secret.txt", "otpauth://totp/X?secret=18181818\n", uri, "hexadecimal")
    safenet = (
        "by hand, in the shape of SafeNet's XML for eToken PASS as privacyIDEA and LinOTP read it"
    )

    def token(serial: str, seed: str, tag: str = "Seed") -> str:
        return (
            f'<Token serial="{serial}"><CaseModel>5</CaseModel><Model>101</Model>'
            "<ProductionDate>02/19/2026</ProductionDate><ProductName>eToken PASS</ProductName>"
            f'<Applications><Application ConnectorID="{{ab1397d2}}"><{tag}>{seed}</{tag}>'
            "<MovingFactor>1</MovingFactor></Application></Applications></Token>\n"
        )

    pass_ = {
        "serial_number": "00040008CFA5",
        "credential_id": "00040008CFA5",
        "seed": HEX,
        "kind": "HOTP",
        "digits": 6,
        "counter": 1,
        "manufacturer": "SafeNet",
        "model": "eToken PASS",
    }
    valid(
        "safenet-xml/tokens.xml",
        f"<Tokens>\n{token('00040008CFA5', HEX)}{token('00040008CFA6', HEX32, 'seed')}</Tokens>\n",
        safenet,
        [
            pass_,
            pass_
            | {
                "serial_number": "00040008CFA6",
                "credential_id": "00040008CFA6",
                "seed": HEX32,
                "algorithm": "SHA256",
            },
        ],
    )
    invalid(
        "safenet-xml/bad-no-serial.xml",
        f"<Tokens>{token('', HEX)}</Tokens>\n",
        safenet,
        "key number 1: its serial number is empty",
    )
    invalid(
        "safenet-xml/bad-seed.xml",
        f"<Tokens>{token('0004', HEX[:-1])}</Tokens>\n",
        safenet,
        "key 0004: its seed has an odd number",
    )
    safeword()
    iv = bytes(range(16))

    def vip(usage: str, cipher: bytes) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<GetSharedSecretResponse RequestId="1"'
            ' Version="2.0" xmlns="http://www.verisign.com/2006/08/vipservice">'
            "<Status><ReasonCode>0000</ReasonCode><StatusMessage>Success</StatusMessage></Status>"
            '<SecretContainer Version="1.0"><EncryptionMethod><PBESalt>AAAA</PBESalt>'
            f"<PBEIterationCount>50</PBEIterationCount><IV>{b64(iv)}</IV></EncryptionMethod>"
            '<Device><Secret type="HOTP" Id="SYMC26070843"><Issuer>Example</Issuer>'
            f'<Usage otp="true"><AI type="HMAC-SHA1-TRUNC-6DIGITS"/>{usage}</Usage><Data>'
            f"<Cipher>{b64(cipher)}</Cipher>"
            '<Digest algorithm="HMAC-SHA1">AAAA</Digest></Data>'
            "<Expiry>2027-09-25T23:36:22.056Z</Expiry></Secret></Device></SecretContainer>"
            "<UTCTimestamp>1412030065</UTCTimestamp></GetSharedSecretResponse>\n"
        )

    origin = (
        "by hand, in the shape of the answers that python-vipaccess parses; key, IV and seed"
        " are ours"
    )
    text = vip(
        "<TimeStep>30</TimeStep><Time>0</Time><ClockDrift>4</ClockDrift>",
        cbc(RFC_KEY, RFC_SEED, iv)[16:],
    )
    record = {
        "serial_number": "SYMC26070843",
        "credential_id": "SYMC26070843",
        "seed": HEX,
        "kind": "TOTP",
        "digits": 6,
        "step_seconds": 30,
        "issuer": "Example",
        "expiry_date": "2027-09-25",
    }
    valid("vip-xml/answer.xml", text, origin, [record], KEY, accept_unauthenticated=True)
    invalid("vip-xml/bad-unauthenticated.xml", text, origin, "no MAC", KEY)
    invalid(
        "vip-xml/bad-both.xml",
        vip("<TimeStep>30</TimeStep><Counter>1</Counter>", b""),
        origin,
        "it is encrypted",
    )
    known = "by hand: the least by which the format is known"
    for name, content, reason in (
        ("container.dpx", "DPX file\n", "OneSpan"),
        ("token.sdtid", '<?xml version="1.0"?><TKNBatch></TKNBatch>\n', "SecurID"),
        ("tokens.asc", "-----BEGIN PGP MESSAGE-----\n", "OpenPGP"),
        ("tokens.xlsx", "PK\x03\x04", "ZIP archive or an Excel workbook"),
        ("transfer.txt", "otpauth-migration://offline?data=AAAA\n", "transfer data is cut off"),
        ("letter.txt", "Dear Sir or Madam,\n", "unrecognised format; supported: "),
        ("nothing.csv", "\n \n", "it is empty"),
    ):
        invalid(f"refused/{name}", content, known, reason, format=None)
