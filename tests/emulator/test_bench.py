"""The bench as a SCPI instrument: IEEE 488.2's common commands, status, errors, limits."""

import asyncio

import pytest

from emulator.bench.commands import COMMANDS
from emulator.bench.status import ERRORS_MAX
from emulator.bench.text_session import LINE_BYTES_MAX
from tests.emulator.bench_talk import Talk, rack_of, with_bench


def test_it_says_what_it_is_in_four_fields() -> None:
    async def act(bench: Talk) -> None:
        assert len((await bench.ask("*IDN?")).split(",")) == 4
        assert await bench.ask("SYST:VERS?") == "1999.0"
        assert await bench.ask("*TST?") == "0"

    with_bench(rack_of(), act)


@pytest.mark.parametrize(
    "line", ["TIME:NOW?", "time:now?", ":TIME:NOW?", "  Time:Now?  ", "TIME:NOW?\r"]
)
def test_headers_take_any_case_and_lines_end_in_lf_or_cr_lf(line: str) -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask(line) == "1800000000.000000000"

    with_bench(rack_of(), act)


def test_answers_of_one_message_are_joined_by_semicolons() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("TIME:NOW?;SCAL?;*OPC?") == "1800000000.000000000;0;1"

    with_bench(rack_of(), act)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("FOO", -113),
        ("BUTT:PRES?", -113),
        ("BUTT:PRES 1,2", -108),
        ("TIME:ADV", -109),
        ('TIME:ADV "1"', -104),
        ("TIME:ADV 1 V", -131),
        ("TIME:ADV -1", -222),
        ("TIME:ADV 1E99999", -222),
        ("TIME:FORW 'tomorrow'", -224),
        ("TIME:FORW '1999-01-01'", -222),
        ("BUTT:PRES 0.2,(@2)", -241),
        ("BUTT:PRES 0.2,(@0)", -241),
        ("DISP:TEXT? (@1:3)", -241),
        ("INST:NSEL 7", -241),
        ("TIME:SCAL 1E8", -222),
        ("BATT:CHAR 101", -222),
        ("DISP:WAIT? abc", -104),
        ("\x07", -101),
        ("BUTT:PRES 'open", -151),
        ("BUTT:PRES (@1", -171),
    ],
)
def test_what_cannot_be_done_is_queued_with_scpis_number(line: str, number: int) -> None:
    async def act(bench: Talk) -> None:
        await bench.say(line)
        assert await bench.error() == number
        assert await bench.error() == 0
        bit = {-1: 32, -2: 16, -3: 8}[int(number / 100)]
        assert await bench.ask("*ESR?") == str(bit)
        assert await bench.ask("*ESR?") == "0"

    with_bench(rack_of(), act)


def test_a_command_error_ends_its_message_and_an_execution_error_does_not() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("FOO;*OPC?")
        assert await bench.ask("INST:COUN?") == "1"
        assert await bench.ask("BATT:CHAR 200;CHAR?") == "100"

    with_bench(rack_of(), act)


def test_an_error_queue_that_runs_over_says_so_last() -> None:
    async def act(bench: Talk) -> None:
        await bench.say(*["FOO"] * (ERRORS_MAX + 5))
        assert await bench.ask("SYST:ERR:COUN?") == str(ERRORS_MAX)
        errors = await bench.ask("SYST:ERR:ALL?")
        assert errors.endswith(',-350,"Queue overflow"')
        assert await bench.error() == 0

    with_bench(rack_of(), act)


def test_masks_are_rounded_and_may_be_written_in_other_bases() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("*ESE 1.5;*ESE?;*ESE #H20;*ESE?") == "2;32"
        assert await bench.ask("STAT:QUES:ENAB #B1000;ENAB?") == "8"

    with_bench(rack_of(), act)


def test_a_list_without_entries_is_answered_by_an_empty_line() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("DISP:SEGM?") == ""
        assert await bench.ask("TRAC:FRAM?") == ""
        assert await bench.ask("DISP:TEXT?;SEGM?;BARS?") == '"";;0'

    with_bench(rack_of(), act)


