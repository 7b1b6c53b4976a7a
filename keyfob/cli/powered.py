"""A fob's port, opened only where the bench does not know that the fob has no power."""

from collections.abc import Sequence

from firmware_model.errors import KeyfobError, NoAnswer
from host_tools.client.bench import BenchClient
from host_tools.client.session import TokenSession, open_session

GREETING_SECONDS = 0.5
"""A bench that takes longer to greet is not asked: the line's own time-outs say enough."""

LISTED_MAX = 10


def open_powered_session(port: str, address: int, bench: str) -> TokenSession:
    """Return `open_session(port, address)`; a cut fob is reported without the line's time-outs.

    Args:
        port: the fob's port.
        address: its HDLC address, 0 for whichever is there.
        bench: the address of a bench that may have this fob; one that does not answer is ignored.

    Raises:
        NoAnswer: the bench has the fob, and the fob has no power.
        KeyfobError: as `open_session`.
    """
    channel = _cut_channel(port, address, bench)
    if channel is not None:
        raise no_power([channel], bench)
    return open_session(port, address)


def _cut_channel(port: str, address: int, bench: str) -> int | None:
    """Return the channel of this fob on the bench if it has no power, else None."""
    try:
        with BenchClient(bench, greeting_seconds=GREETING_SECONDS) as client:
            channel = client.channel_at(port, address)
            return None if channel is None or client.has_power(channel) else channel
    except KeyfobError:  # no bench, or somebody else's: the fob may be a real one
        return None


def no_power(channels: Sequence[int], bench: str) -> NoAnswer:
    """Return the error for fobs whose supply is cut or empty."""
    listed = ", ".join(map(str, channels[:LISTED_MAX]))
    more = f" and {len(channels) - LISTED_MAX} more" if len(channels) > LISTED_MAX else ""
    return NoAnswer(
        f"no power in fob {listed}{more} (bench {bench}): keyfob look says why;"
        " keyfob power restore puts a cell back"
    )
