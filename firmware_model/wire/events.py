"""The events that both ends of the link report to the layers above and below.

They are values that nobody changes. Those that each frame makes are not frozen: that would treble
what making one costs (PERFORMANCE §2).
"""

from dataclasses import dataclass, field


@dataclass(slots=True, unsafe_hash=True)
class Send:
    """Bytes for the line: one frame."""

    data: bytes = field(repr=False)


@dataclass(slots=True, unsafe_hash=True)
class Indication:
    """A whole message of the peer's, put together where it came in segments."""

    information: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """The mode is set. Whatever a connection before knew is void: channel, selection."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is over, by DISC, DM or silence."""