def test_the_status_byte_sums_up_and_masks_select() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("*STB?") == "0"
        await bench.say("FOO")
        assert await bench.ask("*STB?") == "4"
        await bench.say("*ESE 32", "*SRE 32")
        assert await bench.ask("*ESE?;*SRE?") == "32;32"
        assert await bench.ask("*STB?") == str(4 + 32 + 64 + 0)
        await bench.say("*CLS")
        assert await bench.ask("*STB?") == "0"
        assert await bench.ask("*ESE?") == "32"
        # A message available: the answer of the same message that is not out yet.
        assert await bench.ask("*OPC?;*STB?") == "1;16"

    with_bench(rack_of(), act)


def test_operation_complete_waits_for_the_press_and_moves_standing_time_just_to_its_end() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES 0.2")
        assert await bench.ask("STAT:OPER:COND?") == "2"
        assert await bench.ask("TIME:NOW?") == "1800000000.000000000"
        assert await bench.ask("*OPC?") == "1"
        assert await bench.ask("STAT:OPER:COND?") == "0"
        now = float(await bench.ask("TIME:NOW?"))
        assert 1_800_000_000.2 <= now < 1_800_000_001
        await bench.say("BUTT:PRES 0.2", "*OPC", "*WAI")
        assert int(await bench.ask("*ESR?")) & 1
        assert await bench.ask("STAT:OPER?") == "2"

    with_bench(rack_of(), act)


def test_each_controller_has_errors_and_a_selected_channel_of_its_own() -> None:
    async def act(bench: Talk) -> None:
        other = await Talk(bench.emulator).open()
        await bench.say("FOO", "INST:NSEL 2")
        assert await bench.ask("INST:NSEL?") == "2"
        assert await other.error() == 0
        assert await other.ask("INST:NSEL?") == "1"
        assert await bench.error() == -113
        await other.close()

    with_bench(rack_of(2), act)


def test_a_line_too_long_is_left_out_and_the_next_one_is_carried_out() -> None:
    async def act(bench: Talk) -> None:
        await bench.send(b"X" * (3 * LINE_BYTES_MAX))
        await bench.say("")
        assert await bench.error() == -363
        assert await bench.ask("*OPC?") == "1"

    with_bench(rack_of(), act)


def test_many_lines_at_once_are_all_answered_in_order() -> None:
    async def act(bench: Talk) -> None:
        await bench.send(b"INST:NSEL?\n*OPC?\n" * 2000)
        assert [await bench.hear() for _ in range(4000)] == ["1"] * 4000

    with_bench(rack_of(), act)


def test_lines_that_come_byte_by_byte_are_the_same_lines() -> None:
    async def act(bench: Talk) -> None:
        for byte in b"INST:NSEL 2;NSEL?\r\n":
            await bench.send(bytes([byte]))
            await asyncio.sleep(0)
        assert await bench.hear() == "2"

    with_bench(rack_of(2), act)


@pytest.mark.parametrize(
    "line", ["GET / HTTP/1.1", "POST /x HTTP/1.0", "PRI * HTTP/2.0", "CONNECT a:1 HTTP/1.1"]
)
def test_a_browser_is_shown_the_door(line: str) -> None:
    async def act(bench: Talk) -> None:
        await bench.send(f"{line}\r\nHost: x\r\n\r\nTIME:ADV 5\r\n".encode())
        assert await bench.ended()
        other = await Talk(bench.emulator).open()
        assert await other.ask("TIME:NOW?") == "1800000000.000000000"
        await other.close()

    with_bench(rack_of(), act)


def test_every_declared_header_is_legal_scpi() -> None:
    for header in {command.header for command in COMMANDS.values()}:
        nodes = header.strip("*?").replace("[", "").replace("]", "").split(":")
        for node in nodes:
            short = "".join(c for c in node if not c.islower())
            assert len(node) <= 12, header
            # SCPI-99 vol. 1 §6.2.1: four letters, three where the fourth would be a vowel.
            if not header.startswith("*") and len(node) > 4:
                assert len(short) == (3 if node[3] in "aeiou" else 4), header


def test_reset_puts_the_surroundings_back_and_neither_memory_nor_time() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("TEMP -10", "TIME:ADV 5", "INST:NSEL 1", "BATT:CHAR 50", "*RST")
        assert await bench.ask("TEMP?") == "25"
        assert await bench.ask("TIME:SCAL?") == "1"
        assert float(await bench.ask("BATT:CHAR?")) == pytest.approx(50, abs=0.2)
        assert float(await bench.ask("TIME:NOW?")) >= 1_800_000_005

    with_bench(rack_of(), act)
