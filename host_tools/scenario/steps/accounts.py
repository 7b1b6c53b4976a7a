"""Steps of related accounts: filed, used, closed."""

from host_tools.scenario.bank_desk import desk_of, told
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.steps.operations import operate
from host_tools.scenario.world import World
from host_tools.services.vocabulary import PAPER, Act


@step(
    en="{user} files related accounts up to number {int}",
    ja="{user}は関連口座を{int}口目まで届け出る",
)
def files_accounts(world: World, user: str, count: int) -> Seen:
    """Ask by paper form for one related account after another; the last answer stands."""
    desk, seen = desk_of(world), Seen()
    number = desk.contract_of(user)
    contract = desk.contract(world, user)
    closed = len(contract.closed_accounts)
    for place in range(len(contract.accounts) + 1, count + 1):
        items = {"account": f"{place + closed}"}
        now = world.now_seconds()
        answer = desk.service.act(
            Act.FILE_ACCOUNT, number, now, way=PAPER, actor=user, target=user, entered=items
        )
        seen = told(world, answer)
    return seen


@step(en="the related account {int} is closed", ja="関連口座{int}が解約される")
def account_closed(world: World, place: int) -> Seen:
    """Let a related account of the scenario's contract be closed."""
    desk = desk_of(world)
    answer = desk.service.close_account(
        desk.contract(world).number, f"{place}", world.now_seconds()
    )
    return told(world, answer)


@step(
    en="{user} does {quoted} from the related account {int}",
    ja="{user}は{quoted}を関連口座{int}から行う",
)
def does_from_account(world: World, user: str, operation: str, place: int) -> Seen:
    """Do an operation on a related account, with everything right that it asks for."""
    return operate(world, user, operation, beside={"account": f"{place}"})
