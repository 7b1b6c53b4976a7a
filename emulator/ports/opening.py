"""Opening a port by its address."""

import resource
from collections.abc import Awaitable, Callable, Collection, Iterable

from emulator.ports.address import link_of, split_scheme
from emulator.ports.port import EmulatedPort, PortListener
from emulator.ports.pty import open_pty, refuse_too_many_ptys
from emulator.ports.rfc2217 import Rfc2217Port
from emulator.ports.tcp import TcpPort, is_loopback, split_host_port
from emulator.ports.uart import open_uart
from emulator.ports.unix import UnixPort
from emulator.ports.vpcd import VpcdPort
from firmware_model.errors import BadInput, PortUnavailable
from firmware_model.wire.fob_link import LinkKind

FILES_A_PORT = {"pty": 2}
FILES_OF_OUR_OWN = 100
"""Open files besides the ports: store, controllers of the bench, hosts."""


def is_open_to_network(address: str) -> bool:
    """Return whether other machines can reach this port."""
    scheme, rest = split_scheme(address)
    return scheme in NETWORK_SCHEMES and not is_loopback(split_host_port(rest, address)[0])


def check_limits(addresses: Iterable[str]) -> None:
    """Refuse at once more ports than this machine can open, instead of failing at the last one.

    Raises:
        PortUnavailable: more ports than the kernel or this process may have open.
    """
    wanted = [split_scheme(address)[0] for address in addresses]
    refuse_too_many_ptys(wanted.count("pty"))
    files = sum(FILES_A_PORT.get(scheme, 1) for scheme in wanted) + FILES_OF_OUR_OWN
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files <= allowed:
        return
    if most != resource.RLIM_INFINITY and files > most:
        raise PortUnavailable(
            f"{len(wanted)} ports need {files} open files and this process may have {most}:"
            " put the fobs on one line (a port without {n})"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))


async def open_port(
    address: str, listener: PortListener, allowed_uids: Collection[int] = ()
) -> EmulatedPort:
    """Open the port `address`; `listener` gets what happens at it.

    `allowed_uids` are users besides our own that may connect to a Unix socket.

    Raises:
        BadInput: the address is invalid.
        PortUnavailable: it cannot be opened.
        InUse: another process holds it.
    """
    scheme, rest = split_scheme(address)
    link = link_of(address)
    port: EmulatedPort
    if scheme == "unix":
        port = unix = UnixPort(listener, allowed_uids)
        await unix.listen_at(rest)
    else:
        port = await _OPENERS[scheme](rest, listener)
    if link is LinkKind.CCID:
        port.address += f",link={link}"
    return port


async def _open_tcp(address: str, listener: PortListener) -> EmulatedPort:
    port = TcpPort(listener)
    await port.listen(*split_host_port(address, f"tcp:{address}"))
    return port


async def _open_rfc2217(address: str, listener: PortListener) -> EmulatedPort:
    port = Rfc2217Port(listener)
    await port.listen(*split_host_port(address, f"rfc2217:{address}"))
    return port


async def _open_vpcd(address: str, listener: PortListener) -> EmulatedPort:
    host, port = split_host_port(address, f"vpcd:{address}")
    if not port:
        raise BadInput(f"invalid address 'vpcd:{address}': expected the port of the reader")
    return VpcdPort(host, port, f"vpcd:{address}", listener)


NETWORK_SCHEMES = ("tcp", "rfc2217")
_OPENERS: dict[str, Callable[[str, PortListener], Awaitable[EmulatedPort]]] = {
    "pty": open_pty,
    "tcp": _open_tcp,
    "rfc2217": _open_rfc2217,
    "serial": open_uart,
    "vpcd": _open_vpcd,
}
