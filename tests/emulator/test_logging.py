"""The log names ports, hosts, controllers and commits, and holds no contents of any of them."""

import asyncio
import logging
from pathlib import Path

import pytest

from emulator.app import Emulator
from host_tools.client.session import open_session
from tests.emulator.bench_talk import Talk, rack_of, store_in
from tests.emulator.test_ports import drive

CODE = "755224"  # RFC 4226 Appendix D, counter 0
SEED = b"12345678901234567890"
PASSWORD = "a start password"


def test_the_log_names_what_happens_and_no_code_seed_or_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "keyfob")
    port = "tcp:127.0.0.1:0"
    settings = rack_of(preset="personalised", port=port, store=store_in(tmp_path))

    async def act() -> None:
        async with Emulator(settings) as emulator:
            bench = await Talk(emulator).open()
            await bench.say("BUTT:PRES")
            assert CODE in await bench.ask("*OPC?;:DISP:TEXT?")
            await bench.say(f'APPL:ACT "1","2","{PASSWORD}"', f"{PASSWORD}")
            assert await bench.error() == -221
            await asyncio.to_thread(lambda: open_session(emulator.started.ports[0]).close())
            await bench.close()

    drive(act)
    said = caplog.text
    for event in ("port tcp:", "host connected", "host left", "controller connected", "committed"):
        assert event in said
    assert "refused: -221" in said
    for secret in (CODE, SEED.decode(), SEED.hex(), SEED.hex().upper(), PASSWORD):
        assert secret not in said
