"""From the spelling of a door to the open door."""

import resource
from collections.abc import Awaitable, Callable, Iterable

from emulator.doors.door import Door, LineListener
from emulator.doors.pty import open_pty, refuse_too_many_ptys
from emulator.doors.rfc2217 import Rfc2217Door
from emulator.doors.tcp import TcpDoor, is_loopback, split_address
from emulator.doors.uart import open_uart
from firmware_model.errors import BadInput, PortUnavailable

FILES_A_DOOR = {"pty": 2}
FILES_OF_OUR_OWN = 100
"""Open files besides the doors: the store, controllers of the bench, hosts."""

EXPECTED = "pty:PATH, tcp:HOST:PORT, rfc2217:HOST:PORT or serial:DEVICE was expected"


def split_spelling(spelling: str) -> tuple[str, str]:
    """Return scheme and rest of a door's spelling.

    Raises:
        BadInput: there is no such door, or nothing behind its colon.
    """
    scheme, _, rest = spelling.partition(":")
    if scheme not in _OPENERS or not rest:
        raise BadInput(f"{spelling!r} is no door: {EXPECTED}")
    return scheme, rest


def open_to_others(spelling: str) -> bool:
    """Whether other machines can reach this door."""
    scheme, rest = split_spelling(spelling)
    return scheme in NETWORK_SCHEMES and not is_loopback(split_address(rest, spelling)[0])


def check_supply(spellings: Iterable[str]) -> None:
    """Refuse at once what the machine cannot give, instead of at the last of 4,000 doors.

    Raises:
        PortUnavailable: more doors than the kernel or this process may have open.
    """
    wanted = [split_spelling(spelling)[0] for spelling in spellings]
    refuse_too_many_ptys(wanted.count("pty"))
    files = sum(FILES_A_DOOR.get(scheme, 1) for scheme in wanted) + FILES_OF_OUR_OWN
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files <= allowed:
        return
    if most != resource.RLIM_INFINITY and files > most:
        raise PortUnavailable(
            f"{len(wanted)} doors need {files} open files and this process may have {most}:"
            " hang the fobs on one line (a port without {n})"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))


async def open_door(spelling: str, listener: LineListener) -> Door:
    """Open the door `spelling` and let `listener` stand behind it.

    Raises:
        BadInput: the spelling means no door.
        PortUnavailable: it cannot be opened.
        InUse: it belongs to a living other.
    """
    scheme, rest = split_spelling(spelling)
    return await _OPENERS[scheme](rest, listener)


async def _open_tcp(address: str, listener: LineListener) -> Door:
    door = TcpDoor(listener)
    await door.listen(*split_address(address, f"tcp:{address}"))
    return door


async def _open_rfc2217(address: str, listener: LineListener) -> Door:
    door = Rfc2217Door(listener)
    await door.listen(*split_address(address, f"rfc2217:{address}"))
    return door


NETWORK_SCHEMES = ("tcp", "rfc2217")
_OPENERS: dict[str, Callable[[str, LineListener], Awaitable[Door]]] = {
    "pty": open_pty,
    "tcp": _open_tcp,
    "rfc2217": _open_rfc2217,
    "serial": open_uart,
}
