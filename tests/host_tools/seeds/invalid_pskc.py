"""The spoilt PSKC files of `vectors/seeds/`."""

from tests.host_tools.seeds.pskc_by_hand import (
    PROFILE,
    Box,
    HandKey,
    derived_box,
    document,
)
from tests.host_tools.seeds.vector_files import (
    HAND,
    KEY,
    PASSPHRASE,
    invalid,
)


def pskc_invalid() -> None:
    own = f"spoilt on purpose; made by {HAND}"

    def bad(
        name: str, text: str | bytes, reason: str, secret: dict[str, str] | None = None
    ) -> None:
        invalid(f"pskc/bad-{name}.pskcxml", text, own, reason, secret)

    bad(
        "ciphertext",
        document(HandKey(), box=Box(tamper="ciphertext")),
        "key 987654321: it cannot be opened",
        KEY,
    )
    bad("mac", document(HandKey(), box=Box(tamper="mac")), "MAC value does not match", KEY)
    bad("no-mac", document(HandKey(), box=Box(mac_algorithm=None)), "no MAC", KEY)
    bad(
        "wrong-key",
        document(HandKey(), box=Box()),
        "another key or passphrase is needed",
        {"key": "00" * 16},
    )
    bad(
        "wrong-passphrase",
        document(HandKey(), box=derived_box()),
        "another key or passphrase is needed",
        {"passphrase": "querty"},
    )
    bad("locked", document(HandKey(), box=Box()), "needs a pre-shared key named 'Pre-shared-key'")
    bad(
        "rounds",
        document(HandKey(), box=derived_box(rounds=1_000_000, derive=False)),
        "1,000,000 rounds of PBKDF2",
        PASSPHRASE,
    )
    bad(
        "certificate",
        document(
            HandKey(),
            box=Box(
                key_info="<ds:X509Data><ds:X509Certificate>MIIB</ds:X509Certificate></ds:X509Data>"
            ),
        ),
        "encrypted for a certificate",
        KEY,
    )
    bad("truncated", document(HandKey())[:-60], "not whole, well-formed XML")
    bad("version", document(HandKey(), version="2.0"), "Unsupported version")
    bad(
        "entities",
        document(
            HandKey(device="<Manufacturer>&c;</Manufacturer>"),
            before='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c'
            ' "&b;&b;&b;&b;">]>\n',
        ),
        "a DTD or entities",
    )
    bad(
        "external-entity",
        document(
            HandKey(device="<Manufacturer>&f;</Manufacturer>"),
            before='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>\n',
        ),
        "a DTD or entities",
    )
    bad(
        "unknown-policy",
        document(HandKey(policy="<Policy><Moon>full</Moon></Policy>")),
        "rules keyfob does not know",
    )
    bad(
        "usage",
        document(HandKey(policy="<Policy><KeyUsage>Encrypt</KeyUsage></Policy>")),
        "does not allow one-time passwords",
    )
    bad(
        "ocra",
        document(HandKey(algorithm=PROFILE + "ocra")),
        "no seed of HOTP or TOTP; left out: an OCRA key (RFC 6287)",
    )
    bad("suite", document(HandKey(suite="<Suite>HMAC-MD5</Suite>")), "algorithm suite")
    bad("no-secret", document(HandKey(secret="")), "has no secret")
    bad("no-algorithm", document(HandKey(algorithm="", data="")), "does not name its algorithm")
    bad("digits", document(HandKey(digits=11)), "its codes have 11 digits")
    bad(
        "counter",
        document(HandKey(data="<Counter><PlainValue>99999999999999999999</PlainValue></Counter>")),
        "counter is not within",
    )
    bad(
        "counter-text",
        document(HandKey(data="<Counter><PlainValue>seven</PlainValue></Counter>")),
        "its Counter 'seven' is no whole number",
    )
    bad(
        "base64",
        document(HandKey(secret="<Secret><PlainValue>MTI</PlainValue></Secret>")),
        "its PlainValue is no base64",
    )
    bad(
        "mac-on-plain",
        document(HandKey(plain_mac="<ValueMAC>AAAA</ValueMAC>")),
        "no MAC that could",
    )
    bad("late-header", document(HandKey(), tail=Box().header()), "stands after the keys")
    bad("empty", document(), "holds no key")
    bad(
        "dates",
        document(
            HandKey(
                policy="<Policy><StartDate>2030-01-01T00:00:00Z</StartDate>"
                "<ExpiryDate>2029-01-01T00:00:00Z</ExpiryDate></Policy>"
            )
        ),
        "expires before it starts",
    )
