"""From the spelling of a door to the open door."""

from collections.abc import Awaitable, Callable

from emulator.doors.door import Door, Listener
from emulator.doors.pty import open_pty
from emulator.doors.tcp import TcpDoor, is_loopback, split_address
from emulator.errors import BadSetting

EXPECTED = "pty:PATH or tcp:HOST:PORT was expected"


def split_spelling(spelling: str) -> tuple[str, str]:
    """Return scheme and rest of a door's spelling.

    Raises:
        BadSetting: there is no such door, or nothing behind its colon.
    """
    scheme, _, rest = spelling.partition(":")
    if scheme not in _OPENERS or not rest:
        raise BadSetting(f"{spelling!r} is no door: {EXPECTED}")
    return scheme, rest


def open_to_others(spelling: str) -> bool:
    """Whether other machines can reach this door."""
    scheme, rest = split_spelling(spelling)
    return scheme in NETWORK_SCHEMES and not is_loopback(split_address(rest, spelling)[0])


async def open_door(spelling: str, listener: Listener) -> Door:
    """Open the door `spelling` and let `listener` stand behind it.

    Raises:
        BadSetting: the spelling means no door.
        DoorUnavailable: it cannot be opened.
        InUse: it belongs to a living other.
    """
    scheme, rest = split_spelling(spelling)
    return await _OPENERS[scheme](rest, listener)


async def _open_tcp(address: str, listener: Listener) -> Door:
    door = TcpDoor(listener)
    await door.listen(*split_address(address, f"tcp:{address}"))
    return door


NETWORK_SCHEMES = ("tcp",)
_OPENERS: dict[str, Callable[[str, Listener], Awaitable[Door]]] = {
    "pty": open_pty,
    "tcp": _open_tcp,
}
