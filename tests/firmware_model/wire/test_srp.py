"""SRP-6a against RFC 5054's numbers, a transcript by plain integers, and a listener's search."""

import hashlib

import pytest
from srptools import SRPContext  # type: ignore[import-untyped]
from srptools.constants import PRIME_1024, PRIME_1024_GEN  # type: ignore[import-untyped]

from firmware_model.wire import srp
from tests.firmware_model.wire.activation_vectors import (
    CLIENT_PRIVATE,
    IDENTITY,
    KEPT,
    PASSWORD,
    SALT,
    SERVER_PRIVATE,
    SPOKEN,
    client,
    load,
    server,
)

G = 5
RFC_5054 = load("rfc5054.json")


def rfc(name: str) -> int:
    return int(RFC_5054[name].replace(" ", ""), 16)


def test_the_library_agrees_with_rfc_5054_appendix_b() -> None:
    context = SRPContext(
        RFC_5054["I"],
        RFC_5054["P"],
        prime=PRIME_1024,
        generator=PRIME_1024_GEN,
        hash_func=hashlib.sha1,
    )
    salt = bytes.fromhex(RFC_5054["s"].replace(" ", ""))
    x = context.get_common_password_hash(salt)
    v = context.get_common_password_verifier(x)
    b_public = context.get_server_public(password_verifier=v, server_private=rfc("b"))
    a_public = context.get_client_public(client_private=rfc("a"))
    u = context.get_common_secret(b_public, a_public)
    assert context.hash(int(PRIME_1024, 16), context.pad(2)) == rfc("k")
    assert (x, a_public, u) == (rfc("x"), rfc("A"), rfc("u"))
    ends = (
        context.get_client_premaster_secret(
            password_hash=x, server_public=b_public, client_private=rfc("a"), common_secret=u
        ),
        context.get_server_premaster_secret(
            password_verifier=v, server_private=rfc("b"), client_public=a_public, common_secret=u
        ),
    )
    assert ends == (rfc("premaster"),) * 2


def test_both_ends_come_to_what_plain_integers_say() -> None:
    assert srp.verifier_of(IDENTITY, PASSWORD, SALT) == KEPT["verifier"]
    token, host = client(), server()
    at_token, at_host = token.agree(SALT, host.public), host.agree(token.public)
    assert at_token == at_host
    assert at_token is not None
    assert at_token.key == KEPT["key"]
    assert at_token.client_proof == SPOKEN["proof"][-32:]
    assert at_token.proves_client(at_token.client_proof)
    assert at_token.proves_server(at_token.server_proof)
    assert not at_token.proves_server(at_token.client_proof)


@pytest.mark.parametrize("wrong", ["4712", "471", "47110", " 4711", ""])
def test_another_password_proves_nothing_at_either_end(wrong: str) -> None:
    token, host = client(wrong), server()
    at_token, at_host = token.agree(SALT, host.public), host.agree(token.public)
    assert at_token is not None
    assert at_host is not None
    assert not at_host.proves_client(at_token.client_proof)
    assert not at_token.proves_server(at_host.server_proof)


@pytest.mark.parametrize("evil", [0, 1, srp.MODULUS - 1, srp.MODULUS, srp.MODULUS + 1])
def test_public_numbers_that_would_fix_the_key_are_refused(evil: int) -> None:
    public = evil.to_bytes(srp.PUBLIC_BYTES, "big")
    assert client().agree(SALT, public) is None
    assert server().agree(public) is None


def test_a_run_with_fresh_numbers_repeats_nothing_of_another() -> None:
    again = srp.Client(IDENTITY, PASSWORD, bytes(31) + b"\x07")
    assert again.public != client().public
    host = server()
    one, two = host.agree(client().public), server().agree(again.public)
    assert one is not None
    assert two is not None
    assert {one.key, one.client_proof, one.server_proof}.isdisjoint(
        {two.key, two.client_proof, two.server_proof}
    )


