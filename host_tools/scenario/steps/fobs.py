"""Steps at a fob: acts over its port and by the bench's hand, and what its display shows."""

from datetime import UTC, datetime
from decimal import Decimal

from firmware_model import catalogue
from firmware_model.generators import OtpKind
from host_tools.client.bench import DisplayReading
from host_tools.client.keys import TEST_KEYS
from host_tools.client.session import open_session
from host_tools.provisioning.choice import choose
from host_tools.provisioning.load import provision
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import World
from host_tools.seeds import Secret, SeedRecord, read
from host_tools.seeds.generation import generate, serial_range


@step(en="{fob} is a new {quoted}", ja="{fob}は新品の{quoted}である")
def new(world: World, name: str, model: str) -> Seen:
    """Take a new fob of a model: a virtual one in its own process, or the one on --port."""
    fob = world.take(name, model)
    return Seen(world.in_language(en=f"{model} on {fob.port}", ja=f"{fob.port} の {model}"))


@step(
    en="{fob} is loaded from the seed file {quoted} with the passphrase {quoted}",
    ja="{fob}にシードファイル{quoted}をパスフレーズ{quoted}で書き込む",
)
def load(world: World, name: str, file: str, passphrase: str) -> Seen:
    """Provision the fob over its port from a seed file; the host has the same file."""
    records = list(read(world.file(file), Secret(passphrase=passphrase)))
    return _provisioned(world, name, choose(records, source=file, fob=None, token=None))


@step(en="{fob} is loaded with a fresh seed", ja="{fob}に新しいシードを書き込む")
def load_fresh(world: World, name: str) -> Seen:
    """Provision the fob over its port with a seed nobody has used; the host receives it."""
    model = catalogue.load(world.fob(name).model)
    serials = serial_range(model, len(world.fobs))
    return _provisioned(world, name, *list(generate(model, serials))[-1:])


@step(en="I press the button of {fob}", ja="{fob}のボタンを押す")
def press(world: World, name: str) -> Seen:
    """Press the button shortly (bench) and look at the display."""
    fob = world.fob(name)
    fob.require_bench.press()
    display = fob.require_bench.display()
    by_time = fob.record is not None and fob.record.kind is OtpKind.TOTP
    if by_time and not display.text.strip():
        # The step may have ended under the finger; whoever sees nothing presses again.
        fob.require_bench.press()
        display = fob.require_bench.display()
    return _look(world, display)


@step(en="{fob} shows a code of {int} digits", ja="{fob}は{int}桁のコードを表示する")
def shows_code(world: World, name: str, digits: int) -> Seen:
    """Expect a code on the display (bench), and read it off."""
    fob = world.fob(name)
    display = fob.require_bench.display()
    if not (display.text.isdecimal() and len(display.text) == digits):
        saw = f"{display.text!r}" if display.text else f"nothing: {display.dark_because}"
        raise StepFailed(f"expected a code of {digits} digits, the display shows {saw}")
    fob.code = display.text
    return Seen(world.in_language(en=f"the code is {fob.code}", ja=f"コードは {fob.code}"))


@step(en="{fob} shows the same code as before", ja="{fob}は前と同じコードを表示する")
def shows_same(world: World, name: str) -> None:
    """Expect the code that was read last (bench)."""
    fob = world.fob(name)
    if fob.require_bench.display().text != fob.code:
        raise StepFailed("expected the code read before, the display shows something else")


@step(en="{fob} shows another code than before", ja="{fob}は前と違うコードを表示する")
def shows_another(world: World, name: str) -> Seen:
    """Press the button (bench), and expect a code other than the one read last."""
    fob, before = world.fob(name), world.fob(name).code
    press.function(world, name)
    display = fob.require_bench.display()
    if not display.text.strip().isdecimal() or display.text.strip() == before:
        raise StepFailed("expected another code, the display does not show one")
    fob.code = display.text.strip()
    return Seen(display=display)


@step(en="the display of {fob} is dark", ja="{fob}の表示は消えている")
def dark(world: World, name: str) -> Seen:
    """Expect nothing on the display (bench)."""
    display = world.fob(name).require_bench.display()
    if display.text.strip():
        raise StepFailed(f"expected a dark display, it shows {display.text!r}")
    return _look(world, display)


@step(en="{duration} pass(es)", ja="{duration}が過ぎる")
def passes(world: World, seconds: int) -> Seen:
    """Let time pass at once (bench); a year has 365.25 days."""
    world.advance(seconds)
    return _clock(world)


@step(en="a step of {duration} has just begun", ja="{duration}の区切りが始まったばかりである")
def begins(world: World, seconds: int) -> Seen:
    """Let time pass to one second after the next multiple of that time since 1970 (bench)."""
    now = world.now()
    following = (now // seconds + 1) * seconds + 1
    world.advance(Decimal(following) - now)
    return _clock(world)


@step(
    en="the emulator of {fob} is killed and started again",
    ja="{fob}のエミュレーターを強制終了し、もう一度起動する",
)
def killed(world: World, name: str) -> Seen:
    """Kill the fob's process with SIGKILL and start it again on the same store."""
    fob = world.fob(name)
    world.restart(fob)
    return Seen(
        world.in_language(
            en=f"killed with SIGKILL; a new process runs on {fob.port}",
            ja=f"SIGKILL で終了し、新しいプロセスが {fob.port} で動いている",
        )
    )


def _provisioned(world: World, name: str, record: SeedRecord) -> Seen:
    return provisioned(world, name, record, known_as=record)


def provisioned(
    world: World, name: str, record: SeedRecord, *, known_as: SeedRecord | None
) -> Seen:
    """Provision the fob over its port, and give the host the record `known_as`, if one."""
    fob = world.fob(name)
    with open_session(fob.port) as session:
        receipt = provision(session, record, TEST_KEYS, world.now)
    fob.record = record
    if known_as is not None:
        world.host.import_tokens([known_as], world.now_seconds())
    return Seen(
        world.in_language(
            en=f"{receipt.serial_number} is {receipt.life_cycle}",
            ja=f"{receipt.serial_number} に書き込んだ",
        )
    )


def _clock(world: World) -> Seen:
    now = datetime.fromtimestamp(world.now_seconds(), UTC)
    return Seen(
        world.in_language(
            en=f"it is {now:%Y-%m-%d %H:%M:%S} UTC", ja=f"{now:%Y-%m-%d %H:%M:%S} UTC"
        )
    )


def _look(world: World, display: DisplayReading) -> Seen:
    if display.text.strip():
        return Seen(display=display)
    return Seen(
        world.in_language(
            en=f"the display is dark: {display.dark_because}",
            ja=f"表示なし: {display.dark_because}",
        ),
        display,
    )
