"""Operators with secrets: who is asked for what, and that a secret stands nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Denied
from host_tools.provisioning.station.custody import Credentials, Custody, CustodyAct
from host_tools.provisioning.station.ledger import Ledger
from tests.host_tools.provisioning.station.rig import RING

NOW = 1_900_000_000
QUICK = 1 << 8
"""scrypt's N for tests; the default takes some tenths of a second each time."""

AOI = Credentials("Aoi", "correct horse")
KEN = Credentials("Ken", "battery staple")
MEI = Credentials("Mei", "tr0ub4dor and 3")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "station.db", RING, "tester") as ledger:
        yield ledger


@pytest.fixture
def custody(ledger: Ledger) -> Custody:
    found = Custody(ledger, cost=QUICK)
    for each in (AOI, KEN):
        found.enrol(each, NOW)
    return found


def test_before_anybody_is_enrolled_a_name_will_do_but_not_for_the_clock(ledger: Ledger) -> None:
    custody = Custody(ledger, cost=QUICK)
    assert custody.authorize(CustodyAct.RUN, [Credentials("anybody", "")], NOW) == "anybody"
    with pytest.raises(Denied, match=r"needs 2 enrolled operators.*has 0: .*operators add"):
        custody.authorize(CustodyAct.CLOCK, [AOI, KEN], NOW)


def test_enrolling_takes_nobody_then_the_first_then_two(ledger: Ledger) -> None:
    custody = Custody(ledger, cost=QUICK)
    needed = []
    for each in (AOI, KEN, MEI):
        needed.append(custody.needed(CustodyAct.CUSTODY))
        custody.enrol(each, NOW)
    assert needed == [0, 1, 2]
    assert custody.names() == ["Aoi", "Ken", "Mei"]


@pytest.mark.parametrize(
    "wrong",
    [Credentials("Aoi", "correct horse "), Credentials("Aoi", ""), Credentials("Mei", "x" * 9)],
    ids=["nearly", "none", "not enrolled"],
)
def test_a_wrong_secret_is_refused_and_on_record(
    ledger: Ledger, custody: Custody, wrong: Credentials
) -> None:
    assert custody.authorize(CustodyAct.RUN, [Credentials("aoi", AOI.secret)], NOW) == "aoi"
    with pytest.raises(Denied, match=r"not enrolled in .*station.db, or the secret is another"):
        custody.authorize(CustodyAct.RUN, [wrong], NOW)
    entry = [entry for _, entry in ledger.log()][-1]
    assert (entry.event, entry.outcome, entry.serial_number) == ("operator", "rejected", wrong.name)
    assert wrong.secret == "" or wrong.secret not in entry.detail


def test_anothers_secret_under_ones_own_name_is_refused(ledger: Ledger, custody: Custody) -> None:
    (kens,) = ledger.rows("operator", name="Ken")
    ledger.put("operator", kens | {"name": "Aoi"}, ledger.entry(NOW, "operator", "enrolled", "Aoi"))
    with pytest.raises(Denied, match="Aoi is not enrolled"):
        custody.authorize(CustodyAct.RUN, [Credentials("Aoi", KEN.secret)], NOW)


def test_two_means_two_different_people_who_both_prove_it(custody: Custody) -> None:
    assert custody.authorize(CustodyAct.CLOCK, [AOI, KEN], NOW) == "Aoi and Ken"
    for given in ([AOI], [AOI, AOI], [AOI, Credentials("AOI", AOI.secret)]):
        with pytest.raises(Denied, match="needs 2 different operators"):
            custody.authorize(CustodyAct.CLOCK, given, NOW)
    with pytest.raises(Denied, match="Ken"):
        custody.authorize(CustodyAct.CLOCK, [AOI, Credentials("Ken", AOI.secret)], NOW)


def test_the_policy_says_how_many_and_never_one_for_the_clock(custody: Custody) -> None:
    assert custody.needed(CustodyAct.EXPORT) == 1
    custody.set_needed(CustodyAct.EXPORT, 2, NOW)
    with pytest.raises(Denied):
        custody.authorize(CustodyAct.EXPORT, [AOI], NOW)
    for act, count in ((CustodyAct.CLOCK, 1), (CustodyAct.EXPORT, 3), (CustodyAct.RUN, 0)):
        with pytest.raises(BadInput, match="expected"):
            custody.set_needed(act, count, NOW)


def test_who_was_dismissed_may_do_nothing(custody: Custody) -> None:
    custody.dismiss("ken", NOW)
    with pytest.raises(Denied):
        custody.authorize(CustodyAct.RUN, [KEN], NOW)
    with pytest.raises(BadInput, match=r"no operator Ken in .*; enrolled: Aoi"):
        custody.dismiss("Ken", NOW)


def test_no_secret_is_in_a_file_a_log_or_a_repr(ledger: Ledger, custody: Custody) -> None:
    with pytest.raises(BadInput, match="8 characters"):
        custody.enrol(Credentials("Mei", "short"), NOW)
    content = b"".join(file.read_bytes() for file in ledger.path.parent.glob("station.db*"))
    assert b"Aoi" in content
    for each in (AOI, KEN):
        assert each.secret.encode() not in content
        assert each.secret not in repr(each)
