"""Power-on self-test: a known answer for every algorithm before anything leaves the fob.

FIPS 140-2 §4.9 and ISO/IEC 19790 ask for it; while it runs, and after it failed, no code is shown.
Every answer is from the standard named beside it.
"""

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from fastcrc import crc32

from firmware_model.generators import hotp
from firmware_model.wire.codes import SelfTestPart
from firmware_model.wire.objects import SelfTestResult

_CHECK = b"123456789"
_KEY = bytes(range(16))


def _aes() -> bool:
    # FIPS 197 appendix C.1.
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    # ECB on the standard's own single block.
    encryptor = Cipher(algorithms.AES(_KEY), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(plain).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


def _cmac() -> bool:
    # RFC 4493 §4, example 1.
    mac = CMAC(algorithms.AES(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")))
    return mac.finalize().hex() == "bb1d6929e95937287fa37d129b756746"


def _hmac() -> bool:
    # RFC 2202 §3, case 1.
    answer = hmac.digest(b"\x0b" * 20, b"Hi There", hashlib.sha1)
    return answer.hex() == "b617318655057264e28bc0b6fb378c8ef146be00"


# SHA: FIPS 180-4's "abc"; CRC-32C: RFC 3720 §B.4's polynomial over the usual check string;
# HOTP: RFC 4226 appendix D.
_TESTS: dict[SelfTestPart, Callable[[], bool]] = {
    SelfTestPart.CRC: lambda: bool(crc32.iscsi(_CHECK) == 0xE306_9283),
    SelfTestPart.SHA_1: lambda: (
        hashlib.sha1(b"abc").hexdigest()  # noqa: S324 - HOTP's own hash
        == "a9993e364706816aba3e25717850c26c9cd0d89d"
    ),
    SelfTestPart.SHA_256: lambda: (
        hashlib.sha256(b"abc").hexdigest()
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ),
    SelfTestPart.SHA_512: lambda: (
        hashlib.sha512(b"abc").hexdigest()[:32] == "ddaf35a193617abacc417349ae204131"
    ),
    SelfTestPart.HMAC: _hmac,
    SelfTestPart.AES: _aes,
    SelfTestPart.CMAC: _cmac,
    SelfTestPart.HOTP: lambda: hotp(b"12345678901234567890", 0) == "755224",
}


def run(*, flash_is_good: bool) -> SelfTestResult:
    """Perform every test; `flash_is_good` is what mounting the flash store found."""
    performed = SelfTestPart.FLASH.bit
    failed = 0 if flash_is_good else SelfTestPart.FLASH.bit
    for part, test in _TESTS.items():
        performed |= part.bit
        if not test():
            failed |= part.bit
    return SelfTestResult(performed, failed)
