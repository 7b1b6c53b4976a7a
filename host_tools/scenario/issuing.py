"""The issuing desk of a scenario's bank: soft tokens, to whom they went, and what came of it."""

from dataclasses import dataclass, field

from firmware_model.errors import BadInput
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import Issue, Terms
from host_tools.activation.visit import VisitOutcome, What, serve
from host_tools.client.session import open_session
from host_tools.scenario.bank_desk import BankDesk
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import ScenarioFob, World
from host_tools.vault.key_ring import KeyRing

SERVICE_ID = "301245"
"""The bank's service ID in every scenario; a sample of ours."""


@dataclass(slots=True)
class Issuing:
    """What the steps of one scenario know of the bank's soft tokens.

    `issues` are the latest by user, `outcomes` what came of each visit, the latest last, `used` the
    user IDs that a soft token was activated by.
    """

    desk: ActivationDesk
    terms: Terms = field(default_factory=Terms)
    issues: dict[str, Issue] = field(default_factory=dict)
    outcomes: list[VisitOutcome] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def issue(self, user: str) -> Issue:
        """Return the issue of `user`; raises BadInput where nothing was issued to him."""
        if user not in self.issues:
            raise BadInput(f"the bank has issued no soft token to {user} yet")
        return self.issues[user]

    def last(self, what: What) -> VisitOutcome:
        """Return the outcome of the last visit; raises StepFailed where it is something else."""
        if not self.outcomes:
            raise BadInput("the bank has asked no soft token yet")
        outcome = self.outcomes[-1]
        if outcome.what is not what:
            reason = f" ({outcome.reason})" if outcome.reason else ""
            raise StepFailed(
                f"expected the visit to end as {what}, it ended as {outcome.what}{reason}"
            )
        return outcome


def issuing_of(world: World) -> Issuing:
    """Return the scenario's issuing desk; it opens with the first step that needs it."""
    if (issuing := world.desk(Issuing)) is not None:
        return issuing
    keys, _ = KeyRing.generate()
    desk = world.ends.enter_context(ActivationDesk(world.folder / "desk.db", keys, create=True))
    bank = world.desk(BankDesk)
    return world.set_up(Issuing(desk, bank.terms() if bank else Terms()))


def visit(world: World, fob: ScenarioFob) -> VisitOutcome:
    """Let the bank ask the soft token for its user's wish, over its port."""
    issuing = issuing_of(world)
    with open_session(fob.port) as session:
        outcome = serve(session, issuing.desk, world.now)
    issuing.outcomes.append(outcome)
    return outcome
