"""How a port is named: scheme, place, and after a comma the link that is spoken there."""

from firmware_model.errors import BadInput
from firmware_model.wire.fob_link import LinkKind

SCHEMES = ("pty", "unix", "tcp", "rfc2217", "serial", "vpcd")
EXPECTED = (
    "pty:PATH, unix:PATH, tcp:HOST:PORT, rfc2217:HOST:PORT, serial:DEVICE[,BAUD] or vpcd:HOST:PORT"
)

_OPTION = ",link="
_CHOICES = (LinkKind.HDLC, LinkKind.CCID)


def split_scheme(address: str) -> tuple[str, str]:
    """Return the scheme and the rest of a port's address, without its link.

    Raises:
        BadInput: unknown scheme, or nothing behind its colon.
    """
    scheme, _, rest = without_link(address).partition(":")
    if scheme not in SCHEMES or not rest:
        raise BadInput(f"invalid address {address!r}: expected {EXPECTED}")
    return scheme, rest


def without_link(address: str) -> str:
    """Return the address without the option `,link=`."""
    return address.partition(_OPTION)[0]


def link_of(address: str) -> LinkKind:
    """Return the link that is spoken at a port: what its address says, HDLC where it does not.

    Raises:
        BadInput: no such link, or not at such a port.
    """
    scheme, _, rest = address.partition(":")
    _, option, name = rest.partition(_OPTION)
    if scheme == LinkKind.VPCD:
        if option:
            raise BadInput(f"{address}: vpcd is a link of its own: leave link= out")
        return LinkKind.VPCD
    if option and name not in _CHOICES:
        choices = " or ".join(f"link={choice}" for choice in _CHOICES)
        raise BadInput(f"{address}: unknown link {name!r}: expected {choices}")
    return LinkKind(name) if option else LinkKind.HDLC
