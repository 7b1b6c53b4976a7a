"""Steps of mistakes that people make with fobs and seeds (BENCH §14.3)."""

from firmware_model import catalogue
from firmware_model.errors import BadInput
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.steps.fobs import provisioned
from host_tools.scenario.world import World
from host_tools.seeds.generation import generate, serial_range
from host_tools.seeds.record_mistakes import RecordMistake, mistaken_record


@step(
    en="{fob} is pressed {int} times in a pocket",
    ja="{fob}がポケットの中で{int}回押される",
)
def pocket_presses(world: World, name: str, presses: int) -> None:
    """Press without using the codes, each time until the display is dark again (bench)."""
    world.fob(name).require_bench.do(f"FAULt:MISTake:POCKet {presses}")
    world.advance(0)  # the other fobs and the host follow


@step(
    en="the clock of {fob} is set {duration} ahead",
    ja="{fob}の時計が{duration}進めて設定される",
)
def wrong_clock(world: World, name: str, seconds: int) -> None:
    """Let the fob's clock be ahead of true time by exactly that (bench)."""
    world.fob(name).require_bench.do(f"FAULt:MISTake:CLOCk {seconds}")


@step(
    en="the clock of {fob} is set {duration} behind",
    ja="{fob}の時計が{duration}遅らせて設定される",
)
def slow_clock(world: World, name: str, seconds: int) -> None:
    """Let the fob's clock be behind true time by exactly that (bench)."""
    world.fob(name).require_bench.do(f"FAULt:MISTake:CLOCk -{seconds}")


@step(en="{fob} lies in a drawer for {duration}", ja="{fob}を引き出しに{duration}しまっておく")
def drawer(world: World, name: str, seconds: int) -> None:
    """Let that time pass for everybody, and nobody touch the fob (bench)."""
    world.fob(name).require_bench.do(f"FAULt:MISTake:DRAWer {seconds}")
    world.advance(0)  # the other fobs and the host follow


@step(
    en="{fob} is loaded with the seed of {fob}",
    ja="{fob}に次のトークンと同じシードを書き込む：{fob}",
)
def twin_of(world: World, name: str, other: str) -> Seen:
    """Provision the fob over its port as the twin of another, which the host knows already."""
    record = world.fob(other).record
    if record is None:
        raise BadInput("the other fob has no seed yet: load it first")
    return provisioned(world, name, record, known_as=None)


@step(
    en="{fob} is loaded with a fresh seed, which the host gets {record_mistake}",
    ja="{fob}に新しいシードを書き込み、サーバーには{record_mistake}渡す",
)
def mistaken(world: World, name: str, mistake: RecordMistake) -> Seen:
    """Provision the fob over its port; the host receives a record with that mistake in it."""
    model = catalogue.load(world.fob(name).model)
    record = list(generate(model, serial_range(model, len(world.fobs))))[-1]
    return provisioned(world, name, record, known_as=mistaken_record(record, mistake))
