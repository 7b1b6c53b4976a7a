"""Whether two addresses name one port: as the emulator announced it, and as a host writes it."""

import os

from emulator.ports.tcp import is_loopback

NETWORK = ("tcp", "socket", "rfc2217")
PATHS = ("pty", "serial", "unix")


def is_same_port(announced: str, named: str) -> bool:
    """Return whether `named` (such as `/dev/pts/4`, `socket://localhost:7000`) is `announced`.

    Options after a comma are ignored, links are followed, and all names of this machine count
    as one. A relative path is looked up from this process's own folder.
    """
    ours, theirs = (_place(address) for address in (announced, named))
    return theirs is not None and ours == theirs


def _place(address: str) -> tuple[str, str] | None:
    kind, colon, rest = address.partition(":")
    kind = kind.lower()
    rest = rest.partition(",")[0]
    if colon and kind in NETWORK:
        host, separator, number = rest.removeprefix("//").partition("?")[0].rpartition(":")
        host = host.strip("[]")
        return (("" if is_loopback(host) else host), number) if separator else None
    if colon and kind not in PATHS:
        return None
    return ("path", os.path.realpath(rest if colon else address.partition(",")[0]))
