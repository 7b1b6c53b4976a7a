"""What a run of the station works with, the same at every fob."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from firmware_model.errors import BadInput
from host_tools.ceremony.key_file import describe
from host_tools.client.keys import FobKeys
from host_tools.provisioning.station.clock import WatchedClock
from host_tools.provisioning.station.matching import MatchRule
from host_tools.seeds.record import SeedRecord


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """Under which keys fobs come, and under which they leave.

    Without `device` a fob keeps the keys it came with, which is for test keys only.
    """

    transport: FobKeys
    device: FobKeys | None

    def __post_init__(self) -> None:
        if self.device is None and not self.transport.are_public:
            raise BadInput("the key file lacks [device]: the keys under which fobs leave")

    @property
    def are_test_keys(self) -> bool:
        """Whether anybody could read what goes into a fob: seeds, or the new keys themselves."""
        return self.transport.are_public

    @property
    def final(self) -> FobKeys:
        """The keys under which identity and seed are written."""
        return self.device or self.transport

    def of_version(self, version: int) -> FobKeys | None:
        """Return the set that a fob with this key version has, None where it has neither."""
        if self.device is not None and version == self.device.version:
            return self.device
        if self.transport.version == version:
            return self.transport
        return None if self.transport.version else replace(self.transport, version=version)

    def __str__(self) -> str:
        return describe(self.final)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDesk:
    """One run: the seed file's records in order, keys, rule and clock."""

    records: tuple[SeedRecord, ...] = field(repr=False)
    keys: KeyPlan
    rule: MatchRule
    clock: WatchedClock

    def by_serial(self) -> Mapping[str, SeedRecord]:
        """Return the records by serial number in small letters."""
        return {record.serial_number.casefold(): record for record in self.records}

    def serial_at(self, position: int) -> str | None:
        """Return the serial number of the n-th record (from 1), None beyond the last."""
        if not 1 <= position <= len(self.records):
            return None
        return self.records[position - 1].serial_number
