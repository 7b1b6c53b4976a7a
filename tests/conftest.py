"""What holds for every test: signals as by default, and property tests that repeat themselves."""

import signal

from hypothesis import settings

# The same code gives the same verdict, on slow machines too; who looks for new examples runs
# `pytest --hypothesis-profile explore`.
settings.register_profile("house", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("house")

# A background job and `nohup` hand down ignored signals, which well-behaved programs leave ignored.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
