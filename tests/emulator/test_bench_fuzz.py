"""Whatever a controller sends, the bench answers, queues an error or hangs up; it never ends."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.app import Emulator
from emulator.bench.commands import COMMANDS
from tests.emulator.bench_talk import Talk, rack_of
from tests.emulator.test_ports import drive

# Commands that only wait, or leave so much time behind them that true time's end comes near.
TOO_LONG = ("DISP:WAIT?", "TIME:ADV", "TIME:FORW", "TIME:SCAL", "TIME:REAL", "*RST")

parameters = st.one_of(
    st.sampled_from(
        ["0", "1", "-1", "0.2", "1E99999", "-1E-99999", "MIN", "MAX", "DEF", "ON", "NAN", "INF"]
    ),
    st.sampled_from(["(@1)", "(@1:2)", "(@2:1)", "(@0)", "(@99999)", "(@)", "(@1,,2)", "()"]),
    st.sampled_from(['"x"', "''", '"', "'\"'", "7 PCT", "1 S", "1 FURLONG", "#H1F", "1..2", ""]),
    st.text(max_size=8).filter(lambda text: "\n" not in text),
)
headers = st.one_of(
    st.sampled_from(sorted(name for name in COMMANDS if not name.upper().startswith(TOO_LONG))),
    st.text(max_size=12).filter(lambda text: "\n" not in text and "HTTP/" not in text),
)
units = st.tuples(headers, st.lists(parameters, max_size=3)).map(
    lambda unit: f"{unit[0]} {','.join(unit[1])}"
)
lines = st.lists(units, min_size=1, max_size=4).map(";".join)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(lines, min_size=1, max_size=12))
def test_no_line_ends_the_bench(said: list[str]) -> None:
    async def act() -> None:
        async with Emulator(rack_of(2)) as emulator:
            talk = await Talk(emulator).open()
            await talk.send(("\n".join(said) + "\n*CLS;:SYST:VERS?\n").encode("utf-8", "replace"))
            ending = asyncio.ensure_future(emulator.stopped())
            while True:
                hearing = asyncio.ensure_future(talk.hear())
                await asyncio.wait((hearing, ending), return_when=asyncio.FIRST_COMPLETED)
                if ending.done():
                    await ending
                if (await hearing).endswith("1999.0"):
                    break
            ending.cancel()
            await talk.close()

    drive(act)
