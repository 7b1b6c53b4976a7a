"""A process of its own that verifies codes: `worker.py STORE NOW FIRST LAST TOKEN...`.

It goes through the codes FIRST to LAST - 1 of each token and prints token and number of every
code the host accepted, at once, when the host has said so. STORE is a file or a database's URL.
"""

import sys

from host_tools.vault.postgres_address import place_of
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import KEYS, code


def main(store: str, now: str, first: str, last: str, *tokens: str) -> None:
    with Host.open(place_of(store), KEYS) as host:
        _say("ready")
        sys.stdin.readline()
        for token in tokens:
            for factor in range(int(first), int(last)):
                if host.verify([code(factor)], int(now), token=token).accepted:
                    _say(f"{token} {factor}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
