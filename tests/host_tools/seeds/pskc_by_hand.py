"""PSKC from text and the `cryptography` package: shares no code with what reads it."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_wrap, aes_key_wrap_with_padding

RFC_SEED = b"12345678901234567890"
RFC_KEY = bytes.fromhex("12345678901234567890123456789012")
RFC_MAC_KEY = bytes.fromhex("1122334455667788990011223344556677889900")

XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
PKCS5 = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
HMAC_SHA1 = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
PROFILE = "urn:ietf:params:xml:ns:keyprov:pskc:"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def cbc(key: bytes, plain: bytes, iv: bytes) -> bytes:
    pad = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()


@dataclass(kw_only=True)
class Box:
    """How values are encrypted: the header elements and a function for one value."""

    key: bytes = RFC_KEY
    algorithm: str = XENC + "aes128-cbc"
    key_info: str = "<ds:KeyName>Pre-shared-key</ds:KeyName>"
    mac_algorithm: str | None = HMAC_SHA1
    mac_key: bytes | None = RFC_MAC_KEY
    mac_key_iv: bytes = bytes.fromhex("11223344556677889900112233445566")
    iv: bytes = bytes(range(16))
    mac_over_plain: bool = False
    tamper: str = ""

    def encrypt(self, plain: bytes, iv: bytes) -> bytes:
        if "#kw-" not in self.algorithm:
            return cbc(self.key, plain, iv)
        if len(plain) % 8 == 0 and "pad" not in self.algorithm:
            return aes_key_wrap(self.key, plain)
        return aes_key_wrap_with_padding(self.key, plain)

    def header(self) -> str:
        text = f"<EncryptionKey>{self.key_info}</EncryptionKey>"
        if self.mac_algorithm is None:
            return text
        key = ""
        if self.mac_key is not None:
            key = f"<MACKey>{self._cipher(self.encrypt(self.mac_key, self.mac_key_iv))}</MACKey>"
        return text + f'<MACMethod Algorithm="{self.mac_algorithm}">{key}</MACMethod>'

    def value(self, plain: bytes) -> str:
        data = self.encrypt(plain, self.iv)
        mac = b""
        if self.mac_algorithm is not None:
            hash_ = hashlib.sha256 if "sha256" in self.mac_algorithm else hashlib.sha1
            mac = hmac.new(
                self.mac_key or self.key, plain if self.mac_over_plain else data, hash_
            ).digest()
        if self.tamper == "ciphertext":
            data = data[:20] + bytes([data[20] ^ 1]) + data[21:]
        if self.tamper == "mac":
            mac = bytes([mac[0] ^ 1]) + mac[1:]
        text = f"<EncryptedValue>{self._cipher(data)}</EncryptedValue>"
        return text + (f"<ValueMAC>{b64(mac)}</ValueMAC>" if mac else "")

    def _cipher(self, data: bytes) -> str:
        return (
            f'<xenc:EncryptionMethod Algorithm="{self.algorithm}"/>'
            f"<xenc:CipherData><xenc:CipherValue>{b64(data)}</xenc:CipherValue></xenc:CipherData>"
        )


def derived_box(
    *,
    rounds: int = 1000,
    uri: str = PKCS5 + "pbkdf2",
    namespaced: bool = False,
    prf: str = "",
    passphrase: bytes = b"qwerty",
    salt: bytes = bytes.fromhex("123eff3c4a72129c"),
    derive: bool = True,
    **changes: object,
) -> Box:
    """Return a box under PBKDF2; the defaults are those of RFC 6030 figure 7."""
    hash_name = "sha256" if "sha256" in prf else "sha1"
    key = hashlib.pbkdf2_hmac(hash_name, passphrase, salt, rounds, 16) if derive else bytes(16)
    p = "xenc11:" if namespaced else ""
    prf_element = f'<{p}PRF Algorithm="{prf}"/>' if prf else ""
    info = (
        f'<xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm="{uri}">'
        f"<xenc11:PBKDF2-params><{p}Salt><{p}Specified>{b64(salt)}</{p}Specified></{p}Salt>"
        f"<{p}IterationCount>{rounds}</{p}IterationCount><{p}KeyLength>16</{p}KeyLength>{prf_element}"
        f"</xenc11:PBKDF2-params></xenc11:KeyDerivationMethod>"
        f"<xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName></xenc11:DerivedKey>"
    )
    return Box(key=key, key_info=info, **changes)  # type: ignore[arg-type]


@dataclass(kw_only=True)
class HandKey:
    """One key package; `extra` and friends are XML put in as it stands."""

    serial: str = "987654321"
    key_id: str = "12345678"
    seed: bytes = RFC_SEED
    algorithm: str = PROFILE + "hotp"
    digits: int | None = 8
    suite: str = ""
    data: str = "<Counter><PlainValue>0</PlainValue></Counter>"
    device: str = "<Manufacturer>Manufacturer</Manufacturer>"
    policy: str = ""
    issuer: str = "<Issuer>Issuer-A</Issuer>"
    plain_mac: str = ""
    secret: str | None = field(default=None)

    def package(self, box: Box | None) -> str:
        value = f"<PlainValue>{b64(self.seed)}</PlainValue>{self.plain_mac}"
        if box is not None:
            value = box.value(self.seed)
        secret = f"<Secret>{value}</Secret>" if self.secret is None else self.secret
        length = f' Length="{self.digits}"' if self.digits is not None else ""
        response = f'<ResponseFormat{length} Encoding="DECIMAL"/>' if length else ""
        parameters = self.suite + response
        if parameters:
            parameters = f"<AlgorithmParameters>{parameters}</AlgorithmParameters>"
        algorithm = f' Algorithm="{self.algorithm}"' if self.algorithm else ""
        return (
            f"<KeyPackage><DeviceInfo>{self.device}<SerialNo>{self.serial}</SerialNo></DeviceInfo>"
            f'<Key Id="{self.key_id}"{algorithm}>{self.issuer}{parameters}'
            f"<Data>{secret}{self.data}</Data>{self.policy}</Key></KeyPackage>"
        )


def document(
    *keys: HandKey, box: Box | None = None, before: str = "", version: str = "1.0", tail: str = ""
) -> str:
    """Return the whole container; `before` stands before its root, `tail` at its end."""
    header = box.header() if box is not None else ""
    packages = "\n".join(key.package(box) for key in keys)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}'
        f'<KeyContainer Version="{version}" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        f' xmlns:xenc="{XENC}" xmlns:xenc11="{XENC11}">\n{header}\n{packages}{tail}\n'
        "</KeyContainer>\n"
    )


def totp_data(step: int | None = 60, *, time: int = 0, drift: int | None = None) -> str:
    text = f"<Time><PlainValue>{time}</PlainValue></Time>"
    if step is not None:
        text += f"<TimeInterval><PlainValue>{step}</PlainValue></TimeInterval>"
    if drift is not None:
        text += f"<TimeDrift><PlainValue>{drift}</PlainValue></TimeDrift>"
    return text
