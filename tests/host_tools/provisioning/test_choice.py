"""Which record goes into the fob on the line."""

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.provisioning.choice import choose
from host_tools.seeds.record import SeedRecord


def record(number: int) -> SeedRecord:
    return SeedRecord(
        serial_number=f"ZZH60000000{number}",
        credential_id=f"ZZID0000000{number}",
        seed=bytes(20),
        kind=OtpKind.HOTP,
    )


ONE, TWO, THREE = (record(number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("records", "fob", "token", "expected"),
    [
        ([ONE], None, None, ONE),
        ([ONE, TWO], None, "ZZH600000002", TWO),
        ([ONE, TWO], None, "ZZID00000002", TWO),
        ([ONE, TWO], None, " zzh600000002 ", TWO),
        ([ONE, TWO], "ZZH600000001", None, ONE),
        ([ONE, TWO], "ZZH600000001", "ZZID00000001", ONE),
    ],
)
def test_the_record_is_found(
    records: list[SeedRecord], fob: str | None, token: str | None, expected: SeedRecord
) -> None:
    assert choose(records, source="seeds", fob=fob, token=token) is expected


@pytest.mark.parametrize(
    ("records", "fob", "token", "words"),
    [
        ([], None, None, "seeds holds no seed"),
        ([ONE, TWO], None, None, "seeds holds 2 records that fit: name one with --token"),
        ([ONE, TWO], None, "ZZH600000009", "seeds has no token ZZH600000009; it has ZZH600000001"),
        ([ONE], "ZZH600000002", None, "seeds has nothing for the fob ZZH600000002"),
        ([ONE, TWO], "ZZH600000001", "ZZH600000002", "this fob is ZZH600000001 already, not"),
        ([ONE, ONE], None, "ZZH600000001", "holds 2 records that fit"),
    ],
)
def test_no_record_or_several_are_refused_in_words(
    records: list[SeedRecord], fob: str | None, token: str | None, words: str
) -> None:
    with pytest.raises(BadInput, match=f"^{words}" if words[:5] == "seeds" else words):
        choose(records, source="seeds", fob=fob, token=token)


def test_a_long_file_is_not_listed_whole() -> None:
    with pytest.raises(BadInput, match=r"and 4 more$"):
        choose([record(n) for n in range(9)], source="seeds", fob=None, token="none")
