"""A host's baud rate decides what its bytes cost the fob's cell, from the terminal to the books."""

from contextlib import closing
from pathlib import Path

import serial

from emulator.in_process import InProcess
from emulator.store import RackStore
from firmware_model.hardware.image import BoardState
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire import hdlc
from keyfob.testing.run_options import plans_of, settings_of
from tests.firmware_model.fobs import poll_of

NOISE = bytes(2000)
SNRM = poll_of(hdlc.FrameKind.SNRM)
UA_BYTES = 10
UART_NA = 400_000
"""As the part lcd-mcu has it."""


def drawn_ac(folder: Path, baud_rate: int) -> int:
    """Return what a new fob's cell has given after noise and one answered frame at that rate."""
    folder.mkdir()
    settings = settings_of(
        plans_of("fob-h6"),
        port=f"pty:{folder / 'line'}",
        store=str(folder / "rack.db"),
        time="frozen",
        start="2029-04-01",
        dice="charge",
    )
    rack = InProcess(settings)
    try:
        with serial.Serial(str(folder / "line"), baud_rate, timeout=60) as host:
            host.write(NOISE + SNRM)
            assert len(host.read(UA_BYTES)) == UA_BYTES
    finally:
        rack.stop()
    with closing(RackStore(folder / "rack.db")) as store:
        return BoardState.decode(store.images()[1]["board"]).drawn_ac


def test_a_terminals_rate_changes_the_charge_drawn(tmp_path: Path) -> None:
    slow, fast = drawn_ac(tmp_path / "slow", 9600), drawn_ac(tmp_path / "fast", 115_200)
    more_ns = 10 * NS_PER_SECOND // 9600 - 10 * NS_PER_SECOND // 115_200
    assert slow - fast == (len(NOISE) + len(SNRM) + UA_BYTES) * more_ns * UART_NA
