"""What holds for every test: signals as by default, and property tests that repeat themselves."""

import signal

from hypothesis import HealthCheck, settings

# The same code gives the same verdict, on slow machines too; who looks for new examples runs
# `pytest --hypothesis-profile explore`.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", UNHURRIED, derandomize=True)
settings.register_profile("explore", UNHURRIED, print_blob=True)
settings.load_profile("house")

# A background job and `nohup` hand down ignored signals, which well-behaved programs leave ignored.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
