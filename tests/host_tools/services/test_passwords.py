"""What is kept of a password: strong unless it is published, and stronger once it is used."""

import hashlib
from pathlib import Path

import pytest

from host_tools.services import passwords, rulebook
from host_tools.services.service import Service
from host_tools.services.store import ServiceStore
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import KEYS, NOON, TIMED, record

RFC_7914 = (
    f"14${b'SodiumChloride'.hex()}$"
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)
"""RFC 7914 section 12, the vector with N = 16384, r = 8, p = 1."""


def test_a_hash_is_scrypts() -> None:
    assert passwords.is_kept(RFC_7914, "pleaseletmein")
    assert not passwords.is_kept(RFC_7914, "pleaseletmeout")


def test_a_new_hash_is_strong_and_salted() -> None:
    kept = passwords.hashed("a pin")
    assert kept.startswith("17$")
    assert passwords.is_kept(kept, "a pin")
    assert passwords.hashed("a pin", 1) != passwords.hashed("a pin", 1)
    assert passwords.COST == 17


@pytest.mark.parametrize("old", [True, False])
def test_a_cheaper_hash_is_made_anew_when_its_password_is_entered(
    tmp_path: Path, old: bool
) -> None:
    rules = rulebook.shipped("rokin")
    salt = bytes(16)
    kept = salt.hex() + hashlib.scrypt(b"a pin", salt=salt, n=2**10, r=8, p=1).hex()
    store = ServiceStore(tmp_path / "services.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        before = Service(rules, host, store, password_cost=1)
        before.open_contract("1", NOON)
        before.admit("1", "Sato", "master_user", {"pin": "a pin"})
        host.import_tokens([record(TIMED)], NOON)
        before.hand_over("1", record(TIMED))
        if old:
            contract = before.contract("1")
            contract.members["Sato"].secrets["pin"] = kept
            store.save(contract)
        now = Service(rules, host, store, password_cost=2)
        now.operate("1", "Sato", "balance", {"pin": "another"}, NOON)
        assert not now.contract("1").members["Sato"].secrets["pin"].startswith("2$")
        now.operate("1", "Sato", "balance", {"pin": "a pin"}, NOON)
        assert now.contract("1").members["Sato"].secrets["pin"].startswith("2$")
    store.close()
