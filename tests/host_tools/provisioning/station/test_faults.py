"""Which errors are a fob's own, so that the tray goes on, and which end the run."""

import pytest

from host_tools.errors import (
    BadAnswer,
    BadInput,
    HostError,
    InUse,
    NoAnswer,
    PortUnavailable,
    Refused,
)
from host_tools.provisioning.station.clock import ClockWentBack
from host_tools.provisioning.station.confirm import NobodyLooks
from host_tools.provisioning.station.disk import LedgerUnwritable
from host_tools.provisioning.station.faults import FobFault, cause_of
from host_tools.provisioning.station.states import Cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FobFault(Cause.WRONG_KEYS, "x"), Cause.WRONG_KEYS),
        (Refused("x", 0x6983), Cause.BLOCKED),
        (Refused("x", 0x6A80), Cause.REFUSED),
        (NoAnswer("x"), Cause.NO_ANSWER),
        (PortUnavailable("x"), Cause.NO_ANSWER),
        (BadAnswer("x"), Cause.BAD_ANSWER),
        (BadInput("x"), None),
        (InUse("x"), None),
        (LedgerUnwritable("x"), None),
        (ClockWentBack("x"), None),
        (NobodyLooks("x"), None),
    ],
)
def test_a_cause_is_given_to_what_is_a_fobs_own(error: HostError, cause: Cause | None) -> None:
    assert cause_of(error) is cause
