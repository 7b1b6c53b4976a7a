"""What a seed file must not hold for the station."""

from dataclasses import replace
from datetime import date

from firmware_model.generators import OtpKind
from host_tools.provisioning.station.matching import usable
from host_tools.provisioning.station.states import FailureCause
from host_tools.seeds.record import SeedRecord

TODAY = date(2029, 4, 1)


def record(number: int) -> SeedRecord:
    return SeedRecord(
        serial_number=f"ZZH60000000{number}",
        credential_id=f"ZZID0000000{number}",
        seed=bytes([number]) * 20,
        kind=OtpKind.HOTP,
    )


ONE, TWO, THREE = (record(number) for number in (1, 2, 3))


def test_sound_records_are_taken_in_order() -> None:
    assert usable([TWO, ONE, THREE], TODAY) == ([TWO, ONE, THREE], [])


def test_of_records_with_one_serial_number_none_is_taken() -> None:
    good, faults = usable([ONE, replace(TWO, serial_number="zzh600000001"), THREE], TODAY)
    assert good == [THREE]
    assert [fault.cause for fault in faults] == [FailureCause.SERIAL_TWICE] * 2
    assert faults[0].message == "ZZH600000001 stands in the seed file 2 times"


def test_a_credential_id_that_is_anothers_serial_number_is_a_name_twice() -> None:
    good, faults = usable([ONE, replace(TWO, credential_id="ZZH600000001")], TODAY)
    assert good == []
    assert {fault.cause for fault in faults} == {FailureCause.SERIAL_TWICE}


def test_of_records_with_one_seed_none_is_taken_and_no_word_tells_it() -> None:
    good, faults = usable([ONE, replace(TWO, seed=ONE.seed), THREE], TODAY)
    assert good == [THREE]
    assert [fault.cause for fault in faults] == [FailureCause.SEED_TWICE] * 2
    assert ONE.seed.hex() not in str(faults)


def test_a_record_past_its_last_day_is_not_taken() -> None:
    last = replace(ONE, expiry_date=TODAY)
    past = replace(TWO, expiry_date=date(2029, 3, 31))
    good, (fault,) = usable([last, past], TODAY)
    assert good == [last]
    assert (fault.cause, fault.message) == (
        FailureCause.RECORD_EXPIRED,
        "ZZH600000002 expired on 2029-03-31",
    )
