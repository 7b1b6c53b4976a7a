"""Steps that make a fob's line bad, and that save and restore its state (BENCH §14, §15)."""

from host_tools.scenario.parameters import FRAME_FAULTS, FrameFault
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import World


@step(
    en="the next {int} frame(s) from {fob} will be {frame_fault}",
    ja="次の{int}個のフレーム（{fob}から）が{frame_fault}",
)
def spoil_from(world: World, frames: int, name: str, fault: FrameFault) -> None:
    """Order a fault of the line for what the fob sends (bench)."""
    _order(world, name, fault, frames, 100, "FROM")


@step(
    en="the next {int} frame(s) to {fob} will be {frame_fault}",
    ja="次の{int}個のフレーム（{fob}へ）が{frame_fault}",
)
def spoil_to(world: World, frames: int, name: str, fault: FrameFault) -> None:
    """Order a fault of the line for what the host sends (bench)."""
    _order(world, name, fault, frames, 100, "TO")


@step(
    en="{int} in 100 of the next {int} frames from {fob} will be {frame_fault}",
    ja="100個に{int}個の割合で次の{int}個のフレーム（{fob}から）が{frame_fault}",
)
def spoil_some(world: World, percent: int, frames: int, name: str, fault: FrameFault) -> None:
    """Order a fault of the line that meets some of the fob's frames, by the dice (bench)."""
    _order(world, name, fault, frames, percent, "FROM")


@step(en="the line of {fob} is silent for {duration}", ja="{fob}の回線が{duration}無応答になる")
def silence(world: World, name: str, seconds: int) -> None:
    """Let nothing pass in either direction for that true time (bench)."""
    world.fob(name).require_bench.do(f"FAULt:LINE:SILence {seconds}")


@step(en="{fob} sends {int} random bytes", ja="{fob}が{int}バイトの雑音を送る")
def send_noise(world: World, name: str, count: int) -> None:
    """Send the host random bytes that it did not ask for (bench)."""
    world.fob(name).require_bench.do(f"FAULt:LINE:NOISe {count}")


@step(en="the line of {fob} is unplugged", ja="{fob}の回線を抜く")
def unplug(world: World, name: str) -> None:
    """Close the fob's port (bench)."""
    world.fob(name).require_bench.do("FAULt:LINE:DISConnect")


@step(en="the line of {fob} is plugged in again", ja="{fob}の回線を差し直す")
def plug_in(world: World, name: str) -> None:
    """Open the fob's port again (bench)."""
    world.fob(name).require_bench.do("FAULt:LINE:PLUG")


@step(en="the line of {fob} is good again", ja="{fob}の回線が正常に戻る")
def mend(world: World, name: str) -> None:
    """End all faults of the fob, and count them from 0 again (bench)."""
    world.fob(name).require_bench.do("FAULt:CLEar")


@step(
    en="{fob} has met {int} line fault(s) or more",
    ja="{fob}の回線で障害が{int}回以上起きた",
)
def has_met(world: World, name: str, least: int) -> Seen:
    """Expect that faults which were ordered have happened (bench)."""
    count = int(world.fob(name).require_bench.query("FAULt:COUNt?"))
    if count < least:
        raise StepFailed(f"expected {least} line faults or more, {count} have happened")
    return Seen(world.in_language(en=f"{count} line faults", ja=f"回線障害 {count} 回"))


@step(en="the state of {fob} is saved as {quoted}", ja="{fob}の状態を{quoted}として保存する")
def save(world: World, name: str, state: str) -> None:
    """Keep what outlives a restart of the fob (bench)."""
    world.fob(name).require_bench.do(f'SNAPshot:SAVE "{state}"')


@step(en="{fob} goes back to the state {quoted}", ja="{fob}を状態{quoted}に戻す")
def go_back(world: World, name: str, state: str) -> None:
    """Begin a new incarnation of the fob from a saved state; true time goes on (bench)."""
    world.fob(name).require_bench.do(f'SNAPshot:RESTore "{state}"')


def _order(world: World, name: str, fault: FrameFault, frames: int, percent: int, way: str) -> None:
    values = "".join(f"{value}," for value in FRAME_FAULTS[fault][2])
    world.fob(name).require_bench.do(f"FAULt:LINE:{fault.value} {values}{frames},{percent},0,{way}")
