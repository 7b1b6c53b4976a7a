"""What holds for every test: programs under test get their signals, however tests are started."""

import signal

# A background job and `nohup` hand down ignored signals, which well-behaved programs leave ignored.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
