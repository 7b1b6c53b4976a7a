"""Other people's generators agree: cryptography, pyotp, and Debian's oathtool."""

import base64
import hashlib
import shutil
import subprocess
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import Hash, hotp, totp

OATHTOOL = shutil.which("oathtool")
SEED = bytes.fromhex("3132333435363738393031323334353637383930")

PEERS: dict[Hash, Any] = {
    Hash.SHA1: hashes.SHA1,
    Hash.SHA256: hashes.SHA256,
    Hash.SHA512: hashes.SHA512,
}
seeds = st.binary(min_size=1, max_size=150)
counters = st.integers(0, 2**63 - 1)
algorithms = st.sampled_from(Hash)


@given(seeds, counters, st.integers(6, 8), algorithms)
def test_cryptography_agrees_on_hotp(
    seed: bytes, counter: int, digits: int, algorithm: Hash
) -> None:
    peer = HOTP(seed, digits, PEERS[algorithm](), enforce_key_length=False)
    assert hotp(seed, counter, digits, algorithm) == peer.generate(counter).decode()


@given(seeds, st.integers(0, 2**40), st.sampled_from([15, 30, 60, 86_400]), algorithms)
def test_cryptography_agrees_on_totp(seed: bytes, time: int, step: int, algorithm: Hash) -> None:
    peer = TOTP(seed, 8, PEERS[algorithm](), step, enforce_key_length=False)
    ours = totp(seed, time, 8, algorithm, step)
    assert ours == peer.generate(time).decode()


@given(st.binary(min_size=16, max_size=150), counters, st.integers(6, 10), algorithms)
def test_pyotp_agrees(seed: bytes, counter: int, digits: int, algorithm: Hash) -> None:
    pyotp = pytest.importorskip("pyotp")
    digest = getattr(hashlib, algorithm.name.lower())
    peer = pyotp.HOTP(base64.b32encode(seed).decode(), digits=digits, digest=digest)
    assert hotp(seed, counter, digits, algorithm) == peer.at(counter)


@pytest.mark.skipif(OATHTOOL is None, reason="oathtool is not here: apt-get install oathtool")
def test_oathtool_agrees_on_100_counters() -> None:
    for first, digits in ((0, "6"), (2**32 - 50, "8"), (2**63 - 200, "7")):
        codes = _oathtool("--hotp", "-c", str(first), "-w", "99", "-d", digits)
        assert codes == [hotp(SEED, first + index, int(digits)) for index in range(100)]


@pytest.mark.skipif(OATHTOOL is None, reason="oathtool is not here: apt-get install oathtool")
@pytest.mark.parametrize(("algorithm", "step"), [("sha1", 30), ("sha256", 60), ("sha512", 60)])
def test_oathtool_agrees_on_100_time_steps(algorithm: str, step: int) -> None:
    start = 1_893_456_000
    codes = _oathtool(
        f"--totp={algorithm}", "-s", f"{step}s", "-N", f"@{start}", "-w", "99", "-d", "8"
    )
    ours = [
        totp(SEED, start + index * step, 8, Hash[algorithm.upper()], step) for index in range(100)
    ]
    assert codes == ours


def _oathtool(*arguments: str) -> list[str]:
    assert OATHTOOL is not None
    done = subprocess.run(
        [OATHTOOL, *arguments, "-"], input=SEED.hex(), capture_output=True, text=True, check=True
    )
    return done.stdout.split()