def test_nothing_secret_is_in_a_repr() -> None:
    agreement = client().agree(SALT, server().public)
    for value in (agreement, client(), server()):
        assert PASSWORD not in repr(value)
        assert KEPT["key"].hex() not in repr(value)
        assert repr(KEPT["key"]) not in repr(value)


class TestListener:
    """Who hears the whole run cannot search the password, though it has four digits."""

    CANDIDATES = ("4711", *(str(n).zfill(4) for n in range(0, 10_000, 800)))

    @staticmethod
    def found(candidates: tuple[str, ...], exponents: tuple[int, ...]) -> list[str]:
        """Return the passwords under which what was said holds together.

        The listener has A, B, salt and M1. For b it tries `exponents`, for a the same.
        """
        n = srp.MODULUS
        a_public, b_public = (int.from_bytes(end.public, "big") for end in (client(), server()))
        u = int.from_bytes(_hash(_padded(a_public), _padded(b_public)), "big")
        k = int.from_bytes(_hash(_padded(n), _padded(G)), "big")
        hits = []
        for password in candidates:
            inner = _hash(f"{IDENTITY}:{password}".encode())
            x = int.from_bytes(_hash(SALT, inner), "big")
            v = pow(G, x, n)
            keys = [pow(a_public * pow(v, u, n), b, n) for b in exponents]
            keys += [pow(b_public - k * v, a + u * x, n) for a in exponents]
            if any(_proof(_hash(_short(s)), a_public, b_public) == _M1 for s in keys):
                hits.append(password)
        return hits

    def test_finds_it_only_with_a_number_that_was_never_sent(self) -> None:
        leaked = int.from_bytes(SERVER_PRIVATE, "big")
        assert self.found(self.CANDIDATES, (leaked,)) == [PASSWORD]  # the search itself works
        leaked = int.from_bytes(CLIENT_PRIVATE, "big")
        assert self.found(("4710", "4711"), (leaked,)) == [PASSWORD]
        assert self.found(self.CANDIDATES, (0, 1, 2, G)) == []

    def test_can_rule_no_password_out_because_g_generates_the_whole_group(self) -> None:
        # B = kv + g^b. Were g a square, a candidate whose B - kv is none would be ruled out: half
        # of all for each run that is heard. N = 2q + 1 with q prime, so g has full order unless
        # g^2 or g^q is 1.
        n, q = srp.MODULUS, (srp.MODULUS - 1) // 2
        assert all(pow(base, n - 1, n) == 1 and pow(base, q - 1, q) == 1 for base in (2, 3, 7, 11))
        assert G * G % n != 1
        assert pow(G, q, n) == n - 1

    def test_explains_what_was_heard_with_every_password_equally_well(self) -> None:
        # The same in a group small enough to try every b: 2q + 1 = 2039 with generator 7.
        n, g, k, b = 2039, 7, 3, 1234
        powers = [pow(g, exponent, n) for exponent in range(1, n)]
        assert len(set(powers)) == n - 1
        heard = (k * pow(g, 77, n) + pow(g, b, n)) % n
        explanations = [powers.count((heard - k * pow(g, x, n)) % n) for x in range(1, 200)]
        assert set(explanations) <= {0, 1}
        assert explanations.count(0) <= 1  # the one that makes B - kv zero, which no host sends


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _padded(value: int) -> bytes:
    return value.to_bytes(srp.PUBLIC_BYTES, "big")


def _short(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")


def _proof(key: bytes, a_public: int, b_public: int) -> bytes:
    mixed = int.from_bytes(_hash(_short(srp.MODULUS)), "big") ^ int.from_bytes(
        _hash(b"\x05"), "big"
    )
    name = _short(int.from_bytes(_hash(IDENTITY.encode()), "big"))
    return _hash(_short(mixed), name, SALT, _short(a_public), _short(b_public), key)


_M1 = SPOKEN["proof"][-32:]
