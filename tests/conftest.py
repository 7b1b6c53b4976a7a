"""What holds for every test: signals as by default, and property tests that repeat themselves."""

import os
import signal

from hypothesis import HealthCheck, settings

from tests import shares

# The same code gives the same verdict, on slow machines too; who looks for new examples runs
# `pytest --hypothesis-profile explore`.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", UNHURRIED, derandomize=True)
settings.register_profile("explore", UNHURRIED, print_blob=True)
settings.load_profile("house")

# Heavy programs of others have a command of their own: `make strangers`.
collect_ignore = [] if os.environ.get("KEYFOB_STRANGERS") else ["strangers"]

# A background job and `nohup` hand down ignored signals, which well-behaved programs leave ignored.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


def pytest_report_header() -> str:
    """Name which share of the long tests this run takes, and how to take the same again."""
    if shares.ALL:
        return "long tests: all cases (KEYFOB_SIMULATE=1)"
    return f"long tests: a share of the cases; KEYFOB_TURN={shares.TURN} takes the same again"
