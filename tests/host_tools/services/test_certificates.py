"""Certificates: worth something only with their key beside them, and for one challenge."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.services import rulebook
from host_tools.services.answers import RefusalReason, ServiceAnswer
from host_tools.services.customer_key import CustomerKey
from host_tools.services.permission import ONLINE
from host_tools.services.service import Service
from host_tools.services.store import ServiceStore
from host_tools.services.vocabulary import Act
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import KEYS, NOON

LOGIN = {"login_id": "id", "login_password": "password"}


@pytest.fixture
def howa(tmp_path: Path) -> Iterator[Service]:
    rules = rulebook.shipped("howa")
    store = ServiceStore(tmp_path / "services.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON, "certificate")
        for name in ("Sato", "Suzuki"):
            service.admit("1", name, "master_user", LOGIN)
        yield service
    store.close()


def issued(service: Service, request: str, name: str = "Sato") -> ServiceAnswer:
    entered = LOGIN | {"request": request}
    return service.act(
        Act.ISSUE_CERTIFICATE, "1", NOON, way=ONLINE, actor=name, target=name, entered=entered
    )


def login(service: Service, proof: str, name: str = "Sato", of: str = "Sato") -> ServiceAnswer:
    certificate = service.contract("1").members[of].certificate
    entered = {"certificate": certificate, "possession": proof, "login_password": "password"}
    return service.operate("1", name, "login", entered, NOON)


def challenge(service: Service, name: str = "Sato") -> str:
    return service.challenge("1", name, NOON)


def test_a_login_needs_the_certificates_key_and_a_fresh_signature(howa: Service) -> None:
    key = CustomerKey.generate()
    assert issued(howa, key.request("Sato")).accepted
    assert login(howa, "").reason is RefusalReason.MISMATCH
    assert login(howa, "no hex").reason is RefusalReason.MISMATCH
    assert (
        login(howa, CustomerKey.generate().prove(challenge(howa))).reason is RefusalReason.MISMATCH
    )
    proof = key.prove(challenge(howa))
    assert login(howa, proof).accepted
    assert login(howa, proof).reason is RefusalReason.MISMATCH
    assert login(howa, key.prove("")).reason is RefusalReason.MISMATCH


def test_another_persons_certificate_is_refused_even_with_its_key(howa: Service) -> None:
    key = CustomerKey.generate()
    assert issued(howa, key.request("Sato")).accepted
    proof = key.prove(challenge(howa, "Suzuki"))
    assert login(howa, proof, name="Suzuki").reason is RefusalReason.MISMATCH


def test_what_is_no_request_is_given_no_certificate(howa: Service) -> None:
    assert issued(howa, "").reason is RefusalReason.INCOMPLETE
    begin, *lines, end = CustomerKey.generate().request("Sato").splitlines()
    raw = b64decode("".join(lines))
    altered = b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()  # the signature's last bit
    assert issued(howa, f"{begin}\n{altered}\n{end}\n").reason is RefusalReason.UNFIT
    assert issued(howa, f"{begin}\n{altered[4:]}\n{end}\n").reason is RefusalReason.INCOMPLETE
    assert howa.contract("1").members["Sato"].certificate == ""


def test_who_is_not_of_the_contract_is_given_no_challenge(howa: Service) -> None:
    assert challenge(howa, "Ito") == ""
    assert howa.challenge("9", "Sato", NOON) == ""
