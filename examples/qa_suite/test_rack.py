import pytest
from conftest import add

import keyfob

START = "2029-04-01T00:00:10Z"


@pytest.mark.keyfob("fob-h6", count=50, start=START)
def test_fifty_fobs_are_independent(rack, product):
    assert len(rack) == 50
    tokens = [add(product, fob) for fob in rack]
    assert len(set(tokens)) == 50
    rack.press()
    for fob, token in zip(rack, tokens, strict=True):
        assert product.verify(token, fob.code()) == "accepted"
        assert product.verify(token, fob.text) == "wrong"
    rack[7].wait_until_dark()
    rack[7].idle_presses(15)
    rack.press()
    for fob, token in zip(rack, tokens, strict=True):
        expected = "wrong" if fob is rack[7] else "accepted"
        assert product.verify(token, fob.code()) == expected


@pytest.mark.keyfob("fob-t60", count=50, preset="blank", start=START)
def test_fifty_fobs_with_seeds_of_their_own(rack, product, tmp_path):
    records = keyfob.generate_seeds("fob-t60", 50)
    assert keyfob.write_seeds(tmp_path / "seeds.pskcxml", records, key=bytes(16)) == 50
    for fob, record in zip(rack, records, strict=True):
        with fob.session() as session:
            keyfob.provision(session, record, now=rack.time.now)
    imported = keyfob.read_seeds(tmp_path / "seeds.pskcxml", key=bytes(16))
    tokens = [add(product, fob, record) for fob, record in zip(rack, imported, strict=True)]
    rack[1].to_step_end(before=30)
    rack.press()
    codes = [fob.code() for fob in rack]
    assert len(set(codes)) >= 49
    for token, code in zip(tokens, codes, strict=True):
        assert product.verify(token, code) == "accepted"


@pytest.mark.keyfob("fob-t60", count=50, start=START)
def test_fifty_crystals(rack, record_property):
    rack.time.advance("2y")
    errors = [fob.clock_error for fob in rack]
    record_property("errors", " ".join(map(str, errors)))
    assert len(set(errors)) > 40
    assert max(map(abs, errors)) <= 21 * 60
