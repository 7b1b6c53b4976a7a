"""The records of a run's seed file: which of them comes next for a fob of a model."""

from collections.abc import Callable, Iterable, Sequence

from host_tools.provisioning.station.schema import JOB
from host_tools.seeds.record import SeedRecord


class RecordsAtHand:
    """Serial numbers in the file's order, and for which model each is ("" = any will do)."""

    def __init__(
        self, records: Sequence[SeedRecord] = (), known_models: Iterable[str] = ()
    ) -> None:
        models = set(known_models)
        self._in_order = [
            (record.serial_number, record.model if record.model in models else "")
            for record in records
        ]
        self._models = {JOB.folded(name): model for name, model in self._in_order}
        self._passed: dict[str, int] = {}

    def __contains__(self, serial_number: str) -> bool:
        """Whether a record has this serial number, in any case of letters."""
        return JOB.folded(serial_number) in self._models

    def model_of(self, serial_number: str) -> str:
        """Return for which model a record is, "" where any will do."""
        return self._models[JOB.folded(serial_number)]

    def next_for(self, model: str, is_free: Callable[[str], bool]) -> str | None:
        """Return the first record for a fob of `model` that is free, None where none is.

        One that is not is never asked about again: seeds that were set aside stay so for a run.
        """
        for place in range(self._passed.get(model, 0), len(self._in_order)):
            serial_number, wanted = self._in_order[place]
            if wanted in ("", model) and is_free(serial_number):
                return serial_number
            self._passed[model] = place + 1
        return None
