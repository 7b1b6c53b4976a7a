"""Steps of what came of a request: the answer, screens, certificates, announcements."""

from firmware_model.errors import BadInput
from host_tools.scenario.bank_desk import desk_of, last_answer
from host_tools.scenario.parameters import REASONS
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.steps.bank import listed
from host_tools.scenario.world import World
from host_tools.services.answers import Why
from host_tools.services.certificates import VOID
from host_tools.services.vocabulary import Act


@step(en="the service accepts it", ja="サービスはそれを受け付ける")
def accepts(world: World) -> None:
    """Expect the service's last answer to be yes."""
    answer = last_answer(world)
    if not answer.accepted:
        raise StepFailed(
            f"expected the service to accept, it says: {answer.message} ({answer.reason})"
        )


@step(en="the service refuses it as {reason}", ja="サービスはそれを{reason}として拒否する")
def refuses(world: World, reason: Why) -> None:
    """Expect the service's last answer to be no, for that reason."""
    answer = last_answer(world)
    if answer.reason is not reason:
        raise StepFailed(
            f"expected a refusal as {reason}, the service says: {answer.message} ({answer.reason})"
        )


@step(
    en="the service refuses it as one of {quoted}",
    ja="サービスはそれを{quoted}のいずれかとして拒否する",
)
def refuses_as_one_of(world: World, reasons: str) -> None:
    """Expect the service's last answer to be no, for any of those reasons."""
    answer, wanted = last_answer(world), listed(reasons)
    known = {word for words in REASONS.values() for word in words}
    if unknown := set(wanted) - known:
        raise BadInput(f"{', '.join(sorted(unknown))} is none of {', '.join(sorted(known))}")
    if not set(REASONS[answer.reason]) & set(wanted):
        raise StepFailed(
            f"expected a refusal as {reasons}, the service says: {answer.message} ({answer.reason})"
        )


@step(en="{user} sees the screen {quoted}", ja="{user}に画面{quoted}が表示される")
def sees_screen(world: World, user: str, title: str) -> None:
    """Expect the title of the page that the last answer came with."""
    if (found := last_answer(world).screen) != title:
        raise StepFailed(f"expected {user} to see {title!r}, the page is {found!r}")


@step(en="{user} sees {quoted} on the screen", ja="{user}の画面に{quoted}と表示される")
def sees_on_screen(world: World, user: str, text: str) -> None:
    """Expect that text in the title of the page that the last answer came with."""
    if text not in (found := last_answer(world).screen):
        raise StepFailed(f"expected {user} to see {text!r}, the page is {found!r}")


@step(en="the last certificate of {user} is void", ja="{user}の最後の電子証明書は無効である")
def certificate_void(world: World, user: str) -> None:
    """Expect the bank to have ended the certificate itself, not only the contract."""
    desk = desk_of(world)
    owner = f"{desk.contract_of(user)}/{user}"
    states = [state for state in desk.service.bank.certificates.values() if owner in state]
    if not states or not states[-1].startswith(VOID):
        raise StepFailed(f"expected a void certificate, there is: {states[-1:]}")


@step(en="{user} is asked to enrol", ja="{user}に利用登録画面が表示される")
def asked_to_enrol(world: World, user: str) -> None:
    """Expect that the person has no generator in use, so that the enrolment screen is shown."""
    if _generators(world, user):
        raise StepFailed(f"expected the enrolment screen, {user} has a generator in use")


@step(en="{user} is not asked to enrol", ja="{user}に利用登録画面は表示されない")
def not_asked_to_enrol(world: World, user: str) -> None:
    """Expect that the person has a generator in use."""
    if not _generators(world, user):
        raise StepFailed(f"expected no enrolment screen, {user} has no generator in use")


@step(en="{int} yen were charged so far", ja="これまでの手数料は{int}円である")
def charged(world: World, yen: int) -> Seen:
    """Expect the sum of the contract's ledger."""
    ledger = desk_of(world).contract(world).ledger
    total = sum(entry.yen for entry in ledger)
    if total != yen:
        raise StepFailed(f"expected {yen} yen, the ledger has {total}")
    return Seen(", ".join(f"{entry.fee} {entry.yen}" for entry in ledger))


@step(en="the bank has announced {act}", ja="銀行は{act}を公表している")
def announced(world: World, act: Act) -> None:
    """Expect a public announcement of that act."""
    if act not in _announced(world):
        raise StepFailed(f"expected an announcement of {act}, there is none")


@step(en="the bank has told the customer of {act}", ja="銀行は{act}を契約者に通知している")
def notified(world: World, act: Act) -> None:
    """Expect a letter to the customer about that act."""
    if act not in [one.subject for one in desk_of(world).contract(world).messages]:
        raise StepFailed(f"expected a notice of {act}, the customer had none")


@step(en="the bank has announced nothing", ja="銀行は何も公表していない")
def not_announced(world: World) -> None:
    """Expect no public announcement."""
    if told := _announced(world):
        raise StepFailed(f"expected no announcement, there are: {', '.join(told)}")


def _announced(world: World) -> list[str]:
    return [act for act, _ in desk_of(world).service.bank.announcements]


def _generators(world: World, user: str) -> list[str]:
    members = desk_of(world).contract(world, user).members
    if user not in members:
        raise StepFailed(f"{user} is no user of the contract")
    return members[user].tokens
