"""Whether a fob keeps the promises of an OTP fob: button, display, power and time, nothing else.

Any program on any board is judged (FIRMWARE §6): the judge knows the seed and the model, presses,
looks, cuts the power and lets time pass. Where it is given the fob's serial port, what is told
there has to agree with what was seen.
"""

from host_tools.check.declared import CheckOutcome
from host_tools.check.findings import Disagreement, Unfit
from host_tools.check.promises.declared import Promise, PromiseVerdict
from host_tools.check.promises.life import LIFE
from host_tools.check.promises.port import PORT
from host_tools.check.promises.power import POWER
from host_tools.check.promises.press import PRESS
from host_tools.check.promises.subject import PromiseSubject
from host_tools.check.promises.time import TIME

PROMISES: tuple[Promise, ...] = (
    *PRESS.promises,
    *TIME.promises,
    *PORT.promises,
    *POWER.promises,
    *LIFE.promises,
)
"""Every promise, in an order in which one fob is judged by all of them."""

__all__ = ["PROMISES", "Promise", "PromiseSubject", "PromiseVerdict", "judge_promise"]


def judge_promise(promise: Promise, fob: PromiseSubject) -> PromiseVerdict:
    """Judge one promise.

    Raises:
        KeyfobError: the bench went away, or refused.
    """
    try:
        promise.run(fob)
    except Unfit as error:
        return PromiseVerdict(promise, CheckOutcome.SKIPPED, str(error))
    except Disagreement as error:
        reason = "; ".join([str(error), *getattr(error, "__notes__", ())])
        return PromiseVerdict(promise, CheckOutcome.FAILED, reason)
    return PromiseVerdict(promise, CheckOutcome.PASSED)
