"""Whether a fob keeps what WIRE promises: the checks, and how they are run.

The safety catch: a check that changes a fob for good runs only where the caller names the fob, by
its serial number, or by its chip ID while it has none; and where it is blank, or was when the run
began.
"""

from firmware_model.errors import BadAnswer, BadInput, NoAnswer
from firmware_model.wire.objects import ChipId, LifeCycle, LifeCycleStatus, SerialNumber
from firmware_model.wire.scp03 import ChannelError
from host_tools.check.application import APPLICATION
from host_tools.check.declared import Check, CheckOutcome, CheckVerdict
from host_tools.check.findings import Disagreement, Unfit
from host_tools.check.life import LIFE
from host_tools.check.link import LINK
from host_tools.check.security import SECURITY
from host_tools.check.subject import Subject
from host_tools.client.session import TokenSession

CHECKS: tuple[Check, ...] = (
    *LINK.checks,
    *APPLICATION.checks,
    *SECURITY.checks,
    *LIFE.checks,
)
"""Every check, in an order in which one blank fob passes all of them."""

__all__ = ["CHECKS", "Check", "CheckOutcome", "CheckVerdict", "Subject", "judge", "release_catch"]


def judge(check: Check, fob: Subject, *, erase: bool) -> CheckVerdict:
    """Run one check.

    Args:
        check: one of `CHECKS`.
        fob: what is checked.
        erase: whether the fob may be changed for good; see `release_catch`.

    Raises:
        PortUnavailable: the port went away.
    """
    if check.erases and not erase:
        return CheckVerdict(check, CheckOutcome.SKIPPED, "it changes the fob for good")
    try:
        check.run(fob)
    except Unfit as error:
        return CheckVerdict(check, CheckOutcome.SKIPPED, str(error))
    except (Disagreement, ChannelError, NoAnswer, BadAnswer) as error:
        return CheckVerdict(check, CheckOutcome.FAILED, str(error))
    return CheckVerdict(check, CheckOutcome.PASSED)


def release_catch(fob: Subject, name: str) -> None:
    """See to it that the fob may be changed for good.

    Args:
        fob: what is to be checked.
        name: what the user believes is on the line: serial number, or chip ID in hex.

    Raises:
        BadInput: another fob is on the line, or it is not blank.
        KeyfobError: it does not answer.
    """
    fob.port.drop_input()
    session = TokenSession(fob.host().link)
    serial_number, chip_id = session.get(SerialNumber), session.get(ChipId)
    status = session.get(LifeCycleStatus)
    found = serial_number.text if serial_number else chip_id.number.hex() if chip_id else ""
    if name.strip().upper() != found.upper() or not found:
        what = "serial number" if serial_number else "chip ID"
        raise BadInput(f"{name!r} is not the {what} of the fob on the line, which is {found}")
    if status is None or status.life_cycle is not LifeCycle.BLANK:
        state = status.life_cycle.name.lower() if status else "unknown"
        raise BadInput(f"{found} is {state}: only a blank fob may be changed for good")
