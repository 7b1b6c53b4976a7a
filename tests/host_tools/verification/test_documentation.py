"""What HOST says is what the code does: its diagram, its policy example, its verdicts."""

import re
from pathlib import Path

from host_tools.verification.decision import Verdict
from host_tools.verification.policy import load_policy
from host_tools.verification.states import TRANSITIONS

HOST = (Path(__file__).resolve().parents[3] / "docs" / "HOST.md").read_text(encoding="utf-8")


def test_the_diagram_draws_every_transition_that_leads_elsewhere() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+): (\w+)$", HOST, re.MULTILINE))
    moving = {
        (str(state), str(target), str(event))
        for (state, event), target in TRANSITIONS.items()
        if state is not target
    }
    assert drawn == moving


def test_the_example_policy_loads() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", HOST, re.DOTALL)
    policy = load_policy(text, "HOST §8")
    assert (policy.name, policy.limits.lock_after_failures) == ("our-bank", 3)


def test_every_verdict_is_explained() -> None:
    assert all(f"`{verdict}`" in HOST for verdict in Verdict)
