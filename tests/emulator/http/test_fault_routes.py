"""Faults and snapshots over HTTP: the bench's own commands, by the same table."""

from emulator.bench.commands import COMMANDS
from emulator.faults.vocabulary import fault_names
from emulator.http.resources import resources
from tests.emulator.http.http_talk import HttpTalk, with_http


def test_every_fault_and_snapshot_command_is_a_resource() -> None:
    headers = {one.command.header for one in resources(COMMANDS.values())}
    assert {f"FAULt:{name}" for name in fault_names()} <= headers
    wanted = {one.header for one in COMMANDS.values() if one.header.startswith(("FAULt", "SNAP"))}
    assert wanted <= headers
    assert len(wanted) > 40


def test_a_fault_is_ordered_counted_and_ended_and_a_state_restored() -> None:
    async def act(talk: HttpTalk) -> None:
        await talk.do("POST", "/fobs/1/snapshot/save", {"name": "before"})
        await talk.do("POST", "/fobs/1/fault/power/pull", {"lasting": "10 s"})
        assert await talk.value("/fobs/1/fault/count", params={"fault": "POWer:PULL"}) == 1
        assert await talk.value("/fobs/1/power/state") == 0
        await talk.do("POST", "/fobs/1/fault/clear")
        assert await talk.value("/fobs/1/power/state") == 1
        await talk.do("POST", "/fobs/1/fault/mistake/pocket", {"presses": 2})
        assert await talk.value("/fobs/1/fault/count") == 2
        await talk.do("POST", "/fobs/1/snapshot/restore", {"name": "before"})
        assert await talk.value("/fobs/1/snapshot/incarnation") == 2
        refused = await talk.refused("POST", "/fobs/1/fault/flash/flip", json={"bits": 0})
        assert refused == (422, -222)
        refused = await talk.refused("POST", "/fobs/1/fault/line/drop", json={})
        assert refused == (409, -221)

    with_http(act)
