"""`keyfob run --pcsc`: fobs in serial readers, their entries, and nothing left behind."""

import os
from pathlib import Path

from keyfob.__main__ import status_of
from tests.firmware_model.wire.test_ccid import POWER_ON
from tests.keyfob.cli.running import running

ATR = bytes.fromhex("3B FD 13 00 00 81 31 FE 15 80 73 C0 21 C0 57 59 75 62 69 4B 65 79 40")


def test_the_reader_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "readers"
    with running("--model", "ykoath", "--count", "2", "--pcsc", str(folder)) as announced:
        assert announced["pcsc"]["command"] == f"pcscd --foreground --config {folder}"
        assert [one["name"] for one in announced["pcsc"]["readers"]] == ["Yubico YubiKey CCID"] * 2
        assert sorted(path.name for path in folder.iterdir()) == [
            "keyfob-ZZYK00000001", "keyfob-ZZYK00000002", "ports",
        ]  # fmt: skip
        line = os.open(folder / "ports/fob2", os.O_RDWR | os.O_NOCTTY)
        os.write(line, bytes.fromhex(POWER_ON))
        heard = b""
        while not heard.endswith(ATR + heard[-1:]):
            heard += os.read(line, 100)
        os.close(line)
    assert not folder.exists()


def test_more_fobs_than_pcscd_opens_leave_no_store(tmp_path: Path) -> None:
    store = tmp_path / "rack.db"
    words = ["run", "--model", "ykoath", "--count", "17", "--pcsc", str(tmp_path / "readers")]
    assert status_of([*words, "--bench", "tcp:127.0.0.1:0", "--store", str(store)]) == 2
    assert not store.exists()
    assert not (tmp_path / "readers").exists()
