"""Steps that make a fob's board bad: each is named as its method in Python (BENCH §14.2)."""

from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import World


@step(en="the cell of {fob} is pulled for {duration}", ja="{fob}の電池を{duration}抜く")
def pull_cell(world: World, name: str, seconds: int) -> None:
    """Take the cell out; it is put back after that true time (bench)."""
    _order(world, name, "POWer:PULL", seconds)


@step(
    en="the cell of {fob} sags to {int} percent for {duration}",
    ja="{fob}の電池が{int}%に{duration}低下する",
)
def sag(world: World, name: str, percent: int, seconds: int) -> None:
    """Leave only so much charge in the cell for that true time (bench)."""
    _order(world, name, "POWer:SAG", percent, seconds)


@step(
    en="the supply of {fob} will fail in flash operation {int} from now",
    ja="{fob}の電源が今から{int}番目のフラッシュ操作で切れる",
)
def cut_inside(world: World, name: str, operation: int) -> None:
    """Arm a cut in the middle of a flash operation; 1 is the next (bench)."""
    _order(world, name, "POWer:CUT", operation)


@step(
    en="the supply of {fob} will fail at processor cycle {int} from now",
    ja="{fob}の電源が今から{int}サイクル目で切れる",
)
def cut_at_cycle(world: World, name: str, cycle: int) -> None:
    """Arm a cut when the processor has run so many cycles (bench)."""
    _order(world, name, "POWer:CYCLe", cycle)


@step(
    en="it is {int} degrees around {fob} for {duration}",
    ja="周囲が{int}度になる（{fob}を{duration}置く）",
)
def surround(world: World, celsius: int, name: str, seconds: int) -> None:
    """Put the fob into cold or heat for that true time (bench)."""
    _order(world, name, "TEMPerature", celsius, seconds)


@step(en="the key of {fob} sticks for {duration}", ja="{fob}のボタンが{duration}戻らない")
def stick_key(world: World, name: str, seconds: int) -> None:
    """Let the key stick for that true time (bench)."""
    _order(world, name, "BUTTon:STUCk", seconds)


@step(
    en="the contact of {fob} bounces {int} times within {duration}",
    ja="{fob}の接点が{int}回、{duration}の間にチャタリングする",
)
def bounce(world: World, name: str, closings: int, seconds: int) -> None:
    """Let the contact close and open at instants of the dice, and let that time pass (bench)."""
    _order(world, name, "BUTTon:BOUNce", seconds, closings)
    world.advance(seconds)


@step(
    en="position {int} of the display of {fob} is dead for {duration}",
    ja="表示の{int}桁目（{fob}）が{duration}点灯しない",
)
def deaden(world: World, position: int, name: str, seconds: int) -> None:
    """Let no segment of a position light for that true time (bench)."""
    _order(world, name, "DISPlay:DEAD", position, seconds)


@step(en="the crystal of {fob} stops for {duration}", ja="{fob}の水晶発振器が{duration}止まる")
def halt_crystal(world: World, name: str, seconds: int) -> None:
    """Let the fob's clock stand for that true time (bench)."""
    _order(world, name, "CRYStal:HALT", seconds)


@step(
    en="{int} bit(s) of the flash of {fob} flip(s)",
    ja="{int}ビットが反転する（{fob}のフラッシュ）",
)
def flip_bits(world: World, bits: int, name: str) -> None:
    """Change bits of what is written in flash, by the dice (bench)."""
    _order(world, name, "FLASh:FLIP", bits)


@step(en="the flash of {fob} is worn out", ja="{fob}のフラッシュが寿命に達する")
def wear_flash(world: World, name: str) -> None:
    """Bring every page to its end: erased bytes stay down (bench)."""
    _order(world, name, "FLASh:WEAR")


@step(en="all faults of {fob} end", ja="{fob}の障害がすべて終わる")
def end_faults(world: World, name: str) -> None:
    """End all faults of the fob, and count them from 0 again (bench)."""
    world.fob(name).require_bench.do("FAULt:CLEar")


@step(en="{fob} has met {int} fault(s) or more", ja="{fob}で障害が{int}回以上起きた")
def has_met_faults(world: World, name: str, least: int) -> Seen:
    """Expect that faults of any kind which were ordered have happened (bench)."""
    count = int(world.fob(name).require_bench.query("FAULt:COUNt?"))
    if count < least:
        raise StepFailed(f"expected {least} faults or more, {count} have happened")
    return Seen(world.in_language(en=f"{count} faults", ja=f"障害 {count} 回"))


def _order(world: World, name: str, fault: str, *values: int) -> None:
    given = ",".join(map(str, values))
    world.fob(name).require_bench.do(f"FAULt:{fault} {given}".strip())
