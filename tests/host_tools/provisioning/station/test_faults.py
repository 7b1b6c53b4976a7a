"""Which errors are a fob's own, so that the tray goes on, and which end the run."""

import pytest

from firmware_model.errors import (
    BadAnswer,
    BadInput,
    InUse,
    KeyfobError,
    NoAnswer,
    PortUnavailable,
    Refused,
)
from host_tools.provisioning.station.clock import ClockBehind
from host_tools.provisioning.station.confirm import ObserverGone
from host_tools.provisioning.station.disk import LedgerUnwritable
from host_tools.provisioning.station.faults import FobFault, cause_of
from host_tools.provisioning.station.states import FailureCause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FobFault(FailureCause.WRONG_KEYS, "x"), FailureCause.WRONG_KEYS),
        (Refused("x", 0x6983), FailureCause.BLOCKED),
        (Refused("x", 0x6A80), FailureCause.REFUSED),
        (NoAnswer("x"), FailureCause.NO_ANSWER),
        (PortUnavailable("x"), FailureCause.NO_ANSWER),
        (BadAnswer("x"), FailureCause.BAD_ANSWER),
        (BadInput("x"), None),
        (InUse("x"), None),
        (LedgerUnwritable("x"), None),
        (ClockBehind("x"), None),
        (ObserverGone("x"), None),
    ],
)
def test_a_cause_is_given_to_what_is_a_fobs_own(
    error: KeyfobError, cause: FailureCause | None
) -> None:
    assert cause_of(error) is cause
