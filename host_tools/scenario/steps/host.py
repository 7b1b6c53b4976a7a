"""Steps at the verification host: people enrol fobs and enter codes, the host answers."""

from firmware_model.errors import BadInput
from host_tools.scenario.parameters import VERDICTS
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import ScenarioFob, World
from host_tools.verification.decision import Decision, Verdict
from host_tools.verification.states import Actor, Role


@step(en="the host follows the rules of {quoted}", ja="認証サーバーは{quoted}の規則に従う")
def follows(world: World, rules: str) -> None:
    """Give the host the policy in that TOML file (its own defaults otherwise)."""
    world.follow(world.file(f"{rules}.toml"))


@step(
    en="{user} enrols {fob} with its serial number and the code it shows",
    ja="{user}は{fob}をそのシリアル番号と表示されたコードで利用登録する",
)
def enrols(world: World, user: str, name: str) -> Seen:
    """Ask the host to put the fob into that user's use, by the last code read."""
    fob = world.fob(name)
    return _enrol(world, user, _serial_number(fob), _code(fob))


@step(
    en="{user} enrols {fob} with its serial number and a wrong code",
    ja="{user}は{fob}をそのシリアル番号と誤ったコードで利用登録する",
)
def enrols_wrongly(world: World, user: str, name: str) -> Seen:
    """The same with a code that differs from the last one read in its last digit."""
    fob = world.fob(name)
    return _enrol(world, user, _serial_number(fob), _wrong(fob))


@step(
    en="{user} enrols the serial number {quoted} with the code of {fob}",
    ja="{user}はシリアル番号{quoted}を{fob}のコードで利用登録する",
)
def enrols_another(world: World, user: str, serial_number: str, name: str) -> Seen:
    """The same with another serial number than the fob's."""
    return _enrol(world, user, serial_number, _code(world.fob(name)))


@step(en="{user} enters the code of {fob}", ja="{user}は{fob}のコードを入力する")
def enters(world: World, user: str, name: str) -> Seen:
    """Give the last code read to the host as that user's."""
    fob = world.fob(name)
    return _verify(world, user, fob, _code(fob))


@step(en="{user} enters a wrong code for {fob}", ja="{user}は{fob}の誤ったコードを入力する")
def enters_wrong(world: World, user: str, name: str) -> Seen:
    """Give the host a code that differs from the last one read in its last digit."""
    fob = world.fob(name)
    return _verify(world, user, fob, _wrong(fob))


@step(en="the host accepts it", ja="認証サーバーはそれを受け付ける")
def accepts(world: World) -> None:
    """Expect the host's last answer to be yes."""
    decision = _last(world)
    if not decision.accepted:
        raise StepFailed(f"expected the host to accept, it says: {decision.reason}")


@step(en="the host refuses it as {verdict}", ja="認証サーバーはそれを{verdict}として拒否する")
def refuses(world: World, verdict: Verdict) -> None:
    """Expect the host's last answer to be no, for that reason."""
    decision = _last(world)
    if decision.verdict is not verdict:
        raise StepFailed(f"expected the host to refuse as {verdict}, it says: {decision.reason}")


@step(en="the moving factor is {int}", ja="移動因子は{int}である")
def factor_is(world: World, factor: int) -> None:
    """Expect the moving factor of the code in the host's last answer."""
    if (found := _last(world).factor) != factor:
        raise StepFailed(f"expected moving factor {factor}, the host found {found}")


@step(
    en="the moving factor is {int} more than that of the code accepted before",
    ja="移動因子は前に受け付けたコードより{int}大きい",
)
def factor_moved(world: World, steps: int) -> None:
    """Expect by how much the moving factors of the last two accepted codes differ."""
    factors = [one.factor for one in world.decisions if one.accepted and one.factor is not None]
    if len(factors) < 2:
        raise BadInput("the host has accepted fewer than two codes in this scenario")
    if factors[-1] - factors[-2] != steps:
        raise StepFailed(
            f"expected {steps} more, the host accepted {factors[-2]}, then {factors[-1]}"
        )


def _enrol(world: World, user: str, serial_number: str, code: str) -> Seen:
    # Who enrols a fob does it for himself: the role is that of the person, not of a clerk.
    actor = Actor(Role.USER, user)
    answer = world.host.enroll(serial_number, user, [code], world.now_seconds(), actor)
    return _answered(world, answer.decision)


def _verify(world: World, user: str, fob: ScenarioFob, code: str) -> Seen:
    token = _serial_number(fob)
    answer = world.host.verify([code], world.now_seconds(), token=token, user=user)
    return _answered(world, answer.decision)


def _answered(world: World, decision: Decision) -> Seen:
    world.decisions.append(decision)
    en, ja = decision.reason, VERDICTS[decision.verdict][1]
    if decision.factor is not None:
        en, ja = f"{en} (moving factor {decision.factor})", f"{ja}(移動因子 {decision.factor})"
    return Seen(world.in_language(en=en, ja=ja))


def _last(world: World) -> Decision:
    if not world.decisions:
        raise BadInput("nobody has given the host a code yet")
    return world.decisions[-1]


def _serial_number(fob: ScenarioFob) -> str:
    if fob.record is None:
        raise BadInput("the fob has no serial number yet: load it with a seed first")
    return fob.record.serial_number


def _code(fob: ScenarioFob) -> str:
    if not fob.code:
        raise BadInput("no code was read off the display yet")
    return fob.code


def _wrong(fob: ScenarioFob) -> str:
    code = _code(fob)
    return code[:-1] + str((int(code[-1]) + 5) % 10)
