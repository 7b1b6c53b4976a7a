"""`keyfob.Station` for programs: batches, operators, and `all_done` only when all is done."""

from pathlib import Path

import pytest

import keyfob
from host_tools.provisioning.station.custody import Credentials, Custody
from host_tools.provisioning.station.ledger import Ledger
from host_tools.vault.key_ring import read_key_file

QUICK = 1 << 8


def test_a_batch_is_loaded_from_its_delivery_by_proven_operators_only(tmp_path: Path) -> None:
    delivery, other = tmp_path / "delivery.csv", tmp_path / "other.csv"
    records = keyfob.generate_seeds("fob-h6", 2)
    delivery.write_bytes(b"as delivered")
    other.write_bytes(b"another")
    with keyfob.Rack.start(count=2, preset=None) as rack:
        anybody = keyfob.Station(tmp_path / "station.db", operator="Aoi", clock=rack.time.now)
        anybody.open_batch("PO-1", "First Bank", delivery, records)
        with Ledger(anybody.ledger, read_key_file(anybody.key_file), "tester") as ledger:
            Custody(ledger, QUICK).enrol(Credentials("Aoi", "correct horse"), int(rack.time.now()))
        place = (rack[1].port, [1, 2])
        with pytest.raises(keyfob.Denied, match=r"Aoi is not enrolled in .*or the secret is"):
            anybody.run(records, *place, bench=rack.bench_address)
        station = keyfob.Station(
            anybody.ledger, operator="Aoi", secret="correct horse", clock=rack.time.now
        )
        with pytest.raises(keyfob.BadInput, match=r"batch PO-1: expected the seed file"):
            station.run(records, *place, bench=rack.bench_address, batch="PO-1")
        with pytest.raises(keyfob.BadInput, match=r"is not the delivery of batch PO-1"):
            station.run(records, *place, bench=rack.bench_address, batch="PO-1", seed_file=other)
        first = station.run(
            records, rack[1].port, [1, 3], bench=rack.bench_address, batch="PO-1",
            seed_file=delivery,
        )  # fmt: skip
        assert (first.all_done, first.sealed, first.empty_places) == (False, ["ZZH600000001"], 1)
        whole = station.run(
            records, *place, bench=rack.bench_address, batch="PO-1", seed_file=delivery
        )
        assert (whole.all_done, whole.failed, whole.left_open) == (True, {}, [])
        assert whole.sealed == ["ZZH600000001", "ZZH600000002"]
    with Ledger(anybody.ledger, read_key_file(anybody.key_file), "tester") as ledger:
        assert [row["state"] for row in ledger.rows("batch")] == ["loaded"]
        assert {entry.actor for _, entry in ledger.log() if entry.event == "receipted"} == {"Aoi"}
