"""Steps of what the bank keeps and sends: ledger, letters, e-mails, terms, compensation."""

import json

from firmware_model.errors import BadInput
from host_tools.scenario.bank_desk import OWN, BankDesk, desk_of, last_answer
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import World
from host_tools.services.contract import CustomerMessage
from host_tools.services.vocabulary import BANK, Act

_DAY_SECONDS = 86_400


@step(en="the ledger holds {int} fees for {quoted}", ja="台帳の{int}件は{quoted}の手数料である")
def ledger_holds(world: World, count: int, fees: str) -> Seen:
    """Expect that many entries of that kind (or kinds, with commas between), whatever they cost."""
    desk = desk_of(world)
    wanted = {desk.rules.name_of(one.strip()) for one in fees.replace("、", ",").split(",")}
    ledger = desk.contract(world).ledger
    found = [entry for entry in ledger if entry.fee in wanted]
    if len(found) != count:
        kinds = ", ".join(entry.fee for entry in ledger) or "nothing"
        raise StepFailed(f"expected {count} fees for {fees}, the ledger holds {kinds}")
    return Seen(", ".join(f"{entry.fee} {entry.yen}" for entry in found))


@step(en="the ledger was charged to the {quoted}", ja="手数料は{quoted}から引き落とされている")
def ledger_charged_to(world: World, account: str) -> None:
    """Expect entries, and the account that each of them was drawn from."""
    desk = desk_of(world)
    accounts = {entry.account for entry in desk.contract(world).ledger}
    if accounts != {desk.rules.name_of(account)}:
        raise StepFailed(f"expected {account}, fees were drawn from {sorted(accounts)}")


@step(en="{int} yen of it are unpaid", ja="そのうち{int}円が未払いである")
def unpaid(world: World, yen: int) -> None:
    """Expect the sum of the fees in the contract's ledger that nobody has paid yet."""
    ledger = desk_of(world).contract(world).ledger
    owed = sum(entry.yen for entry in ledger if not entry.paid_at)
    if owed != yen:
        raise StepFailed(f"expected {yen} yen unpaid, the ledger has {owed}")


@step(en="{user} is no user of the contract", ja="{user}はこの契約の利用者ではない")
def is_no_user(world: World, user: str) -> None:
    """Expect that the bank has no such person in the contract."""
    if user in desk_of(world).contract(world).members:
        raise StepFailed(f"expected no user {user}, there is one")


@step(en="{user} was sent {int} e-mails", ja="{user}に送られた電子メールは{int}通である")
def was_sent(world: World, user: str, count: int) -> None:
    """Expect exactly that many e-mails to a person so far."""
    sent = len(desk_of(world).emails(world, user))
    if sent != count:
        raise StepFailed(f"expected {count} e-mails to {user}, there were {sent}")


@step(
    en="the last e-mail to {user} went to {quoted}",
    ja="{user}への最後の電子メールの宛先は{quoted}である",
)
def email_went_to(world: World, user: str, address: str) -> None:
    """Expect the address that the last e-mail was sent to."""
    if (found := _email(world, user).address) != address:
        raise StepFailed(f"expected {address}, the e-mail went to {found}")


@step(
    en="the text of the e-mail to {user} contains {quoted}",
    ja="{user}への電子メールの文面には{quoted}がある",
)
def email_contains(world: World, user: str, text: str) -> Seen:
    """Expect that text somewhere in the last e-mail: sender, subject or body."""
    email = _email(world, user)
    if text not in _whole(email):
        raise StepFailed(f"expected {text!r}, the e-mail says {_whole(email)!r}")
    return Seen(_whole(email))


@step(
    en="the e-mail to {user} does not hold {quoted}",
    ja="{user}への電子メールには{quoted}がない",
)
def email_lacks(world: World, user: str, text: str) -> None:
    """Expect that text nowhere in the last e-mail."""
    email = _email(world, user)
    if text in _whole(email):
        raise StepFailed(f"expected no {text!r} in the e-mail to {user}")


@step(en="the letter about {quoted} says {quoted}", ja="{quoted}の書面には{quoted}とある")
def letter_says(world: World, subject: str, text: str) -> Seen:
    """Expect a letter to the customer about that, and that text in it."""
    desk = desk_of(world)
    name = desk.rules.name_of(subject)
    letters = [
        one
        for one in desk.contract(world).messages
        if one.medium == "letter" and one.subject == name
    ]
    if not letters:
        raise StepFailed(f"expected a letter about {subject}, there is none")
    told = ", ".join(f"{item} {value}" for item, value in letters[-1].content.items())
    if text not in told:
        raise StepFailed(f"expected {text!r}, the letter says {told!r}")
    return Seen(told)


