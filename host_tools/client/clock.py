"""What time a host takes for true: this machine's, or the bench's where time is simulated."""

import time
from decimal import Decimal
from typing import Literal

ClockName = Literal["system", "bench"]


def true_time(clock: ClockName, bench_url: str) -> Decimal:
    """Return seconds since 1970 with decimals, by the clock that the user chose.

    Args:
        clock: "system" for this machine's clock, "bench" for the one at `bench_url`.
        bench_url: the bench's address; not used for "system".

    Raises:
        KeyfobError: the bench cannot be asked.
    """
    if clock == "system":
        return Decimal(time.time_ns()) / 1_000_000_000
    from host_tools.client.bench import BenchClient  # here: this machine's own clock needs none

    with BenchClient(bench_url) as bench:
        return bench.now()
