"""What a server over HTTP is started with; it crosses to worker processes as JSON."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from host_tools.client.clock import ClockName, true_time
from host_tools.vault.anchor import FileAnchor
from host_tools.vault.key_ring import KeyRing, read_key_file
from host_tools.vault.postgres_address import place_of
from host_tools.verification.host import Host

VARIABLE = "KEYFOB_HTTP_SETTINGS"
"""Where a worker process finds them; no secret is among them."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where store, keys and access tokens are, and what one client may ask.

    `key_variable` names the environment variable that has the key, "" where a file has it. `rate`
    is requests a second for one access token, 0 = no limit.
    """

    store: str
    key_file: str
    key_variable: str
    access_file: str
    anchor_file: str | None = None
    clock: ClockName = "system"
    bench: str = ""
    rate: float = 1000.0

    def to_json(self) -> str:
        """Return them as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the settings of `to_json`."""
        return cls(**json.loads(text))

    def open_host(self) -> Host:
        """Open the host; raises KeyfobError as `Host.open`."""
        anchor = None if self.anchor_file is None else FileAnchor(Path(self.anchor_file))
        return Host.open(place_of(self.store), self.keys(), anchor)

    def now_seconds(self) -> int:
        """Return Unix time by the clock that was chosen."""
        return int(true_time(self.clock, self.bench))

    def keys(self) -> KeyRing:
        """Return the store's keys; raises BadInput."""
        if self.key_variable:
            return KeyRing.parse(os.environ[self.key_variable], self.key_variable)
        return read_key_file(Path(self.key_file))