@step(en="the letter to the customer comes back", ja="契約者への書面は返戻される")
def letter_comes_back(world: World) -> None:
    """Let the post return the last letter: it counts as arrived all the same."""
    messages = desk_of(world).contract(world).messages
    if not [one for one in messages if one.medium == "letter"]:
        raise StepFailed("expected a letter to the customer, there is none")


@step(en="the bank has told the customer nothing", ja="銀行は契約者に何も通知していない")
def told_nothing(world: World) -> None:
    """Expect no letter and no e-mail to the customer."""
    if sent := desk_of(world).contract(world).messages:
        raise StepFailed(f"expected nothing, the bank sent {', '.join(m.subject for m in sent)}")


@step(
    en="the bank has announced the change of the rules, good after {duration}",
    ja="銀行は{duration}後に適用する規定の変更を公表している",
)
def announces_rules(world: World, seconds: int) -> Seen:
    """Let the bank publish a rule of its that changes when that time has passed."""
    desk = desk_of(world)
    path, value = _changed_rule(desk)
    items = {
        "rule": path,
        "value": json.dumps(value),
        "days": str(seconds // _DAY_SECONDS),
        "announcement": "yes",
    }
    desk.answer = desk.service.act(
        Act.CHANGE_TERMS, OWN, world.now_seconds(), way=BANK, entered=items
    )
    return Seen(f"{path}: {desk.answer.message}")


@step(en="the new rules apply", ja="変更後の規定が適用される")
def new_rules_apply(world: World) -> None:
    """Expect that the rule that was to change has its new value."""
    desk = desk_of(world)
    path, value = _changed_rule(desk)
    found = desk.service.rules_of(OWN, world.now_seconds())[path]
    if found != value:
        raise StepFailed(f"expected {path} = {value!r}, it is {found!r}")


@step(en="the old rules apply", ja="変更前の規定が適用される")
def old_rules_apply(world: World) -> None:
    """Expect that the rule that is to change still has its old value."""
    desk = desk_of(world)
    path, _ = _changed_rule(desk)
    found = desk.service.rules_of(OWN, world.now_seconds())[path]
    if found != desk.rules[path]:
        raise StepFailed(f"expected {path} as before, it is {found!r}")


@step(
    en="the bank names {duration} as the time without one-time password",
    ja="銀行はワンタイムパスワードなしで利用できる期間を{duration}とする",
)
def names_days(world: World, seconds: int) -> None:
    """Let the bank set how long the service works without a code after suspension or release."""
    desk = desk_of(world)
    for act in (Act.SUSPEND, Act.RELEASE):
        path = f"acts.{act}.without_code_days"
        desk.service.set_rule(path, seconds // _DAY_SECONDS, world.now_seconds())


@step(en="the compensation of {user} is at most {int} yen", ja="{user}への補償は{int}円以下である")
def pays_at_most(world: World, user: str, yen: int) -> None:
    """Expect no more than that for the last claim, and something."""
    if not 0 < (paid := _paid(world, user)) <= yen:
        raise StepFailed(f"expected at most {yen} yen, the bank pays {paid}")


@step(
    en="the compensation of {user} is less than {int} yen", ja="{user}への補償は{int}円未満である"
)
def pays_less(world: World, user: str, yen: int) -> None:
    """Expect something, but less than that."""
    if not 0 < (paid := _paid(world, user)) < yen:
        raise StepFailed(f"expected less than {yen} yen, the bank pays {paid}")


@step(en="the bank pays {int} yen for the loss", ja="銀行はこの損害に{int}円を補償する")
def pays(world: World, yen: int) -> None:
    """Expect how much the last claim was worth to the bank."""
    claims = desk_of(world).contract(world).claims
    if not claims or claims[-1].paid_yen != yen:
        paid = claims[-1].paid_yen if claims else "nothing"
        raise StepFailed(f"expected {yen} yen, the bank pays {paid}")


def _paid(world: World, user: str) -> int:
    claims = desk_of(world).contract(world, user).claims
    return claims[-1].paid_yen if claims and last_answer(world).accepted else 0


def _changed_rule(desk: BankDesk) -> tuple[str, object]:
    """Return a rule of the bank's whose change is easily seen, and its other value."""
    for path, stated in desk.rules.values.items():
        if path.startswith("fees."):
            return path, stated.value + 100
    raise BadInput(f"{desk.rules.name} states no fee whose change could be seen")


def _email(world: World, user: str) -> CustomerMessage:
    email = desk_of(world).last_email(world, user)
    if email is None:
        raise StepFailed(f"expected an e-mail to {user}, there is none")
    return email


def _whole(email: CustomerMessage) -> str:
    content = " ".join(email.content.values())
    return f"{email.sender} {email.subject} {email.text} {content}"
